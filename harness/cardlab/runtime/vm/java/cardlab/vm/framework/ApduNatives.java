package cardlab.vm.framework;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.Apdu;
import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.memory.Heap;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;

/** APDU. */
final class ApduNatives {
    private static final int PARTIAL_INCOMING = 1;
    private static final int FULL_INCOMING = 2;
    private static final int OUTGOING = 3;
    private static final int LENGTH_KNOWN = 4;
    private static final int PARTIAL_OUTGOING = 5;
    private static final int FULL_OUTGOING = 6;
    private static final int ILLEGAL_USE = 1;
    private static final int BUFFER_BOUNDS = 2;
    private static final int BAD_LENGTH = 3;
    private static final int IO_ERROR = 4;
    private static final int SHORT_MOST = 256;
    private static final int T0_OUT_BLOCK = 258;

    private ApduNatives() {}

    static void bind(Binder binder) {
        binder.type("javacard/framework/APDU")
                .method("getInBlockSize", "()S", call -> apdu(call).isT0() ? 1 : apdu(call).block())
                .method("getOutBlockSize", "()S", call -> apdu(call).isT0() ? T0_OUT_BLOCK : Apdu.T1_BLOCK)
                .method("getProtocol", "()B", call -> apdu(call).protocol())
                .method("getCurrentAPDU", "()Ljavacard/framework/APDU;", call -> current(call, SystemObjects.APDU))
                .method("getCurrentAPDUBuffer", "()[B", call -> current(call, SystemObjects.APDU_BUFFER))
                .method("getCLAChannel", "()B", ApduNatives::getCLAChannel)
                .method("waitExtension", "()V", ApduNatives::waitExtension)
                .method("getBuffer", "()[B", call -> SystemObjects.APDU_BUFFER)
                .method("getNAD", "()B", call -> 0)
                .method("receiveBytes", "(S)S", ApduNatives::receiveBytes)
                .method("sendBytes", "(SS)V", call -> sendBytes(call, call.number(1), call.number(2)))
                .method("sendBytesLong", "([BSS)V", ApduNatives::sendBytesLong)
                .method("setIncomingAndReceive", "()S", ApduNatives::setIncomingAndReceive)
                .method("setOutgoing", "()S", ApduNatives::setOutgoing)
                .method("setOutgoingAndSend", "(SS)V", ApduNatives::setOutgoingAndSend)
                .method("setOutgoingLength", "(S)V", call -> setOutgoingLength(call, call.number(1)))
                .method("setOutgoingNoChaining", "()S", ApduNatives::setOutgoingNoChaining)
                .method("getCurrentState", "()B", call -> apdu(call).state)
                .method("isCommandChainingCLA", "()Z", call -> flag((cla(call) & 0x10) != 0))
                .method("isSecureMessagingCLA", "()Z", call -> flag(isSecure(cla(call))))
                .method("isISOInterindustryCLA", "()Z", call -> flag((cla(call) & 0x80) == 0))
                .method("isValidCLA", "()Z", call -> flag(cla(call) != 0xFF && (cla(call) & 0xE0) != 0x20))
                .method("getIncomingLength", "()S", call -> received(call).lc)
                .method("getOffsetCdata", "()S", call -> received(call).offsetOfData());
    }

    private static Apdu apdu(Call call) {
        return Framework.card(call).apdu();
    }

    private static int flag(boolean value) {
        return value ? 1 : 0;
    }

    private static JavaCardException error(Call call, int reason) {
        return call.thrown("javacard/framework/APDUException", reason);
    }

    private static int cla(Call call) {
        return Framework.card(call).heap().get1(SystemObjects.APDU_BUFFER, 0) & 0xFF;
    }

    /** ISO/IEC 7816-4:2020, 5.4.1: bits 4 and 3 of the first interindustry classes, bit 6 of the further ones. */
    private static boolean isSecure(int cla) {
        return (cla & 0x40) != 0 ? (cla & 0x20) != 0 : (cla & 0x0C) != 0;
    }

    private static int current(Call call, int reference) {
        if (!apdu(call).isAccessible) {
            throw call.thrown("java/lang/SecurityException");
        }
        return reference;
    }

    private static int getCLAChannel(Call call) {
        return apdu(call).channel;
    }

    private static int waitExtension(Call call) {
        Apdu apdu = apdu(call);
        if (!apdu.isAccessible || apdu.isOutgoing && !apdu.isChained) {
            throw error(call, ILLEGAL_USE);
        }
        return 0;
    }

