package servicetest;

import javacard.framework.APDU;
import javacard.framework.service.BasicService;

/** Refuses every command that it is asked about. */
final class Refusing extends BasicService {
    public boolean processCommand(APDU apdu) {
        return fail(apdu, (short) 0x6A88);
    }
}
