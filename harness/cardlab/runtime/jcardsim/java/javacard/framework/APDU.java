package javacard.framework;

import com.licel.jcardsim.base.ApduCase;
import com.licel.jcardsim.base.SimulatorSystem;
import java.util.Arrays;

/**
 * The APDU object of a T=1 card (Java Card API 3.0.4, javacard.framework.APDU), in place of jCardSim's, which cannot hold
 * 255 data bytes with Le, lets 258 bytes out on a short command and delivers 32 KB at once.
 *
 * <p>One buffer, of 261 bytes unless the card says otherwise, serves short and extended commands. Extended data arrive in blocks of at most 254 bytes: the
 * first with setIncomingAndReceive(), the others with receiveBytes(), as on a card.
 */
public final class APDU {
    public static final byte STATE_INITIAL = 0;
    public static final byte STATE_PARTIAL_INCOMING = 1;
    public static final byte STATE_FULL_INCOMING = 2;
    public static final byte STATE_OUTGOING = 3;
    public static final byte STATE_OUTGOING_LENGTH_KNOWN = 4;
    public static final byte STATE_PARTIAL_OUTGOING = 5;
    public static final byte STATE_FULL_OUTGOING = 6;
    public static final byte STATE_ERROR_NO_T0_GETRESPONSE = -1;
    public static final byte STATE_ERROR_T1_IFD_ABORT = -2;
    public static final byte STATE_ERROR_IO = -3;
    public static final byte STATE_ERROR_NO_T0_REISSUE = -4;

    public static final byte PROTOCOL_MEDIA_MASK = (byte) 0xF0;
    public static final byte PROTOCOL_TYPE_MASK = 0x0F;
    public static final byte PROTOCOL_T0 = 0;
    public static final byte PROTOCOL_T1 = 1;
    public static final byte PROTOCOL_MEDIA_DEFAULT = 0;
    public static final byte PROTOCOL_MEDIA_CONTACTLESS_TYPE_A = (byte) 0x80;
    public static final byte PROTOCOL_MEDIA_CONTACTLESS_TYPE_B = (byte) 0x90;
    public static final byte PROTOCOL_MEDIA_USB = (byte) 0xA0;
    public static final byte PROTOCOL_MEDIA_HCI_APDU_GATE = (byte) 0xB0;
    public static final byte PROTOCOL_MEDIA_CONTACTLESS_TYPE_F = (byte) 0xB0;

    private static final int BUFFER_SIZE = 261;
    private static final short BLOCK_SIZE = 254;
    /** What fits into one T=1 block beside the two status bytes; the limit without chaining. */
    private static final short UNCHAINED_MAX = BLOCK_SIZE - 2;
    private static final int SHORT_MAX_LE = 256;
    private static final int EXTENDED_MAX_LE = 0x10000;
    private static final int SHORT_OFFSET = 5;
    private static final int EXTENDED_OFFSET = 7;

    private byte[] buffer = new byte[BUFFER_SIZE];
    private byte[] command = buffer;
    private boolean dataWithoutLe;
    private byte protocol;
    private byte state;
    private boolean accessible;
    private boolean extended;
    private boolean extendedApplet;
    private boolean incoming;
    private boolean outgoing;
    private boolean lengthSet;
    private boolean chaining;
    private int lc;
    private int ne;
    private int received;
    private int unsent;

    /** jCardSim's runtime makes two, one of them for extended commands; here both are alike and one is used. */
    APDU(boolean unused) {}

    /** jCardSim's runtime insists on this method; only changing the protocol goes through it. */
    void internalReset(byte newProtocol, ApduCase unusedCase, byte[] unusedCommand) {
        protocol = newProtocol;
    }

    /** The length of the buffer in bytes, and whether a command without Le counts as one with the greatest. */
    void configure(int bufferSize, boolean withoutLe) {
        buffer = new byte[bufferSize];
        command = buffer;
        dataWithoutLe = withoutLe;
    }

    boolean owns(byte[] array) {
        return array == buffer;
    }

