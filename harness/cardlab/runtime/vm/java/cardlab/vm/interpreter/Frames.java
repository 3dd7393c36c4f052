package cardlab.vm.interpreter;

import java.util.Arrays;

/** The frames in use, the first at the bottom. */
final class Frames {
    private static final int MOST = 1024;

    private Frame[] frames = {};
    private int depth;

    int depth() {
        return depth;
    }

    boolean hasRoom() {
        return depth < MOST;
    }

    Frame get(int level) {
        return frames[level];
    }

    Frame top() {
        return frames[depth - 1];
    }

    Frame push() {
        if (depth == frames.length) {
            frames = Arrays.copyOf(frames, depth + 16);
            for (int i = depth; i < frames.length; i++) {
                frames[i] = new Frame();
            }
        }
        return frames[depth++];
    }

    Frame pop() {
        return frames[--depth];
    }

    void cut(int newDepth) {
        depth = newDepth;
    }

    void clear() {
        depth = 0;
    }

    /** The owner of the nearest frame below the top whose context is another one; 0 when there is none. */
    int previousOwner(int context) {
        for (int level = depth - 1; level >= 0; level--) {
            if (frames[level].context != context) {
                return frames[level].owner;
            }
            if (frames[level].isFirst && frames[level].caller != context) {
                return frames[level].callerOwner;
            }
        }
        return 0;
    }
}