    private static Apdu received(Call call) {
        Apdu apdu = apdu(call);
        if (!apdu.isIncoming || apdu.isOutgoing) {
            throw error(call, ILLEGAL_USE);
        }
        return apdu;
    }

    private static int setIncomingAndReceive(Call call) {
        Apdu apdu = apdu(call);
        if (apdu.isIncoming || apdu.isOutgoing) {
            throw error(call, ILLEGAL_USE);
        }
        if (apdu.isT0() && apdu.lc == 0 && heap(call).get1(SystemObjects.APDU_BUFFER, 4) != 0) {
            throw error(call, IO_ERROR); // P3 is taken for Lc, and the terminal has no data
        }
        apdu.isIncoming = true;
        int block = apdu.firstBlock();
        if (apdu.isInSmallBlocks()) {
            heap(call).write(SystemObjects.APDU_BUFFER, apdu.offsetOfData(), apdu.next(block), 0, block);
        }
        return arrived(apdu, block);
    }

    private static int arrived(Apdu apdu, int block) {
        apdu.received += block;
        apdu.state = apdu.received == apdu.lc ? FULL_INCOMING : PARTIAL_INCOMING;
        return block;
    }

    private static Heap heap(Call call) {
        return Framework.card(call).heap();
    }

    private static int receiveBytes(Call call) {
        Apdu apdu = received(call);
        int offset = call.number(1);
        int block = Math.min(apdu.lc - apdu.received, apdu.block());
        if (offset < 0 || offset + block > heap(call).length(SystemObjects.APDU_BUFFER)) {
            throw error(call, BUFFER_BOUNDS);
        }
        heap(call).write(SystemObjects.APDU_BUFFER, offset, apdu.next(block), 0, block);
        return arrived(apdu, block);
    }

    private static int setOutgoing(Call call) {
        Apdu apdu = apdu(call);
        if (apdu.isOutgoing) {
            throw error(call, ILLEGAL_USE);
        }
        apdu.isOutgoing = true;
        apdu.state = OUTGOING;
        return Math.min(apdu.ne, Short.MAX_VALUE);
    }

    private static int setOutgoingNoChaining(Call call) {
        int expected = setOutgoing(call);
        apdu(call).isChained = false;
        return expected;
    }

    /** Without chaining all has to fit into one block with the status word. */
    private static int setOutgoingLength(Call call, int length) {
        Apdu apdu = apdu(call);
        if (!apdu.isOutgoing || apdu.isLengthSet) {
            throw error(call, ILLEGAL_USE);
        }
        int limit = apdu.isExtendedApplet ? Short.MAX_VALUE : SHORT_MOST;
        if (!apdu.isChained) {
            limit = (apdu.isT0() ? T0_OUT_BLOCK : Apdu.T1_BLOCK) - 2;
        }
        if (length < 0 || length > limit) {
            throw error(call, BAD_LENGTH);
        }
        apdu.isLengthSet = true;
        apdu.unsent = length;
        apdu.state = LENGTH_KNOWN;
        return 0;
    }

    private static int sendBytes(Call call, int offset, int length) {
        if (offset < 0 || length < 0 || offset + length > heap(call).length(SystemObjects.APDU_BUFFER)) {
            throw error(call, BUFFER_BOUNDS);
        }
        return send(call, SystemObjects.APDU_BUFFER, offset, length);
    }

    private static int sendBytesLong(Call call) {
        int array = call.ref(1);
        call.require(array, call.number(2), call.number(3));
        return send(call, array, call.number(2), call.number(3));
    }

    private static int send(Call call, int array, int offset, int length) {
        Apdu apdu = apdu(call);
        if (!apdu.isLengthSet || length > apdu.unsent) {
            throw error(call, ILLEGAL_USE);
        }
        if (apdu.answerLength() + length > Short.MAX_VALUE) {
            throw error(call, IO_ERROR);
        }
        apdu.send(((NativeCall) call).heap().read(array, offset, length));
        apdu.unsent -= length;
        apdu.state = apdu.unsent == 0 ? FULL_OUTGOING : PARTIAL_OUTGOING;
        return 0;
    }

    private static int setOutgoingAndSend(Call call) {
        setOutgoing(call);
        setOutgoingLength(call, call.number(2));
        return sendBytes(call, call.number(1), call.number(2));
    }
}
