package cardlabsafe;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;
import javacard.framework.OwnerPIN;
import javacard.framework.Shareable;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;

/** Holds secrets in every kind of memory and tells nobody; INS 02 with 16 bytes sets them. */
public class Safe extends Applet implements Door, MultiSelectable {
    private static final byte SET = 2;
    private static final short LENGTH = 16;
    private static byte[] shared;
    private static short number;

    private final byte[] kept = new byte[LENGTH];
    private final short[] wide = new short[LENGTH];
    private final Object[] held = new Object[2];
    private final byte[] untilReset = JCSystem.makeTransientByteArray(LENGTH, JCSystem.CLEAR_ON_RESET);
    private final OwnerPIN pin = new OwnerPIN((byte) 3, (byte) LENGTH);
    private final AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);
    private byte[] untilDeselection;
    private short field;

    public static void install(byte[] array, short offset, byte length) {
        new Safe().register();
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        if (buffer[1] != SET || apdu.setIncomingAndReceive() != LENGTH) {
            ISOException.throwIt((short) 0x6D00);
        }
        fill(buffer);
        Util.arrayFillNonAtomic(buffer, (short) 0, (short) buffer.length, (byte) 0);
    }

    private void fill(byte[] buffer) {
        if (untilDeselection == null) {
            untilDeselection = JCSystem.makeTransientByteArray(LENGTH, JCSystem.CLEAR_ON_DESELECT);
            shared = new byte[LENGTH];
            held[0] = new byte[LENGTH];
            held[1] = kept;
        }
        copy(buffer, kept);
        copy(buffer, untilReset);
        copy(buffer, untilDeselection);
        copy(buffer, shared);
        copy(buffer, (byte[]) held[0]);
        for (short i = 0; i < LENGTH; i++) {
            wide[i] = Util.getShort(buffer, (short) (i + 4));
        }
        field = Util.getShort(buffer, (short) 5);
        number = (short) (field ^ Util.getShort(buffer, (short) 9) ^ number & 1);
        key.setKey(buffer, (short) 5);
        pin.update(buffer, (short) 5, (byte) LENGTH);
    }

    private static void copy(byte[] buffer, byte[] to) {
        Util.arrayCopyNonAtomic(buffer, (short) 5, to, (short) 0, LENGTH);
    }

    @Override
    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        return this;
    }

    @Override
    public short count(byte[] array, short length) {
        short count = 0;
        for (short i = 0; i < length; i++) {
            if (array[i] != 0) {
                count++;
            }
        }
        return count;
    }

    @Override
    public Door again() {
        return this;
    }

    @Override
    public boolean select(boolean already) {
        return true;
    }

    @Override
    public void deselect(boolean still) {
        // nothing to do
    }
}
