package jpki.applet;

import javacard.framework.ISOException;
import javacard.framework.JCSystem;

/**
 * A right to do something, decided twice on different data (docs/reference/applet.md, How decisions are made).
 *
 * <p>A command requires it before its work, has it confirmed before it changes something or uses a key, and once more
 * before a signature leaves the card. Who has no right is refused; where the decisions differ, there is an attack.
 */
abstract class Right {

    /** What {@link #first} says of a right that there is, and {@link #second}; anything else means that there is none. */
    static final short YES = 0x5AA5;
    static final short ALSO = (short) 0xC639;
    static final short NO = 0;

    final Alarm alarm;

    Right(Alarm alarm) {
        this.alarm = alarm;
    }

    abstract short first();

    /** The same, found out from other data. */
    abstract short second();

    /** Before the work: who has none is refused. */
    final void require(short statusWord) {
        if (first() != YES) {
            ISOException.throwIt(statusWord);
        }
    }

    /** Behind {@link #require}, where no command that was not disturbed comes without the right. */
    final void confirm() {
        alarm.same(second(), ALSO);
    }

    /** Begins the transaction in which the right is used. */
    final void begin() {
        confirm();
        JCSystem.beginTransaction();
    }
}
