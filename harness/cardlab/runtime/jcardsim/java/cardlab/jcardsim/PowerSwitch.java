package cardlab.jcardsim;

import java.util.function.Supplier;

/** Cuts a card's power at a chosen moment, and knows whether there is power. */
final class PowerSwitch {
    private int cutAt;
    private int opportunities;
    private boolean off;
    private Transaction stateAtCut;

    /** Cut at the n-th opportunity from now; 0 leaves the power on. */
    void cutAt(int opportunity) {
        cutAt = opportunity;
    }

    /** Count from the beginning. */
    void beginCall() {
        opportunities = 0;
    }

    /** Opportunities since the call began, the one that was taken included. */
    int opportunities() {
        return opportunities;
    }

    /** Whether the power will be cut, or was. */
    boolean isDue() {
        return cutAt != 0;
    }

    boolean isOff() {
        return off;
    }

    void requireOn() {
        if (off) {
            throw new CardTorn();
        }
    }

    /** An opportunity; {@code snapshot} tells the state of the card, or null when a transaction knows the way back. */
    void mayFail(Supplier<Transaction> snapshot) {
        if (off) {
            throw new PowerCut();
        }
        opportunities++;
        if (opportunities == cutAt) {
            off = true;
            stateAtCut = snapshot.get();
            throw new PowerCut();
        }
    }

    /** Undo what applet code did after the cut, in its finally blocks: on a card it did not run. */
    void undoAfterCut(TransientStore transients) {
        if (stateAtCut != null) {
            stateAtCut.undo(transients);
            stateAtCut = null;
        }
    }

    /** Everything since an earlier moment is about to be undone, so the moment of the cut does not matter. */
    void forgetCut() {
        stateAtCut = null;
    }

    void restore() {
        off = false;
        stateAtCut = null;
        cutAt(0);
    }
}
