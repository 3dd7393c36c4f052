package cardlab.vm.framework;

import cardlab.vm.interpreter.CardMute;
import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.Space;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.JavaCardException;
import cardlab.vm.natives.MemoryType;

/** JCSystem. */
final class SystemNatives {
    private static final int ILLEGAL_VALUE = 1;
    private static final int NO_TRANSIENT_SPACE = 2;
    private static final int ILLEGAL_TRANSIENT = 3;
    private static final int IN_PROGRESS = 1;
    private static final int NOT_IN_PROGRESS = 2;

    private SystemNatives() {}

    static void bind(Binder binder) {
        binder.type("javacard/framework/JCSystem")
                .method("isTransient", "(Ljava/lang/Object;)B", SystemNatives::isTransient)
                .method("makeTransientBooleanArray", "(SB)[Z", call -> makeTransient(call, ArrayType.BOOLEAN))
                .method("makeTransientByteArray", "(SB)[B", call -> makeTransient(call, ArrayType.BYTE))
                .method("makeTransientShortArray", "(SB)[S", call -> makeTransient(call, ArrayType.SHORT))
                .method("makeTransientObjectArray", "(SB)[Ljava/lang/Object;", call -> makeTransient(call, ArrayType.REFERENCE))
                .method("makeGlobalArray", "(BS)Ljava/lang/Object;", SystemNatives::makeGlobalArray)
                .method("getVersion", "()S", call -> card(call).properties().version())
                .method("getAID", "()Ljavacard/framework/AID;", SystemNatives::getAID)
                .method("lookupAID", "([BSB)Ljavacard/framework/AID;", SystemNatives::lookupAID)
                .method("beginTransaction", "()V", SystemNatives::beginTransaction)
                .method("abortTransaction", "()V", SystemNatives::abortTransaction)
                .method("commitTransaction", "()V", SystemNatives::commitTransaction)
                .method("getTransactionDepth", "()B", call -> heap(call).journal().isOpen() ? 1 : 0)
                .method("getUnusedCommitCapacity", "()S", call -> atMost(heap(call).journal().capacity() - heap(call).journal().used()))
                .method("getMaxCommitCapacity", "()S", call -> atMost(heap(call).journal().capacity()))
                .method("getPreviousContextAID", "()Ljavacard/framework/AID;", SystemNatives::getPreviousContextAID)
                .method("getAvailableMemory", "(B)S", call -> atMost(available(call, call.number(0))))
                .method("getAvailableMemory", "([SSB)V", SystemNatives::getAvailableMemory)
                .method("getAvailableMemory", "([BSB)V", SystemNatives::getAvailableMemoryInBytes)
                .method("getAppletShareableInterfaceObject", "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;",
                        SystemNatives::getAppletShareableInterfaceObject)
                .method("isObjectDeletionSupported", "()Z", call -> card(call).properties().deletesObjects() ? 1 : 0)
                .method("requestObjectDeletion", "()V", SystemNatives::requestObjectDeletion)
                .method("getAssignedChannel", "()B", call -> card(call).channel())
                .method("isAppletActive", "(Ljavacard/framework/AID;)Z", SystemNatives::isAppletActive);
    }

    private static Jcre card(Call call) {
        return Framework.card(call);
    }

    private static Heap heap(Call call) {
        return ((NativeCall) call).heap();
    }

    private static int atMost(int value) {
        return Math.max(0, Math.min(value, Short.MAX_VALUE));
    }

    private static JavaCardException system(Call call, int reason) {
        return call.thrown("javacard/framework/SystemException", reason);
    }

    private static JavaCardException transaction(Call call, int reason) {
        return call.thrown("javacard/framework/TransactionException", reason);
    }

    private static int isTransient(Call call) {
        int reference = call.ref(0);
        int space = reference == 0 ? Space.PERSISTENT : heap(call).space(reference);
        return space == Space.SYSTEM ? isSystemTransient(call, reference) : space;
    }

    /** Global arrays are in RAM and are cleared at reset; entry point objects are no transient objects. */
    private static int isSystemTransient(Call call, int reference) {
        return (heap(call).flags(reference) & Heap.GLOBAL_ARRAY) != 0 ? Space.RESET : 0;
    }

    private static int makeTransient(Call call, ArrayType type) {
        int length = call.number(0);
        int event = call.number(1);
        if (event != Space.RESET && event != Space.DESELECT) {
            throw system(call, ILLEGAL_VALUE);
        }
        if (length < 0) {
            throw call.thrown("java/lang/NegativeArraySizeException");
        }
        if (event == Space.DESELECT && !card(call).isSelectedContext(card(call).interpreter().firewall().context())) {
            throw system(call, ILLEGAL_TRANSIENT);
        }
        return call.newArray(type, length, MemoryType.values()[event]);
    }

