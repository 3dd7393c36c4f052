package jpki.applet;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import org.globalplatform.GPSystem;

/**
 * What happens when two things differ that are the same in every undisturbed command: somebody disturbs the card. Nothing
 * is done, all sessions end, and the attack is counted (docs/reference/applet.md, How decisions are made).
 */
final class Alarm {

    /** From so many on the applet serves nobody but the TSM. */
    static final byte END = 32;

    private KeySlot signing;
    private KeySlot authentication;
    private byte attacks;

    /** Whose sessions end; for the installation only. */
    void protect(KeySlot signing, KeySlot authentication) {
        this.signing = signing;
        this.authentication = authentication;
    }

    byte attacks() {
        return attacks;
    }

    boolean isAtEnd() {
        return attacks >= END;
    }

    /** What was attacked is gone by this right. */
    void forget(Right right) {
        right.confirm();
        attacks = 0;
    }

    /** 6600, and the transaction in progress is none. */
    void raise() {
        if (JCSystem.getTransactionDepth() != 0) {
            JCSystem.abortTransaction();
        }
        if (attacks < END) {
            attacks++;
        }
        signing.endSession();
        authentication.endSession();
        endSecureChannel();
        ISOException.throwIt(Iso.SW_ATTACK);
    }

    static void endSecureChannel() {
        try {
            GPSystem.getSecureChannel().resetSecurity();
        } catch (RuntimeException ended) {
            // The domain gives no session to an applet whose logical channel is closed from another one, nor keeps one.
        }
    }

    void same(short one, short other) {
        if (one != other) {
            raise();
        }
    }

    void same(Object one, Object other) {
        if (one != other) {
            raise();
        }
    }

    void require(boolean right) {
        if (!right) {
            raise();
        }
    }

    /** Ends a transaction for certain: what comes behind it would else be given for a change that is undone. */
    void commit() {
        JCSystem.commitTransaction();
        confirmCommitted();
    }

    /** Before what cannot be undone is done, such as overwriting. */
    void confirmCommitted() {
        same(JCSystem.getTransactionDepth(), (byte) 0);
    }
}
