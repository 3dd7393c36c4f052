package cardlab.vm.framework;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.Heap;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;
import cardlab.vm.natives.JavaCardException;
import cardlab.vm.natives.MemoryType;
import cardlab.vm.natives.Peer;
import java.security.MessageDigest;

/**
 * OwnerPIN, OwnerPINx, OwnerPINxWithPredecrement and their builder.
 *
 * <p>Fields: the value (byte array), flags in RAM (boolean array: validated, decremented before); try limit, greatest size,
 * size, tries left. What check() does to the tries is not part of a transaction; everything else is.
 */
final class PinNatives {
    private static final String OWNER_PIN = "javacard/framework/OwnerPIN";
    private static final String OWNER_PIN_X = "cardlab/OwnerPINx";
    private static final String PREDECREMENT = "cardlab/OwnerPINxWithPredecrement";
    private static final int VALUE = 0;
    private static final int FLAGS = 1;
    private static final int LIMIT = 2;
    private static final int MOST = 3;
    private static final int SIZE = 4;
    private static final int TRIES = 5;
    /** The low byte of the cell with the tries. */
    private static final int TRIES_BYTE = 2 * TRIES + 1;
    /** The size of a value that is not there. */
    private static final int NO_VALUE = -1;
    private static final int VALIDATED = 0;
    private static final int DECREMENTED = 1;
    private static final int ILLEGAL_VALUE = 1;
    private static final int ILLEGAL_STATE = 2;

    /** The value was renewed in this transaction: tries since then are none of the value's before. */
    private record Renewed(long transaction) implements Peer {
        @Override
        public Peer fork() {
            return this;
        }
    }

    private PinNatives() {}

    static void bind(Binder binder) {
        binder.type(OWNER_PIN).fields(2, 4)
                .method("<init>", "(BB)V", call -> construct(call, call.self(), call.number(1), call.number(2)))
                .method("check", "([BSB)Z", PinNatives::check)
                .method("getTriesRemaining", "()B", call -> call.field(call.self(), TRIES))
                .method("getValidatedFlag", "()Z", call -> flag(call, VALIDATED))
                .method("isValidated", "()Z", PinNatives::validated)
                .method("reset", "()V", PinNatives::reset)
                .method("resetAndUnblock", "()V", PinNatives::resetAndUnblock)
                .method("setValidatedFlag", "(Z)V", call -> setFlag(call, VALIDATED, call.number(1)))
                .method("update", "([BSB)V", PinNatives::update);
        bindX(binder.hidden(OWNER_PIN_X, OWNER_PIN, "javacard/framework/OwnerPINx"));
        bindX(binder.hidden(PREDECREMENT, OWNER_PIN, "javacard/framework/OwnerPINxWithPredecrement",
                "javacard/framework/OwnerPINx"))
                .method("check", "([BSB)Z", PinNatives::checkAfterDecrement)
                .method("decrementTriesRemaining", "()B", PinNatives::decrementTriesRemaining);
        binder.type("javacard/framework/OwnerPINBuilder")
                .method("buildOwnerPIN", "(BBB)Ljavacard/framework/PIN;", PinNatives::buildOwnerPIN);
    }

    private static ClassBinder bindX(ClassBinder type) {
        return type.method("getTryLimit", "()B", call -> call.field(call.self(), LIMIT))
                .method("setTryLimit", "(B)V", PinNatives::setTryLimit)
                .method("setTriesRemaining", "(B)V", PinNatives::setTriesRemaining);
    }

    private static JavaCardException error(Call call, int reason) {
        return call.thrown("javacard/framework/PINException", reason);
    }

    private static int construct(Call call, int self, int limit, int most) {
        if (limit < 1 || most < 1) {
            throw error(call, ILLEGAL_VALUE);
        }
        call.setField(self, VALUE, call.newArray(ArrayType.BYTE, most, MemoryType.PERSISTENT));
        call.setField(self, FLAGS, call.newArray(ArrayType.BOOLEAN, 2, MemoryType.TRANSIENT_RESET));
        call.setField(self, LIMIT, limit);
        call.setField(self, MOST, most);
        call.setField(self, SIZE, firstSize(call, most));
        call.setField(self, TRIES, limit);
        return 0;
    }

    /** Of the value that nobody has given yet. */
    private static int firstSize(Call call, int most) {
        return switch (Framework.card(call).properties().pinValue()) {
            case "empty" -> 0;
            case "none" -> NO_VALUE;
            default -> most;
        };
    }

    private static int buildOwnerPIN(Call call) {
        String name = switch (call.number(2)) {
            case 1 -> OWNER_PIN;
            case 2 -> OWNER_PIN_X;
            case 3 -> PREDECREMENT;
            default -> throw error(call, ILLEGAL_VALUE);
        };
        if (call.number(0) < 1 || call.number(1) < 1) {
            throw error(call, ILLEGAL_VALUE);
        }
        int made = call.newObject(name);
        construct(call, made, call.number(0), call.number(1));
        return made;
    }