    private static int makeGlobalArray(Call call) {
        int type = call.number(0);
        int length = call.number(1);
        if (type < 1 || type > 5) {
            throw system(call, ILLEGAL_VALUE);
        }
        if (length < 0) {
            throw call.thrown("java/lang/NegativeArraySizeException");
        }
        int made = card(call).makeGlobalArray(BlockKind.BOOLEAN_ARRAY + type - 1, length);
        if (made == 0) {
            throw system(call, NO_TRANSIENT_SPACE);
        }
        return made;
    }

    private static int getAID(Call call) {
        int owner = card(call).interpreter().firewall().owner();
        return owner == 0 || card(call).appletOf(owner) == 0 ? 0 : card(call).aidObject(owner);
    }

    private static int lookupAID(Call call) {
        byte[] aid = call.bytes(call.ref(0), call.number(1), call.number(2));
        return card(call).aidObject(card(call).instanceWith(aid));
    }

    private static int beginTransaction(Call call) {
        if (heap(call).journal().isOpen()) {
            throw transaction(call, IN_PROGRESS);
        }
        card(call).beginTransaction();
        return 0;
    }

    private static void requireTransaction(Call call) {
        if (!heap(call).journal().isOpen()) {
            throw transaction(call, NOT_IN_PROGRESS);
        }
    }

    private static int abortTransaction(Call call) {
        requireTransaction(call);
        card(call).abortTransaction();
        return 0;
    }

    private static int commitTransaction(Call call) {
        requireTransaction(call);
        heap(call).commit();
        return 0;
    }

    private static int getPreviousContextAID(Call call) {
        return card(call).aidObject(card(call).interpreter().previousOwner());
    }

    private static int available(Call call, int type) {
        return switch (type) {
            case Space.PERSISTENT -> heap(call).blocks().available();
            case Space.RESET -> heap(call).availableReset();
            case Space.DESELECT -> heap(call).availableDeselect(card(call).interpreter().firewall().context());
            default -> throw system(call, ILLEGAL_VALUE);
        };
    }

    /** Two shorts, the high half first. */
    private static int getAvailableMemory(Call call) {
        int array = call.ref(0);
        int at = call.number(1);
        call.require(array, at, 2);
        int bytes = available(call, call.number(2));
        heap(call).put2(array, 2 * at, bytes >> 16, WriteKind.ARRAY);
        heap(call).put2(array, 2 * at + 2, bytes, WriteKind.ARRAY);
        return 0;
    }

    /** Four bytes, big-endian (API 3.2). */
    private static int getAvailableMemoryInBytes(Call call) {
        call.require(call.ref(0), call.number(1), 4);
        int bytes = available(call, call.number(2));
        call.write(call.ref(0), call.number(1), java.nio.ByteBuffer.allocate(4).putInt(bytes).array());
        return 0;
    }

    /** JCRE 3.0.5, 6.2.7.2: null when there is no such server, and when it throws. */
    private static int getAppletShareableInterfaceObject(Call call) {
        if (call.ref(0) == 0) {
            throw call.thrown("java/lang/NullPointerException");
        }
        int server = card(call).instanceWith(AidNatives.bytes(call, call.ref(0)));
        if (server == 0 || card(call).appletOf(server) == 0) {
            return 0;
        }
        int client = card(call).aidObject(card(call).interpreter().firewall().owner());
        return card(call).interpreter().asRuntimeEnvironment(() -> ask(call, server, client));
    }

    private static int ask(Call call, int server, int client) {
        try {
            return call.invoke(card(call).appletOf(server), "javacard/framework/Applet", "getShareableInterfaceObject",
                    "(Ljavacard/framework/AID;B)Ljavacard/framework/Shareable;", client, call.number(1));
        } catch (CardMute mute) {
            throw mute;
        } catch (JavaCardException thrown) {
            card(call).warnThrown("getShareableInterfaceObject()", thrown.reference(), "and the client gets null");
            return 0;
        }
    }

    private static int requestObjectDeletion(Call call) {
        if (!card(call).properties().deletesObjects()) {
            throw system(call, 6);
        }
        card(call).requestDeletion();
        return 0;
    }

    private static int isAppletActive(Call call) {
        if (call.ref(0) == 0) {
            throw call.thrown("java/lang/NullPointerException");
        }
        int instance = card(call).instanceWith(AidNatives.bytes(call, call.ref(0)));
        return instance != 0 && card(call).isActive(instance) ? 1 : 0;
    }
}
