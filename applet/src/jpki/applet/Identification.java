package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.Util;

/** What tells this applet from others and from itself installed otherwise, for whoever evaluated one of them. */
final class Identification {

    /** Version of the applet, which is that of its package too: one byte each for major and minor. */
    private static final short VERSION = 0x0101;

    private final Profile profile;

    Identification(Profile profile) {
        this.profile = profile;
    }

    void send(APDU apdu) {
        Transfer.receiveNothing(apdu);
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, (short) 0x8002);
        Util.setShort(buffer, (short) 2, VERSION);
        Util.setShort(buffer, (short) 4, (short) 0x8101);
        buffer[6] = profile.value();
        Util.setShort(buffer, (short) 7, (short) 0x8201);
        buffer[9] = profile.contactMedium();
        Transfer.send(apdu, (short) 10);
    }
}
