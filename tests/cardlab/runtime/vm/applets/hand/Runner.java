package hand;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.Util;

/** Runs Hand.run() on arguments from a command, and answers the result and what the arrays hold then. */
public class Runner extends Applet {
    private static final short LENGTH = 4;

    private final byte[] bytes = new byte[LENGTH];
    private final short[] shorts = new short[LENGTH];

    public static void install(byte[] array, short offset, byte length) {
        new Runner().register();
    }

    @Override
    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        apdu.setIncomingAndReceive();
        short at = ISO7816.OFFSET_CDATA + 5;
        Util.arrayCopy(buffer, at, bytes, (short) 0, LENGTH);
        for (short i = 0; i < LENGTH; i++) {
            shorts[i] = Util.getShort(buffer, (short) (at + LENGTH + 2 * i));
        }
        short result = 0;
        byte failed = 0;
        try {
            result = Hand.run(Util.getShort(buffer, ISO7816.OFFSET_CDATA),
                    Util.getShort(buffer, (short) (ISO7816.OFFSET_CDATA + 2)), buffer[ISO7816.OFFSET_CDATA + 4], bytes, shorts);
        } catch (ArithmeticException error) {
            failed = 1;
        }
        buffer[0] = failed;
        Util.setShort(buffer, (short) 1, result);
        Util.arrayCopyNonAtomic(bytes, (short) 0, buffer, (short) 3, LENGTH);
        for (short i = 0; i < LENGTH; i++) {
            Util.setShort(buffer, (short) (3 + LENGTH + 2 * i), shorts[i]);
        }
        apdu.setOutgoingAndSend((short) 0, (short) (3 + 3 * LENGTH));
    }
}
