package runtimetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.OwnerPIN;
import javacard.framework.TransactionException;
import javacard.framework.Util;
import javacard.security.AESKey;
import javacard.security.KeyBuilder;

/** Runs a program of one-byte steps, each with one byte of operand, and tells the state of all its memory. */
public class Transactions extends Applet {
    private static final short FAR = 512;

    private static short shared;

    private byte small;
    private short number;
    private boolean flag;
    private Node chain;
    private Object object;
    private final byte[] bytes = new byte[8];
    private final short[] shorts = new short[2];
    private final Object[] objects = new Object[2];
    private final byte[] copied = new byte[8];
    private final byte[] large = new byte[2048];
    private final byte[] ram;
    private final Object[] transientObjects;
    private final AESKey key = (AESKey) KeyBuilder.buildKey(KeyBuilder.TYPE_AES, KeyBuilder.LENGTH_AES_128, false);
    private final OwnerPIN pin = new OwnerPIN((byte) 5, (byte) 8);

    private Transactions(byte[] array, short offset) {
        ram = JCSystem.makeTransientByteArray((short) 8, JCSystem.CLEAR_ON_RESET);
        transientObjects = JCSystem.makeTransientObjectArray((short) 1, JCSystem.CLEAR_ON_RESET);
        pin.update(bytes, (short) 0, (byte) 4);
        register(array, (short) (offset + 1), array[offset]);
    }

    public static void install(byte[] array, short offset, byte length) {
        new Transactions(array, offset);
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 0x01:
                run(buffer, apdu.setIncomingAndReceive());
                return;
            case 0x02:
                tell(apdu);
                return;
            case 0x03:
                tellCapacity(apdu);
                return;
            case 0x04:
                Util.arrayCopyNonAtomic(copied, (short) 0, buffer, (short) 0, (short) 8);
                apdu.setOutgoingAndSend((short) 0, (short) 8);
                return;
            default:
                ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void run(byte[] buffer, short length) {
        try {
            for (short at = 0; at < length; at += 2) {
                step(buffer, (short) (ISO7816.OFFSET_CDATA + at));
            }
        } catch (TransactionException error) {
            ISOException.throwIt((short) (0x6B00 + error.getReason()));
        }
    }

    private void step(byte[] buffer, short at) {
        byte operand = buffer[(short) (at + 1)];
        switch (buffer[at]) {
            case 'B':
                JCSystem.beginTransaction();
                return;
            case 'C':
                JCSystem.commitTransaction();
                return;
            case 'A':
                JCSystem.abortTransaction();
                return;
            case 'T':
                ISOException.throwIt((short) 0x6A81);
                return;
            case 'E':
                bytes[FAR] = 0;
                return;
            case 'w':
                write(operand);
                return;
            case 'n':
                chain = new Node(operand, chain);
                return;
            case 'm': // changes objects further down the chain
                for (Node node = chain; node != null; node = node.next) {
                    node.value = operand;
                }
                return;
            case 'r':
                ram[0] = operand;
                return;
            case 't': // a persistent object that only a transient array refers to
                if (transientObjects[0] == null) {
                    transientObjects[0] = new Node((byte) 0, null);
                }
                ((Node) transientObjects[0]).value = operand;
                return;
            case 'k':
                Util.arrayFillNonAtomic(buffer, (short) 200, (short) 16, operand);
                key.setKey(buffer, (short) 200);
                return;
            case 'p':
                Util.arrayFillNonAtomic(buffer, (short) 200, (short) 4, operand);
                pin.check(buffer, (short) 200, (byte) 4);
                return;
            case 'u':
                Util.arrayFillNonAtomic(buffer, (short) 200, (short) 4, operand);
                pin.update(buffer, (short) 200, (byte) 4);
                return;
            case 'U':
                pin.resetAndUnblock();
                return;
            case 'l': // 8 bytes for each
                enlarge((short) (8 * (operand & 0xFF)));
                return;
            case 'c': // 8 bytes in one piece
                Util.arrayFillNonAtomic(buffer, (short) 200, (short) 8, operand);
                Util.arrayCopy(buffer, (short) 200, copied, (short) 0, (short) 8);
                return;
            case 'd': // 8 bytes, not in one piece
                Util.arrayFillNonAtomic(buffer, (short) 200, (short) 8, operand);
                Util.arrayCopyNonAtomic(buffer, (short) 200, copied, (short) 0, (short) 8);
                return;
            case 'e':
                Util.arrayFillNonAtomic(copied, (short) 0, (short) 8, operand);
                return;
            case 'f': // goes on writing when the power goes
                try {
                    JCSystem.beginTransaction();
                    write(operand);
                    JCSystem.commitTransaction();
                } finally {
                    write((byte) 0x66);
                }
                return;
            default:
                ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
    }

    /** Change as many bytes, each for itself. */
    private void enlarge(short count) {
        byte value = (byte) (large[0] + 1);
        for (short i = 0; i < count; i++) {
            large[i] = value;
        }
    }

    private void write(byte value) {
        small = value;
        number = value;
        flag = value != 0;
        object = value == 0 ? null : this;
        for (short i = 0; i < bytes.length; i++) {
            bytes[i] = value;
        }
        shorts[1] = value;
        objects[1] = value == 0 ? null : bytes;
        shared = value;
    }

    private void tell(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        buffer[0] = small;
        Util.setShort(buffer, (short) 1, number);
        buffer[3] = (byte) (flag ? 1 : 0);
        buffer[4] = (byte) (object == this ? 1 : 0);
        buffer[5] = bytes[7];
        buffer[6] = (byte) shorts[1];
        buffer[7] = (byte) (objects[1] == bytes ? 1 : 0);
        buffer[8] = (byte) shared;
        buffer[9] = ram[0];
        buffer[10] = pin.getTriesRemaining();
        buffer[11] = large[0];
        buffer[12] = transientObjects[0] == null ? 0 : ((Node) transientObjects[0]).value;
        buffer[13] = key.isInitialized() ? key.getKey(buffer, (short) 200) == 16 ? buffer[200] : 0 : 0;
        buffer[14] = JCSystem.getTransactionDepth();
        short length = 15;
        for (Node node = chain; node != null; node = node.next) {
            buffer[length++] = node.value;
        }
        apdu.setOutgoingAndSend((short) 0, length);
    }

    private void tellCapacity(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        Util.setShort(buffer, (short) 0, JCSystem.getMaxCommitCapacity());
        JCSystem.beginTransaction();
        enlarge((short) 20);
        Util.setShort(buffer, (short) 2, JCSystem.getUnusedCommitCapacity());
        JCSystem.abortTransaction();
        apdu.setOutgoingAndSend((short) 0, (short) 4);
    }

    private static final class Node {
        byte value;
        final Node next;

        Node(byte value, Node next) {
            this.value = value;
            this.next = next;
        }
    }
}
