package cardlab.vm.api.security;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;
import cardlab.vm.natives.NativeMethod;
import cardlab.vm.natives.Peer;

/**
 * The classes OneShot (Java Card API 3.0.5): one object each, a temporary entry point in RAM, for the context that opened
 * it. It is open while it has a peer: a reset and the end of a command close it. Its last field is the context.
 */
public final class OneShot {
    private static final String SYSTEM_EXCEPTION = "javacard/framework/SystemException";
    private static final String SECURITY_EXCEPTION = "java/lang/SecurityException";
    private static final int NO_RESOURCE = 5;

    private OneShot() {}

    /** The peer of an object that is open and has no message under way. */
    private record Open() implements Peer {
        @Override
        public Peer fork() {
            return this;
        }
    }

    /** Give a OneShot class its object and close(); {@code references} and {@code shorts} are its other fields. */
    public static ClassBinder bind(ClassBinder type, int reference, int references, int shorts) {
        int cells = references + shorts;
        return type.fields(references, shorts + 1)
                .entryPoints(reference, 1, true)
                .method("close", "()V", call -> close(call, cells));
    }

    /** Open an object of so many fields beside the context. SystemException.NO_RESOURCE when it is open already. */
    public static int open(Call call, int reference, int cells) {
        if (call.peer(reference) != null) {
            throw call.thrown(SYSTEM_EXCEPTION, NO_RESOURCE);
        }
        for (int i = 0; i < cells; i++) {
            call.setField(reference, i, 0);
        }
        call.setField(reference, cells, context(call));
        call.setPeer(reference, new Open());
        return reference;
    }

    private static int context(Call call) {
        return ((NativeCall) call).interpreter().firewall().context();
    }

    /** Nothing happens to an object that is closed. */
    private static int close(Call call, int cells) {
        if (call.peer(call.self()) != null) {
            requireContext(call, cells);
            call.setPeer(call.self(), null);
        }
        return 0;
    }

    private static void requireContext(Call call, int cells) {
        if (call.field(call.self(), cells) != context(call)) {
            throw call.thrown(SECURITY_EXCEPTION);
        }
    }

    private static boolean isOneShot(int reference) {
        return reference >= SystemObjects.MESSAGE_DIGEST_ONE_SHOT && reference <= SystemObjects.CIPHER_ONE_SHOT;
    }

    /** A native of objects that are either no OneShot or open: ILLEGAL_USE otherwise, SecurityException in other contexts. */
    public static NativeMethod whileOpen(int cells, NativeMethod code) {
        return Cryptography.guarded(call -> {
            if (isOneShot(call.self())) {
                if (call.peer(call.self()) == null) {
                    throw Cryptography.thrown(call, Cryptography.ILLEGAL_USE);
                }
                requireContext(call, cells);
            }
            return code.call(call);
        });
    }

    /** What no OneShot supports: its message comes in one piece. */
    public static int unsupported(Call call) {
        throw Cryptography.thrown(call, Cryptography.ILLEGAL_USE);
    }

    /** The message under way ends; a OneShot stays open. */
    public static void end(Call call) {
        call.setPeer(call.self(), isOneShot(call.self()) ? new Open() : null);
    }
}
