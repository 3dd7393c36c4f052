package cardlab.vm.link;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which instructions of loaded packages were executed, and where branches led. All cards with the same API packages add to
 * it, in any thread; places are those in the Method component's info.
 */
public final class Coverage {
    /** The place of the branch before an instruction, when there was none. */
    public static final int NO_BRANCH = -1;

    private static final int PLACE = 16;
    private static final boolean[] BRANCHES = branches();

    /** What is known of one package. */
    public static final class Visits {
        private final LoadedPackage home;
        private final boolean[] seen;
        private final int[] latest;
        private final Set<Integer> ways = ConcurrentHashMap.newKeySet();

        Visits(LoadedPackage home) {
            this.home = home;
            seen = new boolean[home.code.length];
            latest = new int[home.code.length];
        }

        /** What is kept of the load file data block. */
        public byte[] kept() {
            return home.kept();
        }

        /** Places of instructions that were executed. */
        public int[] seen() {
            return java.util.stream.IntStream.range(0, seen.length).filter(at -> seen[at]).toArray();
        }

        /** Of each branch that was executed its place and, in the lower 16 bits, where it led. */
        public int[] ways() {
            return ways.stream().mapToInt(Integer::intValue).sorted().toArray();
        }

        private void went(int from, int to) {
            if (latest[from] != to) {
                latest[from] = to;
                ways.add(from << PLACE | to);
            }
        }
    }

    private final Map<LoadedPackage, Visits> packages = new IdentityHashMap<>();
    private volatile Visits last;
    private volatile boolean isOn;

    /** From now on cards that are made, or copied, add to it, and translate nothing; or do not. */
    public void keep(boolean wanted) {
        isOn = wanted;
    }

    /** Nothing was executed. */
    public synchronized void forget() {
        packages.clear();
        last = null;
    }

    public boolean isOn() {
        return isOn;
    }

    /** An instruction is about to be executed, after the branch at {@code branch}; returns its place if it is a branch. */
    public int executed(Method method, int at, int opcode, int branch) {
        Visits here = of(method.home);
        here.seen[at] = true;
        if (branch != NO_BRANCH) {
            here.went(branch, at);
        }
        return BRANCHES[opcode] ? at : NO_BRANCH;
    }

    /** What is known of each package. */
    public synchronized List<Visits> visits() {
        return new ArrayList<>(packages.values());
    }

    private Visits of(LoadedPackage home) {
        Visits known = last;
        if (known == null || known.home != home) {
            known = find(home);
            last = known;
        }
        return known;
    }

    private synchronized Visits find(LoadedPackage home) {
        return packages.computeIfAbsent(home, Visits::new);
    }

    /** Instructions with more than one way on that is no exception (JCVM 3.0.5, 7.5). */
    private static boolean[] branches() {
        boolean[] found = new boolean[256];
        for (Opcode one : Opcode.values()) {
            found[one.ordinal()] = one.name().startsWith("IF") || one.name().endsWith("SWITCH");
        }
        return found;
    }
}
