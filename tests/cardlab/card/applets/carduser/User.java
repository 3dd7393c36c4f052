package carduser;

import cardlib.Tally;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.Util;

/** Uses a library: each command answers with the tally. */
public class User extends Applet {
    private final Tally tally = Tally.make();
    private final Own own = new Own();

    static class Own extends Tally {
        short twice() {
            return (short) (2 * next() + total);
        }
    }

    public static void install(byte[] array, short offset, byte length) {
        new User().register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, tally.next());
        Util.setShort(buffer, (short) 2, own.twice());
        Util.setShort(buffer, (short) 4, Tally.step);
        apdu.setOutgoingAndSend((short) 0, (short) 6);
    }
}
