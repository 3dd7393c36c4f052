package cardlab.vm.jcre;

import java.io.ByteArrayOutputStream;

/** The command in progress as the APDU object knows it (Java Card API 3.0.5, javacard.framework.APDU). Lost at reset. */
public final class Apdu {
    /** Bytes of a T=1 block; T=0 has blocks of one byte in and 258 out (API, getInBlockSize, getOutBlockSize). */
    public static final int T1_BLOCK = 254;

    private static final int SHORT_OFFSET = 5;
    private static final int EXTENDED_OFFSET = 7;
    private static final int SHORT_NE = 256;
    private static final int EXTENDED_NE = 0x10000;

    /** getCurrentState() (API, STATE_…). */
    public int state;
    /** Whether an applet may get at the command at all. */
    public boolean isAccessible;
    public boolean isIncoming;
    public boolean isOutgoing;
    public boolean isLengthSet;
    public boolean isChained;
    public boolean isExtended;
    /** Whether the applet implements ExtendedLength. */
    public boolean isExtendedApplet;
    public int lc;
    /** Ne: 0 to 65,536. */
    public int ne;
    public int received;
    public int unsent;
    public int channel;
    private int protocol = 1;
    private byte[] command = {};
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
    private final boolean dropsDataWithoutLe;
    private final boolean isCutAtLe;
    private final int block;

    Apdu(Properties properties) {
        dropsDataWithoutLe = properties.dropsDataWithoutLe();
        isCutAtLe = properties.cutsAtLe();
        block = properties.incomingBlock();
    }

    /** Protocol and media (API, getProtocol). */
    public int protocol() {
        return protocol;
    }

    void setProtocol(int value) {
        protocol = value;
    }

    public boolean isT0() {
        return (protocol & 0x0F) == 0;
    }

    /** Forget the command. */
    void clear() {
        state = 0;
        isAccessible = false;
        isIncoming = false;
        isOutgoing = false;
        isLengthSet = false;
        isChained = true;
        isExtended = false;
        isExtendedApplet = false;
        lc = 0;
        ne = 0;
        received = 0;
        unsent = 0;
        command = new byte[0];
        answer.reset();
    }

    /** Take a command in; false when it is none of the cases of ISO/IEC 7816-3:2006, 12.1 or too long for getIncomingLength(). */
    boolean load(byte[] bytes) {
        clear();
        command = bytes;
        if (bytes.length < 4) {
            return false;
        }
        boolean fits = bytes.length == 4 ? caseOne() : bytes.length == 5 ? caseTwo() : bytes[4] != 0 ? shortCase() : extendedCase();
        isAccessible = fits;
        return fits;
    }

    private boolean caseOne() {
        ne = absent(SHORT_NE);
        return true;
    }

    private boolean caseTwo() {
        ne = present(command[4] & 0xFF, SHORT_NE);
        return true;
    }

    private boolean shortCase() {
        lc = command[4] & 0xFF;
        int rest = command.length - SHORT_OFFSET - lc;
        ne = rest == 1 ? present(command[command.length - 1] & 0xFF, SHORT_NE) : absent(SHORT_NE);
        return rest == 0 || rest == 1;
    }

    private boolean extendedCase() {
        if (command.length < EXTENDED_OFFSET) {
            return false;
        }
        isExtended = true;
        int field = unsigned(5);
        if (command.length == EXTENDED_OFFSET) {
            ne = present(field, EXTENDED_NE);
            return true;
        }
        lc = field;
        int rest = command.length - EXTENDED_OFFSET - lc;
        ne = rest == 2 ? present(unsigned(command.length - 2), EXTENDED_NE) : absent(EXTENDED_NE);
        return lc != 0 && lc <= Short.MAX_VALUE && (rest == 0 || rest == 2);
    }

    private static int present(int le, int most) {
        return le == 0 ? most : le;
    }

    private int absent(int most) {
        return dropsDataWithoutLe ? 0 : most;
    }

    private int unsigned(int at) {
        return (command[at] & 0xFF) << 8 | command[at + 1] & 0xFF;
    }

    /**
     * Bytes that are in the buffer when the applet begins: header, length field, and all short or the first block of data.
     * Where blocks are smaller than those of T=1, data come when the applet asks for them.
     */
    byte[] initial() {
        int offset = offsetOfData();
        int length = Math.min(command.length, isInSmallBlocks() ? offset : offset + firstBlock());
        return java.util.Arrays.copyOf(command, length);
    }

    /** The command's bytes are none of this card's reader (Application.processData()). */
    void loadRaw() {
        clear();
        isAccessible = true;
    }

    public int offsetOfData() {
        return isExtended ? EXTENDED_OFFSET : SHORT_OFFSET;
    }

    /** Bytes that arrive at a time (API, getInBlockSize), where that is not T=0's one. */
    public int block() {
        return block;
    }

    public boolean isInSmallBlocks() {
        return block < T1_BLOCK;
    }

    /** Bytes of the first block: a short command comes whole unless blocks are small. */
    public int firstBlock() {
        return isExtended || isInSmallBlocks() ? Math.min(lc, block) : lc;
    }

    /** The next bytes of data, without taking them. A command without a length field ends before where they would be. */
    public byte[] next(int count) {
        int from = Math.min(offsetOfData() + received, command.length);
        return java.util.Arrays.copyOfRange(command, from, from + count);
    }

    /** These bytes go out. */
    public void send(byte[] bytes) {
        answer.writeBytes(bytes);
    }

    public int answerLength() {
        return answer.size();
    }

    /**
     * The answer: data with success and warnings only (ISO/IEC 7816-3:2006, 12.1.1), and status word. Never more than Ne,
     * unless the card manager looks after that (61xx, 6Cxx).
     */
    byte[] response(int sw, int most) {
        int sw1 = sw >> 8 & 0xFF;
        boolean withData = sw1 >= 0x90 && sw1 <= 0x9F || sw1 >= 0x61 && sw1 <= 0x63;
        int length = !withData ? 0 : isCutAtLe ? Math.min(answer.size(), most) : answer.size();
        byte[] response = java.util.Arrays.copyOf(answer.toByteArray(), length + 2);
        response[length] = (byte) sw1;
        response[length + 1] = (byte) sw;
        answer.reset();
        return response;
    }
}
