package cardlab.jcardsim;

import javacard.framework.AID;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import org.globalplatform.GPRegistryEntry;

/** An applet's view of a registry entry; every question goes to the card manager at that moment. */
public final class RegistryEntry implements GPRegistryEntry {
    private final AID aid;

    public RegistryEntry(AID aid) {
        this.aid = aid;
    }

    @Override
    public AID getAID() {
        return aid;
    }

    @Override
    public short getPrivileges(byte[] baBuffer, short sOffset) throws ArrayIndexOutOfBoundsException {
        byte[] privileges = privileges();
        System.arraycopy(privileges, 0, baBuffer, sOffset, privileges.length);
        return (short) (sOffset + privileges.length);
    }

    private byte[] privileges() {
        return GlobalPlatform.call(GlobalPlatform.GET_PRIVILEGES, GlobalPlatform.bytes(aid));
    }

    @Override
    public byte getState() {
        return GlobalPlatform.byteOf(GlobalPlatform.GET_APPLICATION_STATE, GlobalPlatform.bytes(aid));
    }

    /** Only the caller's own state can be set on this card. */
    @Override
    public boolean setState(byte bState) {
        return aid.equals(GlobalPlatform.ownAid())
                && GlobalPlatform.done(GlobalPlatform.SET_APPLICATION_STATE, bState);
    }

    @Override
    public boolean isPrivileged(byte bPrivilege) {
        byte[] privileges = privileges();
        return bPrivilege >= 0 && bPrivilege < 8 * privileges.length
                && (privileges[bPrivilege / 8] & 0x80 >> bPrivilege % 8) != 0;
    }

    /** False: the card manager does not tell applets which security domain another application has. */
    @Override
    public boolean isAssociated(AID sdAID) {
        return false;
    }

    @Override
    public void registerService(short sServiceName) throws ISOException {
        ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
    }

    @Override
    public void deregisterService(short sServiceName) throws ISOException {
        ISOException.throwIt(ISO7816.SW_FUNC_NOT_SUPPORTED);
    }
}
