package cardlab.vm.api.service;

import cardlab.vm.natives.Call;
import java.nio.ByteBuffer;

/**
 * The APDU object of a command and its buffer in the Common Service Format (API, BasicService): CLA, INS, P1, P2, Lc, data
 * before the command is processed; CLA, INS, SW1, SW2, La, data afterwards. Both length fields are one byte.
 */
record Command(Call call, int apdu) {
    static final int OFFSET_CLA = 0;
    static final int OFFSET_INS = 1;
    static final int OFFSET_P1 = 2;
    static final int OFFSET_P2 = 3;
    private static final String APDU = "javacard/framework/APDU";
    private static final int OFFSET_SW = 2;
    private static final int OFFSET_LENGTH = 4;
    private static final int OFFSET_DATA = 5;
    private static final int LONGEST_INPUT = 255;
    private static final int STATE_INITIAL = 0;
    private static final int STATE_FULL_INCOMING = 2;
    private static final int STATE_OUTGOING = 3;

    /** The APDU object that is the method's first argument; NullPointerException. */
    static Command of(Call call) {
        if (call.ref(1) == 0) {
            throw call.thrown("java/lang/NullPointerException");
        }
        return new Command(call, call.ref(1));
    }

    private int ask(String name, String descriptor, int... arguments) {
        return call.invoke(apdu, APDU, name, descriptor, arguments);
    }

    private int state() {
        return ask("getCurrentState", "()B");
    }

    boolean isUntouched() {
        return state() == STATE_INITIAL;
    }

    /** Whether the buffer has the Init or the Input Ready format. */
    boolean isInput() {
        return state() == STATE_INITIAL || state() == STATE_FULL_INCOMING;
    }

    boolean isProcessed() {
        return state() >= STATE_OUTGOING;
    }

    /** Whether the answer is still to be sent. */
    boolean isUnsent() {
        return state() == STATE_OUTGOING;
    }

    private int buffer() {
        return ask("getBuffer", "()[B") & 0xFFFF;
    }

    byte at(int offset) {
        return call.byteAt(buffer(), offset);
    }

    int length() {
        return at(OFFSET_LENGTH) & 0xFF;
    }

    int statusWord() {
        return ByteBuffer.wrap(call.bytes(buffer(), OFFSET_SW, 2)).getShort();
    }

    void setStatusWord(short value) {
        call.write(buffer(), OFFSET_SW, ByteBuffer.allocate(2).putShort(value).array());
    }

    void setLength(int value) {
        call.write(buffer(), OFFSET_LENGTH, new byte[] {(byte) value});
    }

    /** Data bytes that the buffer has room for. */
    int room() {
        return call.length(buffer()) - OFFSET_DATA;
    }

    /** Receive all data, those of an extended command as well; COMMAND_DATA_TOO_LONG when they or Lc do not fit. */
    void receive() {
        int received = ask("setIncomingAndReceive", "()S");
        int length = ask("getIncomingLength", "()S");
        if (length > Math.min(LONGEST_INPUT, room())) {
            throw ServiceFramework.error(call, ServiceFramework.COMMAND_DATA_TOO_LONG);
        }
        call.write(buffer(), OFFSET_DATA, call.bytes(buffer(), ask("getOffsetCdata", "()S"), received));
        while (received < length) {
            received += ask("receiveBytes", "(S)S", OFFSET_DATA + received);
        }
        setLength(length);
    }

    void setOutgoing() {
        ask("setOutgoing", "()S");
    }

    void send() {
        ask("setOutgoingLength", "(S)V", length());
        ask("sendBytes", "(SS)V", OFFSET_DATA, length());
    }
}
