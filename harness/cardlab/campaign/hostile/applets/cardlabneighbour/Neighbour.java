package cardlabneighbour;

import cardlabsafe.Door;
import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.CardRuntimeException;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;
import javacard.framework.OwnerPIN;
import javacard.framework.Util;

/**
 * Lives beside the applet with secrets and uses what an applet can: fields, arrays, casts, calls in all ways, shared
 * objects, transactions, exceptions. INS chooses; the data are the other applet's AID.
 */
public class Neighbour extends Applet implements MultiSelectable {
    private static byte[] table = {1, 2, 3, 5, 8, 13};
    private static short total;
    private static Object last;

    private final byte[] bytes = new byte[24];
    private final short[] shorts = new short[12];
    private final Object[] objects = new Object[6];
    private final byte[] fleeting = JCSystem.makeTransientByteArray((short) 16, JCSystem.CLEAR_ON_RESET);
    private final Node first = new Node(null);
    private Door door;
    private AID other;
    private OwnerPIN pin;
    private byte small;
    private short middle;

    /** A list, with methods that a subclass replaces. */
    static class Node {
        Node next;
        short value;

        Node(Node next) {
            this.next = next;
        }

        short weight() {
            return value;
        }

        short sum() {
            return (short) (weight() + (next == null ? 0 : next.sum()));
        }
    }

    /** The replacing one. */
    static class Heavy extends Node {
        byte factor;

        Heavy(Node next, byte factor) {
            super(next);
            this.factor = factor;
        }

        @Override
        short weight() {
            return (short) (super.weight() + factor);
        }
    }

    public static void install(byte[] array, short offset, byte length) {
        new Neighbour().register();
    }

    @Override
    public boolean select() {
        small++;
        return true;
    }

    @Override
    public boolean select(boolean already) {
        return select();
    }

    @Override
    public void deselect() {
        small--;
    }

    @Override
    public void deselect(boolean still) {
        deselect();
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        short count = apdu.setIncomingAndReceive();
        short answer = 0;
        switch (buffer[1]) {
            case 2:
                answer = numbers(count);
                break;
            case 4:
                answer = list((byte) count);
                break;
            case 6:
                answer = arrays(buffer, count);
                break;
            case 8:
                answer = meet(buffer, count);
                break;
            case 10:
                answer = atomic(buffer);
                break;
            case 12:
                answer = caught(buffer);
                break;
            case 14:
                answer = guess(buffer, count);
                break;
            default:
                ISOException.throwIt(ISO_WRONG);
        }
        Util.setShort(buffer, (short) 0, answer);
        Util.arrayCopyNonAtomic(bytes, (short) 0, buffer, (short) 2, (short) bytes.length);
        apdu.setOutgoingAndSend((short) 0, (short) (2 + bytes.length));
    }

    private static final short ISO_WRONG = 0x6D00;

    private short numbers(short count) {
        short result = middle;
        for (short i = 1; i < 20; i++) {
            result = (short) (result * 31 + i / (short) (count + 1) - (i % 3 << 2) ^ i >>> 1 | total & 0x55);
            total += result;
        }
        middle = (short) -result;
        small = (byte) (result >> 4);
        return result;
    }

    private short list(byte factor) {
        first.next = new Heavy(new Node(null), factor);
        first.next.value = middle;
        last = first.next;
        Node heavy = (Node) last;
        if (heavy instanceof Heavy) {
            ((Heavy) heavy).factor++;
        }
        objects[0] = heavy;
        objects[1] = this;
        return first.sum();
    }

    private short arrays(byte[] buffer, short count) {
        for (short i = 0; i < shorts.length; i++) {
            shorts[i] = (short) (table[(short) (i % table.length)] + i);
            bytes[i] = (byte) (shorts[i] ^ buffer[(short) (i + 4)]);
        }
        objects[2] = bytes;
        objects[3] = shorts;
        Util.arrayCopy((byte[]) objects[2], (short) 0, fleeting, (short) 2, (short) 10);
        Util.arrayFillNonAtomic(fleeting, (short) 0, (short) 2, (byte) count);
        return (short) (Util.arrayCompare(fleeting, (short) 0, bytes, (short) 0, (short) 8) + ((short[]) objects[3])[3]);
    }

    private short meet(byte[] buffer, short count) {
        other = JCSystem.lookupAID(buffer, (short) 5, (byte) count);
        if (other == null) {
            return -1;
        }
        door = (Door) JCSystem.getAppletShareableInterfaceObject(other, (byte) 0);
        objects[4] = door;
        objects[5] = other;
        short found = door.count(buffer, (short) 16);
        if (door.again() == objects[4] && other.equals(buffer, (short) 5, (byte) count)) {
            found += 256;
        }
        other.getBytes(bytes, (short) 4);
        return found;
    }

    private short atomic(byte[] buffer) {
        JCSystem.beginTransaction();
        Util.arrayCopy(buffer, (short) 0, bytes, (short) 0, (short) 6);
        middle++;
        objects[0] = new Node(first);
        if (buffer[2] == 0) {
            JCSystem.abortTransaction();
        } else {
            JCSystem.commitTransaction();
        }
        return middle;
    }

    private short caught(byte[] buffer) {
        short sum = 0;
        for (short i = 0; i < 5; i++) {
            try {
                sum += fail(i, buffer);
            } catch (ArrayIndexOutOfBoundsException index) {
                sum += 1;
            } catch (CardRuntimeException named) {
                sum += named.getReason();
            } catch (RuntimeException rest) {
                sum += 16;
            } finally {
                sum += 64;
            }
        }
        return sum;
    }

    private short fail(short how, byte[] buffer) {
        switch (how) {
            case 0:
                return buffer[(short) -1];
            case 1:
                return (short) (small / (short) (how - 1));
            case 2:
                ISOException.throwIt((short) 0x100);
                return 0;
            case 3:
                return (short) ((byte[]) (Object) shorts).length;
            default:
                return door == null ? 0 : door.count(buffer, (short) 2);
        }
    }

    private short guess(byte[] buffer, short count) {
        if (pin == null) {
            pin = new OwnerPIN((byte) 3, (byte) 8);
            pin.update(table, (short) 0, (byte) 6);
        }
        if (pin.check(buffer, (short) 5, (byte) Math6.least(count, (short) 8))) {
            pin.resetAndUnblock();
        }
        return (short) (pin.getTriesRemaining() + (pin.isValidated() ? 16 : 0));
    }

    /** Static calls. */
    static final class Math6 {
        private Math6() {}

        static short least(short a, short b) {
            return a < b ? a : b;
        }
    }
}