    /**
     * Take in a command; false, with nothing changed, when it is none of the cases of ISO/IEC 7816-3:2006, 12.1, or holds
     * more data than getIncomingLength() can say (32,767 bytes).
     */
    boolean load(byte[] bytes) {
        int length = bytes.length;
        if (length < 4) {
            return false;
        }
        boolean isExtended = false;
        int dataLength = 0;
        int expected = 0;
        if (length == 5) {
            expected = (bytes[4] & 0xFF) == 0 ? SHORT_MAX_LE : bytes[4] & 0xFF;
        } else if (length > 5 && bytes[4] != 0) {
            dataLength = bytes[4] & 0xFF;
            int rest = length - SHORT_OFFSET - dataLength;
            if (rest == 1) {
                expected = bytes[length - 1] == 0 ? SHORT_MAX_LE : bytes[length - 1] & 0xFF;
            } else if (rest != 0) {
                return false;
            }
        } else if (length > 5) {
            if (length < EXTENDED_OFFSET) {
                return false;
            }
            isExtended = true;
            int field = unsigned(bytes, 5);
            if (length == EXTENDED_OFFSET) {
                expected = field == 0 ? EXTENDED_MAX_LE : field;
            } else {
                dataLength = field;
                int rest = length - EXTENDED_OFFSET - dataLength;
                if (dataLength == 0 || dataLength > Short.MAX_VALUE) {
                    return false;
                }
                if (rest == 2) {
                    expected = unsigned(bytes, length - 2) == 0 ? EXTENDED_MAX_LE : unsigned(bytes, length - 2);
                } else if (rest != 0) {
                    return false;
                }
            }
        }
        clear();
        command = bytes;
        extended = isExtended;
        lc = dataLength;
        ne = expected == 0 && dataWithoutLe ? isExtended ? EXTENDED_MAX_LE : SHORT_MAX_LE : expected;
        accessible = true;
        chaining = true;
        int offset = isExtended ? EXTENDED_OFFSET : SHORT_OFFSET;
        System.arraycopy(bytes, 0, buffer, 0, Math.min(length, offset + firstBlock()));
        return true;
    }

    /** Forget the command and everything the buffer holds, and let no applet at it. */
    void clear() {
        Arrays.fill(buffer, (byte) 0);
        command = buffer;
        state = STATE_INITIAL;
        accessible = false;
        extended = false;
        extendedApplet = false;
        incoming = false;
        outgoing = false;
        lengthSet = false;
        lc = 0;
        ne = 0;
        received = 0;
        unsent = 0;
    }

    /** Put bytes that are no command of this card's reader into the buffer, as for Application.processData(). */
    void loadRaw(byte[] bytes) {
        clear();
        System.arraycopy(bytes, 0, buffer, 0, bytes.length);
        accessible = true;
    }

    void setExtendedApplet(boolean allowed) {
        extendedApplet = allowed;
    }

    boolean isExtended() {
        return extended;
    }

    /** Ne, the greatest number of data bytes that may be answered: 0 to 256, or to 65,536 for an extended command. */
    int expectedLength() {
        return ne;
    }

    private static int unsigned(byte[] bytes, int offset) {
        return (bytes[offset] & 0xFF) << 8 | bytes[offset + 1] & 0xFF;
    }

    private int firstBlock() {
        return extended ? Math.min(lc, BLOCK_SIZE) : lc;
    }

    public byte[] getBuffer() {
        return buffer;
    }

    public static short getInBlockSize() {
        return BLOCK_SIZE;
    }

    public static short getOutBlockSize() {
        return BLOCK_SIZE;
    }

    public static byte getProtocol() {
        return SimulatorSystem.instance().getCurrentAPDU().protocol;
    }

    public byte getNAD() {
        return 0;
    }

    public short setOutgoing() throws APDUException {
        if (outgoing) {
            APDUException.throwIt(APDUException.ILLEGAL_USE);
        }
        outgoing = true;
        state = STATE_OUTGOING;
        return (short) Math.min(ne, Short.MAX_VALUE);
    }

    public short setOutgoingNoChaining() throws APDUException {
        short expected = setOutgoing();
        chaining = false;
        return expected;
    }

    public void setOutgoingLength(short len) throws APDUException {
        if (!outgoing || lengthSet) {
            APDUException.throwIt(APDUException.ILLEGAL_USE);
        }
        int limit = extendedApplet ? Short.MAX_VALUE : SHORT_MAX_LE;
        if (!chaining) {
            limit = UNCHAINED_MAX;
        }
        if (len < 0 || len > limit) {
            APDUException.throwIt(APDUException.BAD_LENGTH);
        }
        lengthSet = true;
        unsent = len;
        state = STATE_OUTGOING_LENGTH_KNOWN;
    }

