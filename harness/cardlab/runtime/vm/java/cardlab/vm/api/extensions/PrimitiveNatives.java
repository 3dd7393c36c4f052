package cardlab.vm.api.extensions;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.MemoryType;
import java.util.Arrays;

/** PrimitiveBERTLV: the content is a byte array, which is made larger when it has to be. */
final class PrimitiveNatives {
    static final String PRIMITIVE = "javacardx/framework/tlv/PrimitiveBERTLV";

    private PrimitiveNatives() {}

    static void bind(Binder binder) {
        binder.type(PRIMITIVE)
                .method("<init>", "(S)V", PrimitiveNatives::construct)
                .method("init", "([BSS)S", PrimitiveNatives::init)
                .method("init", "(L" + TagNatives.PRIMITIVE + ";[BSS)S", PrimitiveNatives::initWithTag)
                .method("appendValue", "([BSS)S", PrimitiveNatives::append)
                .method("replaceValue", "([BSS)S", PrimitiveNatives::replace)
                .method("getValue", "([BS)S", PrimitiveNatives::getValue)
                .method("getValueOffset", "([BS)S", PrimitiveNatives::valueOffset)
                .method("toBytes", "([BS[BSS[BS)S", PrimitiveNatives::write)
                .method("appendValue", "([BS[BSS)S", PrimitiveNatives::appendInArray);
    }

    private static int construct(Call call) {
        if (call.number(1) < 0) {
            throw Ber.error(call, Ber.INVALID_PARAM);
        }
        call.setField(call.self(), TlvNatives.CONTENT, call.newArray(ArrayType.BYTE, call.number(1), MemoryType.PERSISTENT));
        return 0;
    }

    static byte[] value(Call call, int object) {
        return Arrays.copyOf(call.inside(call.refField(object, TlvNatives.CONTENT)), call.field(object, TlvNatives.USED));
    }

    static void fill(Call call, int object, byte[] value) {
        int content = call.refField(object, TlvNatives.CONTENT);
        if (content == 0 || call.inside(content).length < value.length) {
            content = call.newArray(ArrayType.BYTE, value.length, MemoryType.PERSISTENT);
            call.setField(object, TlvNatives.CONTENT, content);
        }
        call.writeInside(content, 0, value);
        call.setField(object, TlvNatives.USED, value.length);
    }

    private static byte[] argument(Call call, int first) {
        return call.bytes(call.ref(first), call.number(first + 1), call.number(first + 2));
    }

    /** MALFORMED_TLV for a constructed structure as well. */
    private static int init(Call call) {
        byte[] in = TlvNatives.structure(call, call.ref(1), call.number(2), call.number(3));
        if (Ber.isConstructed(in)) {
            throw Ber.error(call, Ber.MALFORMED_TLV);
        }
        TlvNatives.fill(call, call.self(), in);
        return in.length;
    }

    private static int initWithTag(Call call) {
        ((NativeCall) call).requireUsable(call.ref(1));
        fill(call, call.self(), argument(call, 2));
        call.setField(call.self(), TlvNatives.TAG, call.ref(1));
        return TlvNatives.size(call, call.self());
    }

    private static int append(Call call) {
        byte[] before = value(call, TlvNatives.required(call, call.self()));
        byte[] more = argument(call, 1);
        byte[] all = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, all, before.length, more.length);
        fill(call, call.self(), all);
        return TlvNatives.size(call, call.self());
    }

    private static int replace(Call call) {
        TlvNatives.required(call, call.self());
        fill(call, call.self(), argument(call, 1));
        return TlvNatives.size(call, call.self());
    }

    private static int getValue(Call call) {
        byte[] value = value(call, TlvNatives.required(call, call.self()));
        call.write(call.ref(1), call.number(2), value);
        return value.length;
    }

    private static Ber.Element primitive(Call call, byte[] in) {
        Ber.Element found = Ber.required(call, in, 0);
        if (Ber.isConstructed(in)) {
            throw Ber.error(call, Ber.MALFORMED_TLV);
        }
        return found;
    }

    private static int valueOffset(Call call) {
        byte[] in = TlvNatives.rest(call, call.ref(0), call.number(1));
        return call.number(1) + primitive(call, in).value();
    }

    private static int write(Call call) {
        byte[] tag = Ber.tag(call, call.ref(0), call.number(1));
        if (Ber.isConstructed(tag)) {
            throw Ber.error(call, Ber.MALFORMED_TAG);
        }
        byte[] out = Ber.encoded(call, tag, argument(call, 2));
        call.write(call.ref(5), call.number(6), out);
        return out.length;
    }

    private static int appendInArray(Call call) {
        byte[] in = TlvNatives.rest(call, call.ref(0), call.number(1));
        Ber.Element found = primitive(call, in);
        byte[] more = argument(call, 2);
        byte[] value = Arrays.copyOfRange(in, found.value(), found.end() + more.length);
        System.arraycopy(more, 0, value, found.length(), more.length);
        byte[] out = Ber.encoded(call, Arrays.copyOf(in, Ber.tagSize(in, 0, in.length)), value);
        call.write(call.ref(0), call.number(1), out);
        return out.length;
    }
}
