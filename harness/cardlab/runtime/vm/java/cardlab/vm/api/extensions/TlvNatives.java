package cardlab.vm.api.extensions;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/**
 * BERTLV, and what both its subclasses have. Fields: the tag, null while the object is empty; the content, a byte array or
 * one of references; how much of the content is used.
 */
final class TlvNatives {
    static final String TLV = "javacardx/framework/tlv/BERTLV";
    static final int TAG = 0;
    static final int CONTENT = 1;
    static final int USED = 2;

    private TlvNatives() {}

    static void bind(Binder binder) {
        binder.type(TLV).fields(2, 1)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "([BSS)L" + TLV + ";", TlvNatives::getInstance)
                .method("verifyFormat", "([BSS)Z", TlvNatives::verifyFormat)
                .method("getTag", "([BS[BS)S", TlvNatives::copyTag)
                .method("getLength", "([BS)S", TlvNatives::lengthIn)
                .method("toBytes", "([BS)S", TlvNatives::toBytes)
                .method("getTag", "()L" + TagNatives.TAG + ";", TlvNatives::getTag)
                .method("getLength", "()S", call -> value(call, required(call, call.self())).length)
                .method("size", "()S", call -> size(call, call.self()));
        PrimitiveNatives.bind(binder);
        ConstructedNatives.bind(binder);
    }

    /** The object, unless it is empty (EMPTY_TLV) or another context's. */
    static int required(Call call, int object) {
        ((NativeCall) call).requireUsable(object);
        if (call.refField(object, TAG) == 0) {
            throw Ber.error(call, Ber.EMPTY_TLV);
        }
        return object;
    }

    static boolean isConstructed(Call call, int object) {
        return call.isInstance(object, ConstructedNatives.CONSTRUCTED);
    }

    /** The value of an object that is not empty. */
    static byte[] value(Call call, int object) {
        return isConstructed(call, object) ? ConstructedNatives.value(call, object) : PrimitiveNatives.value(call, object);
    }

    /** The structure as bytes. EMPTY_TLV, EMPTY_TAG, TLV_SIZE_GREATER_THAN_32767. */
    static byte[] encoded(Call call, int object) {
        required(call, object);
        return Ber.encoded(call, TagNatives.required(call, call.refField(object, TAG)), value(call, object));
    }

    static int size(Call call, int object) {
        return encoded(call, object).length;
    }

    private static int toBytes(Call call) {
        byte[] out = encoded(call, call.self());
        call.write(call.ref(1), call.number(2), out);
        return out.length;
    }

    private static int getTag(Call call) {
        return call.refField(required(call, call.self()), TAG);
    }

    /** The argument as a whole structure. MALFORMED_TLV. */
    static byte[] structure(Call call, int array, int offset, int length) {
        byte[] in = call.bytes(array, offset, length);
        Ber.Element found = Ber.required(call, in, 0);
        if (found.end() != in.length) {
            throw Ber.error(call, Ber.MALFORMED_TLV);
        }
        return in;
    }

    private static int getInstance(Call call) {
        return made(call, structure(call, call.ref(0), call.number(1), call.number(2)));
    }

    /** A new object of the calling applet for a structure. */
    static int made(Call call, byte[] in) {
        boolean constructed = (in[0] & 0x20) != 0;
        int object = call.newObject(constructed ? ConstructedNatives.CONSTRUCTED : PrimitiveNatives.PRIMITIVE);
        fill(call, object, in);
        return object;
    }

    /** Let an object hold a structure; it gets a tag object of its own. */
    static void fill(Call call, int object, byte[] in) {
        Ber.Element found = Ber.required(call, in, 0);
        byte[] tag = java.util.Arrays.copyOf(in, Ber.tagSize(in, 0, in.length));
        byte[] value = java.util.Arrays.copyOfRange(in, found.value(), found.end());
        if (isConstructed(call, object)) {
            ConstructedNatives.fill(call, object, value);
        } else {
            PrimitiveNatives.fill(call, object, value);
        }
        call.setField(object, TAG, TagNatives.made(call, tag));
    }

    private static int verifyFormat(Call call) {
        byte[] in = call.bytes(call.ref(0), call.number(1), call.number(2));
        Ber.Element found = Ber.element(in, 0, in.length);
        return found != null && found.end() == in.length && Ber.isWhole(in, found) ? 1 : 0;
    }

    /** From the offset to the end of the array. */
    static byte[] rest(Call call, int array, int offset) {
        int length = call.length(array);
        call.require(array, offset, 0);
        return call.bytes(array, offset, length - offset);
    }

    private static int copyTag(Call call) {
        byte[] in = rest(call, call.ref(0), call.number(1));
        Ber.required(call, in, 0);
        byte[] tag = java.util.Arrays.copyOf(in, Ber.tagSize(in, 0, in.length));
        call.write(call.ref(2), call.number(3), tag);
        return tag.length;
    }

    private static int lengthIn(Call call) {
        Ber.Element found = Ber.required(call, rest(call, call.ref(0), call.number(1)), 0);
        if (found.length() > Short.MAX_VALUE) {
            throw Ber.error(call, Ber.TLV_LENGTH_GREATER_THAN_32767);
        }
        return found.length();
    }
}
