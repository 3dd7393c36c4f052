package vmtest;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;

/** What class files hide and a card shows; INS says what. Install data: 1 loops, 2 leaves a transaction open, 3 throws. */
public class Table extends Applet {
    private static Object kept;
    private static byte[] stat = {1, 2, 3};
    private final byte[] large = new byte[16000];
    private final byte[] small = new byte[32];
    private Object made;
    private final Object[] volatileOnes = JCSystem.makeTransientObjectArray((short) 2, JCSystem.CLEAR_ON_RESET);
    private final byte[] reset = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_RESET);
    private final byte[] deselect = JCSystem.makeTransientByteArray((short) 4, JCSystem.CLEAR_ON_DESELECT);
    private final short[] shorts = new short[4];
    private byte reselected;
    private short selections;
    private final OwnerPIN pin = new OwnerPIN((byte) 3, (byte) 8);

    public static void install(byte[] array, short offset, byte length) {
        short data = (short) (offset + length - 1);
        Table table = new Table();
        table.made = new byte[array[(short) (data + 1)] + 1];
        if (array[data] == 1) {
            while (true) {
                table.selections++;
            }
        }
        if (array[data] == 2) {
            JCSystem.beginTransaction();
        }
        if (array[data] == 3) {
            kept = table;
            Util.getShort(array, (short) 2000);
        }
        if (array[data] == 4) {
            table.register(array, (short) (offset + 1), array[offset]);
        } else {
            table.register();
        }
        if (array[data] == 5) {
            table.register();
        }
    }

    @Override
    public boolean select() {
        reselected = (byte) (reSelectingApplet() ? 1 : 0);
        selections++;
        return true;
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            buffer[0] = reselected;
            apdu.setOutgoingAndSend((short) 0, (short) 1);
            return;
        }
        short answer = 0;
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                made = buffer;
                break;
            case 0x02:
                for (short i = 0; i < 200; i++) {
                    made = new byte[16000];
                    small[0]++;
                }
                break;
            case 0x03:
                JCSystem.beginTransaction();
                for (short i = 0; i < 16000; i++) {
                    large[i] = 1;
                    small[1] = 1;
                }
                JCSystem.commitTransaction();
                break;
            case 0x04:
                JCSystem.beginTransaction();
                Util.arrayFillNonAtomic(small, (short) 4, (short) 4, (byte) 9);
                small[8] = 9;
                Util.arrayCopy(small, (short) 4, small, (short) 12, (short) 2);
                JCSystem.abortTransaction();
                answer = (short) (small[4] * 100 + small[8] * 10 + small[12]);
                break;
            case 0x05:
                Object local = null;
                JCSystem.beginTransaction();
                local = new byte[5];
                made = local;
                volatileOnes[0] = local;
                kept = local;
                JCSystem.abortTransaction();
                answer = (short) ((local == null ? 1 : 0) + (made == null ? 2 : 0) + (volatileOnes[0] == null ? 4 : 0)
                        + (kept == null ? 8 : 0));
                break;
            case 0x06:
                JCSystem.beginTransaction();
                small[9] = 7;
                break;
            case 0x07:
                JCSystem.getAvailableMemory(shorts, (short) 1, JCSystem.MEMORY_TYPE_PERSISTENT);
                Util.setShort(buffer, (short) 0, shorts[1]);
                Util.setShort(buffer, (short) 2, shorts[2]);
                apdu.setOutgoingAndSend((short) 0, (short) 4);
                return;
            case 0x08:
                answer = small[buffer[2]];
                break;
            case 0x09:
                reset[0] = 5;
                deselect[0] = 6;
                break;
            case 0x0A:
                answer = (short) (reset[0] * 16 + deselect[0]);
                break;
            case 0x0B:
                JCSystem.beginTransaction();
                JCSystem.beginTransaction();
                break;
            case 0x0C:
                pin.update(small, (short) 0, (byte) 4);
                break;
            case 0x0D:
                if (buffer[2] == 1) {
                    JCSystem.beginTransaction();
                }
                answer = (short) (pin.check(buffer, ISO7816.OFFSET_CDATA, buffer[ISO7816.OFFSET_LC]) ? 1 : 0);
                if (buffer[2] == 1) {
                    JCSystem.abortTransaction();
                }
                answer = (short) (answer * 16 + pin.getTriesRemaining() + (pin.isValidated() ? 0x100 : 0));
                break;
            case 0x0E:
                JCSystem.beginTransaction();
                pin.resetAndUnblock();
                pin.check(buffer, ISO7816.OFFSET_CDATA, buffer[ISO7816.OFFSET_LC]);
                JCSystem.abortTransaction();
                answer = pin.getTriesRemaining();
                break;
            case 0x0F:
                pin.check(small, (short) 30, (byte) 5);
                break;
            case 0x10:
                answer = pin.getTriesRemaining();
                break;
            case 0x11:
                made = null;
                kept = null;
                volatileOnes[0] = null;
                JCSystem.requestObjectDeletion();
                break;
            case 0x12:
                AID aid = JCSystem.getAID();
                answer = (short) (aid.equals(JCSystem.lookupAID(buffer, ISO7816.OFFSET_CDATA, buffer[ISO7816.OFFSET_LC])) ? 1 : 0);
                made = aid;
                break;
            case 0x13:
                JCSystem.beginTransaction();
                answer = JCSystem.getUnusedCommitCapacity();
                small[20]++;
                answer -= JCSystem.getUnusedCommitCapacity();
                JCSystem.abortTransaction();
                break;
            case 0x14:
                answer = (short) (JCSystem.isTransient(reset) * 100 + JCSystem.isTransient(deselect) * 10
                        + JCSystem.isTransient(small));
                break;
            case 0x15:
                stat[0] += 1;
                answer = stat[0];
                break;
            case 0x16:
                JCSystem.beginTransaction();
                small[10]++;
                shorts[0]++;
                stat[1]++;
                Util.arrayFillNonAtomic(large, (short) 0, (short) 3, buffer[2]);
                made = new byte[3];
                JCSystem.commitTransaction();
                break;
            case 0x17:
                made = JCSystem.makeTransientByteArray((short) 30000, JCSystem.CLEAR_ON_RESET);
                break;
            case 0x18:
                apdu.setOutgoingAndSend((short) 0, (short) 400);
                break;
            case 0x19:
                answer = (short) (made == null ? 0 : ((byte[]) made).length);
                break;
            case 0x1A:
                JCSystem.commitTransaction();
                break;
            case 0x1B:
                JCSystem.makeTransientByteArray((short) -1, JCSystem.CLEAR_ON_RESET);
                break;
            case 0x1C:
                JCSystem.makeTransientByteArray((short) 1, (byte) 7);
                break;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
        Util.setShort(buffer, (short) 0, answer);
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}
