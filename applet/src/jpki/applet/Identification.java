package jpki.applet;

import javacard.framework.APDU;
import javacard.framework.Util;

/**
 * What tells this applet from others and from itself installed otherwise, for whoever evaluated one of them. An applet
 * cannot see its load file; the installer, who had the card manager check its hash, says the hash once more to it.
 */
final class Identification {

    /** Version of the applet, which is that of its package too: one byte each for major and minor. */
    private static final short VERSION = 0x0101;

    static final short HASH_LENGTH = 32;

    private final Profile profile;
    /** SHA-256 of the load file data block, as the installer gave it; null when it was not. */
    private byte[] hash;

    /** @param parameters the value of tag C9, which {@code profile} has checked: the hash are the last bytes of three */
    Identification(Profile profile, byte[] parameters, short offset, short length) {
        this.profile = profile;
        if (length > HASH_LENGTH) {
            hash = new byte[HASH_LENGTH];
            Util.arrayCopyNonAtomic(parameters, (short) (offset + length - HASH_LENGTH), hash, (short) 0, HASH_LENGTH);
        }
    }

    void send(APDU apdu) {
        Transfer.receiveNothing(apdu);
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, (short) 0x8002);
        Util.setShort(buffer, (short) 2, VERSION);
        Util.setShort(buffer, (short) 4, (short) 0x8101);
        buffer[6] = profile.value;
        Util.setShort(buffer, (short) 7, (short) 0x8201);
        buffer[9] = profile.contactMedium;
        short end = 10;
        if (hash != null) {
            Util.setShort(buffer, end, (short) (0x8300 | HASH_LENGTH));
            end = Util.arrayCopyNonAtomic(hash, (short) 0, buffer, (short) (end + 2), HASH_LENGTH);
        }
        Transfer.send(apdu, end);
    }
}