    private static int flag(Call call, int number) {
        return call.inside(call.refField(call.self(), FLAGS))[number];
    }

    private static int setFlag(Call call, int number, int value) {
        call.writeInside(call.refField(call.self(), FLAGS), number, new byte[] {(byte) value});
        return 0;
    }

    private static boolean isSubclass(Call call) {
        return !call.className(call.self()).equals(OWNER_PIN) && !call.className(call.self()).startsWith("cardlab/");
    }

    /** A subclass may keep the flag somewhere else. */
    private static int validated(Call call) {
        return isSubclass(call) ? call.invoke(call.self(), OWNER_PIN, "getValidatedFlag", "()Z") : flag(call, VALIDATED);
    }

    private static void setValidated(Call call, int value) {
        if (isSubclass(call)) {
            call.invoke(call.self(), OWNER_PIN, "setValidatedFlag", "(Z)V", value);
        } else {
            setFlag(call, VALIDATED, value);
        }
    }

    private static Heap heap(Call call) {
        return ((NativeCall) call).heap();
    }

    private static void countTries(Call call, int left) {
        heap(call).put1Unprotected(call.self(), TRIES_BYTE, left);
    }

    /** A try is used; also of those that an abort would restore. Tells whether there were any to restore. */
    private static boolean useTry(Call call, int left) {
        boolean isRenewed = call.peer(call.self()) instanceof Renewed renewed
                && renewed.transaction() != 0
                && renewed.transaction() == heap(call).journal().serial();
        boolean counted = !isRenewed && heap(call).addToSaved(call.self(), TRIES_BYTE, -1);
        countTries(call, left - 1);
        return counted;
    }

    /** A try is used before anything is looked at, null and bounds included; a card may not count what is empty. */
    private static int check(Call call) {
        setValidated(call, 0);
        int left = call.field(call.self(), TRIES);
        if (call.number(3) == 0 && !Framework.card(call).properties().countsEmptyPin()) {
            return 0;
        }
        return left == 0 ? 0 : compare(call, useTry(call, left));
    }

    /** Right: all tries are there again, and one that an abort would miss comes back. */
    private static int compare(Call call, boolean counted) {
        byte[] given = call.bytes(call.ref(1), call.number(2), call.number(3));
        int size = call.field(call.self(), SIZE);
        if (size == NO_VALUE) {
            return 0;
        }
        byte[] value = java.util.Arrays.copyOf(call.inside(call.refField(call.self(), VALUE)), size);
        if (!MessageDigest.isEqual(given, value)) {
            return 0;
        }
        if (counted) {
            heap(call).addToSaved(call.self(), TRIES_BYTE, 1);
        }
        countTries(call, call.field(call.self(), LIMIT));
        setValidated(call, 1);
        return 1;
    }

    private static int checkAfterDecrement(Call call) {
        setValidated(call, 0);
        boolean isReady = flag(call, DECREMENTED) != 0;
        setFlag(call, DECREMENTED, 0);
        if (!isReady) {
            throw error(call, ILLEGAL_STATE);
        }
        return compare(call, false);
    }

    /** The try is used here; check() then may compare once, unless there was none left. */
    private static int decrementTriesRemaining(Call call) {
        int left = call.field(call.self(), TRIES);
        setValidated(call, 0);
        setFlag(call, DECREMENTED, left == 0 ? 0 : 1);
        if (left > 0) {
            useTry(call, left);
        }
        return Math.max(left - 1, 0);
    }

    private static int reset(Call call) {
        return validated(call) != 0 ? resetAndUnblock(call) : 0;
    }

    private static int resetAndUnblock(Call call) {
        call.setField(call.self(), TRIES, call.field(call.self(), LIMIT));
        setValidated(call, 0);
        return 0;
    }

    private static int update(Call call) {
        int length = call.number(3);
        byte[] value = call.bytes(call.ref(1), call.number(2), length);
        if (length > call.field(call.self(), MOST)) {
            throw error(call, ILLEGAL_VALUE);
        }
        call.writeInside(call.refField(call.self(), VALUE), 0, value);
        call.setField(call.self(), SIZE, length);
        call.setPeer(call.self(), new Renewed(heap(call).journal().serial()));
        return resetAndUnblock(call);
    }

    private static int setTryLimit(Call call) {
        int limit = call.number(1);
        if (limit < 1) {
            throw error(call, ILLEGAL_VALUE);
        }
        call.setField(call.self(), LIMIT, limit);
        return resetAndUnblock(call);
    }

    private static int setTriesRemaining(Call call) {
        int left = call.number(1);
        if (left < 0 || left > call.field(call.self(), LIMIT)) {
            throw error(call, ILLEGAL_VALUE);
        }
        call.setField(call.self(), TRIES, left);
        return 0;
    }
}
