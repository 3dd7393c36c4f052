package cardlab.vm.api.extensions;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.MemoryType;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** ConstructedBERTLV: the content is an array of the structures inside, which is made larger when it has to be. */
final class ConstructedNatives {
    static final String CONSTRUCTED = "javacardx/framework/tlv/ConstructedBERTLV";

    private ConstructedNatives() {}

    static void bind(Binder binder) {
        binder.type(CONSTRUCTED)
                .method("<init>", "(S)V", ConstructedNatives::construct)
                .method("init", "([BSS)S", ConstructedNatives::init)
                .method("init", "(L" + TagNatives.CONSTRUCTED + ";L" + TlvNatives.TLV + ";)S", ConstructedNatives::initWithOne)
                .method("init", "(L" + TagNatives.CONSTRUCTED + ";[BSS)S", ConstructedNatives::initWithBytes)
                .method("append", "(L" + TlvNatives.TLV + ";)S", ConstructedNatives::append)
                .method("delete", "(L" + TlvNatives.TLV + ";S)S", ConstructedNatives::delete)
                .method("find", "(L" + TagNatives.TAG + ";)L" + TlvNatives.TLV + ";",
                        call -> found(call, call.ref(1), 0))
                .method("findNext", "(L" + TagNatives.TAG + ";L" + TlvNatives.TLV + ";S)L" + TlvNatives.TLV + ";",
                        call -> found(call, call.ref(1), occurrence(call, call.ref(2), call.number(3)) + 1));
        ConstructedArrays.bind(binder);
    }

    private static int construct(Call call) {
        if (call.number(1) < 0) {
            throw Ber.error(call, Ber.INVALID_PARAM);
        }
        int children = call.newArray(ArrayType.REFERENCE, call.number(1), MemoryType.PERSISTENT);
        call.setField(call.self(), TlvNatives.CONTENT, children);
        return 0;
    }

    private static int child(Call call, int object, int number) {
        return ((NativeCall) call).heap().getReference(call.refField(object, TlvNatives.CONTENT), 2 * number);
    }

    private static void setChild(Call call, int object, int number, int child) {
        ((NativeCall) call).heap().put2(call.refField(object, TlvNatives.CONTENT), 2 * number, child, WriteKind.ARRAY);
    }

    private static int count(Call call, int object) {
        return call.field(object, TlvNatives.USED);
    }

    static byte[] value(Call call, int object) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count(call, object); i++) {
            all.writeBytes(TlvNatives.encoded(call, child(call, object, i)));
        }
        return all.toByteArray();
    }

    static void fill(Call call, int object, byte[] value) {
        clear(call, object);
        int at = 0;
        while (at < value.length) {
            Ber.Element one = Ber.element(value, at, value.length);
            add(call, object, TlvNatives.made(call, Arrays.copyOfRange(value, at, one.end())));
            at = one.end();
        }
    }

    private static void clear(Call call, int object) {
        for (int i = 0; i < count(call, object); i++) {
            setChild(call, object, i, 0);
        }
        call.setField(object, TlvNatives.USED, 0);
    }

    private static void add(Call call, int object, int child) {
        int used = count(call, object);
        int content = call.refField(object, TlvNatives.CONTENT);
        if (content == 0 || call.length(content) == used) {
            enlarge(call, object, used);
        }
        setChild(call, object, used, child);
        call.setField(object, TlvNatives.USED, used + 1);
    }

    private static void enlarge(Call call, int object, int used) {
        int larger = call.newArray(ArrayType.REFERENCE, used + 1, MemoryType.PERSISTENT);
        for (int i = 0; i < used; i++) {
            ((NativeCall) call).heap().put2(larger, 2 * i, child(call, object, i), WriteKind.ARRAY);
        }
        call.setField(object, TlvNatives.CONTENT, larger);
    }

    private static int init(Call call) {
        byte[] in = TlvNatives.structure(call, call.ref(1), call.number(2), call.number(3));
        if (!Ber.isConstructed(in)) {
            throw Ber.error(call, Ber.MALFORMED_TLV);
        }
        TlvNatives.fill(call, call.self(), in);
        return in.length;
    }

    private static int initWithOne(Call call) {
        ((NativeCall) call).requireUsable(call.ref(1));
        requireAppendable(call, call.ref(2));
        clear(call, call.self());
        add(call, call.self(), call.ref(2));
        call.setField(call.self(), TlvNatives.TAG, call.ref(1));
        return TlvNatives.size(call, call.self());
    }

    private static int initWithBytes(Call call) {
        ((NativeCall) call).requireUsable(call.ref(1));
        byte[] value = call.bytes(call.ref(2), call.number(3), call.number(4));
        if (!Ber.isSequence(value, 0, value.length)) {
            throw Ber.error(call, Ber.MALFORMED_TLV);
        }
        fill(call, call.self(), value);
        call.setField(call.self(), TlvNatives.TAG, call.ref(1));
        return TlvNatives.size(call, call.self());
    }

    private static int append(Call call) {
        requireAppendable(call, call.ref(1));
        TlvNatives.required(call, call.self());
        add(call, call.self(), call.ref(1));
        return TlvNatives.size(call, call.self());
    }

    /** INVALID_PARAM for the object itself and for what it is part of. */
    private static void requireAppendable(Call call, int child) {
        ((NativeCall) call).requireUsable(child);
        if (contains(call, child, call.self())) {
            throw Ber.error(call, Ber.INVALID_PARAM);
        }
    }

    private static boolean contains(Call call, int object, int wanted) {
        if (object == wanted) {
            return true;
        }
        for (int i = 0; TlvNatives.isConstructed(call, object) && i < count(call, object); i++) {
            if (contains(call, child(call, object, i), wanted)) {
                return true;
            }
        }
        return false;
    }

    /** Where a structure is inside for the n-th time. INVALID_PARAM when it is not so often. */
    private static int occurrence(Call call, int wanted, int number) {
        ((NativeCall) call).requireUsable(wanted);
        int left = number;
        for (int i = 0; number > 0 && i < count(call, call.self()); i++) {
            if (child(call, call.self(), i) == wanted && --left == 0) {
                return i;
            }
        }
        throw Ber.error(call, Ber.INVALID_PARAM);
    }

    private static int delete(Call call) {
        int place = occurrence(call, call.ref(1), call.number(2));
        int last = count(call, call.self()) - 1;
        for (int i = place; i < last; i++) {
            setChild(call, call.self(), i, child(call, call.self(), i + 1));
        }
        setChild(call, call.self(), last, 0);
        call.setField(call.self(), TlvNatives.USED, last);
        return TlvNatives.size(call, call.self());
    }

    /** The first structure from a place on with a tag, or any for null; null when there is none. */
    private static int found(Call call, int tag, int from) {
        byte[] wanted = tag == 0 ? null : TagNatives.bytes(call, tag);
        for (int i = from; i < count(call, call.self()); i++) {
            int one = child(call, call.self(), i);
            if (wanted == null || Arrays.equals(wanted, TagNatives.bytes(call, call.refField(one, TlvNatives.TAG)))) {
                return one;
            }
        }
        return 0;
    }
}