    public short receiveBytes(short bOff) throws APDUException {
        if (!incoming || outgoing) {
            APDUException.throwIt(APDUException.ILLEGAL_USE);
        }
        int block = Math.min(lc - received, BLOCK_SIZE);
        if (bOff < 0 || bOff + block > buffer.length) {
            APDUException.throwIt(APDUException.BUFFER_BOUNDS);
        }
        System.arraycopy(command, (extended ? EXTENDED_OFFSET : SHORT_OFFSET) + received, buffer, bOff, block);
        return arrived(block);
    }

    public short setIncomingAndReceive() throws APDUException {
        if (incoming || outgoing) {
            APDUException.throwIt(APDUException.ILLEGAL_USE);
        }
        if ((protocol & PROTOCOL_TYPE_MASK) == PROTOCOL_T0 && lc == 0 && buffer[ISO7816.OFFSET_LC] != 0) {
            // The card takes Le for Lc and waits for data; the terminal, which has none, waits as well.
            APDUException.throwIt(APDUException.IO_ERROR);
        }
        incoming = true;
        return arrived(firstBlock());
    }

    private short arrived(int block) {
        received += block;
        state = received == lc ? STATE_FULL_INCOMING : STATE_PARTIAL_INCOMING;
        return (short) block;
    }

    public void sendBytes(short bOff, short len) throws APDUException {
        if (bOff < 0 || len < 0 || bOff + len > buffer.length) {
            APDUException.throwIt(APDUException.BUFFER_BOUNDS);
        }
        send(buffer, bOff, len);
    }

    public void sendBytesLong(byte[] outData, short bOff, short len) throws APDUException, SecurityException {
        if (bOff < 0 || len < 0 || bOff + len > outData.length) {
            throw new ArrayIndexOutOfBoundsException();
        }
        send(outData, bOff, len);
    }

    private void send(byte[] from, short offset, short len) {
        if (!lengthSet || len > unsent) {
            APDUException.throwIt(APDUException.ILLEGAL_USE);
        }
        if (len != 0) {
            SimulatorSystem.instance().sendAPDU(from, offset, len);
            unsent -= len;
        }
        state = unsent == 0 ? STATE_FULL_OUTGOING : STATE_PARTIAL_OUTGOING;
    }

    public void setOutgoingAndSend(short bOff, short len) throws APDUException {
        setOutgoing();
        setOutgoingLength(len);
        sendBytes(bOff, len);
    }

    public byte getCurrentState() {
        return state;
    }

    /**
     * The APDU object while an applet is called because of a command. Unlike what the API asks for, deselect() and select()
     * may see the SELECT, as on many cards.
     */
    public static APDU getCurrentAPDU() throws SecurityException {
        APDU current = SimulatorSystem.instance().getCurrentAPDU();
        if (!current.accessible) {
            throw new SecurityException("no command is being processed");
        }
        return current;
    }

    public static byte[] getCurrentAPDUBuffer() throws SecurityException {
        return getCurrentAPDU().buffer;
    }

    public static byte getCLAChannel() {
        return 0;
    }

    public static void waitExtension() throws APDUException {
        APDU current = SimulatorSystem.instance().getCurrentAPDU();
        if (!current.accessible || current.outgoing && !current.chaining) {
            APDUException.throwIt(APDUException.ILLEGAL_USE);
        }
    }

    /** False for the classes that ISO/IEC 7816-4:2020, 5.4.1 reserves. */
    public boolean isValidCLA() {
        return buffer[ISO7816.OFFSET_CLA] != (byte) 0xFF && (buffer[ISO7816.OFFSET_CLA] & 0xE0) != 0x20;
    }

    public boolean isCommandChainingCLA() {
        return (buffer[ISO7816.OFFSET_CLA] & 0x10) != 0;
    }

    public boolean isSecureMessagingCLA() {
        byte cla = buffer[ISO7816.OFFSET_CLA];
        return (cla & 0x40) != 0 ? (cla & 0x20) != 0 : (cla & 0x0C) != 0;
    }

    public boolean isISOInterindustryCLA() {
        return (buffer[ISO7816.OFFSET_CLA] & 0x80) == 0;
    }

    public short getIncomingLength() {
        requireIncoming();
        return (short) lc;
    }

    public short getOffsetCdata() {
        requireIncoming();
        return (short) (extended ? EXTENDED_OFFSET : SHORT_OFFSET);
    }

    private void requireIncoming() {
        if (!incoming || outgoing) {
            APDUException.throwIt(APDUException.ILLEGAL_USE);
        }
    }
}
