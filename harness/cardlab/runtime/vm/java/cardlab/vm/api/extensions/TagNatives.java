package cardlab.vm.api.extensions;

import cardlab.vm.interpreter.NativeCall;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;
import java.util.Arrays;

/** BERTag and its subclasses. Fields: the length of the tag, 0 while it is empty, and four bytes in two cells. */
final class TagNatives {
    static final String TAG = "javacardx/framework/tlv/BERTag";
    static final String PRIMITIVE = "javacardx/framework/tlv/PrimitiveBERTag";
    static final String CONSTRUCTED = "javacardx/framework/tlv/ConstructedBERTag";

    private TagNatives() {}

    static void bind(Binder binder) {
        binder.type(TAG).fields(0, 3)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "([BS)L" + TAG + ";", TagNatives::getInstance)
                .method("size", "()B", call -> own(call).length)
                .method("toBytes", "([BS)S", TagNatives::toBytes)
                .method("tagNumber", "()S", call -> Ber.tagNumber(call, own(call)))
                .method("isConstructed", "()Z", call -> Ber.isConstructed(own(call)) ? 1 : 0)
                .method("tagClass", "()B", call -> Ber.tagClass(own(call)))
                .method("equals", "(L" + TAG + ";)Z", TagNatives::isEqual)
                .method("equals", "(Ljava/lang/Object;)Z", TagNatives::isEqual)
                .method("toBytes", "(SZS[BS)S", TagNatives::write)
                .method("size", "([BS)B", call -> Ber.tag(call, call.ref(0), call.number(1)).length)
                .method("tagNumber", "([BS)S", call -> Ber.tagNumber(call, Ber.tag(call, call.ref(0), call.number(1))))
                .method("isConstructed", "([BS)Z", call -> Ber.isConstructed(Ber.tag(call, call.ref(0), call.number(1))) ? 1 : 0)
                .method("tagClass", "([BS)B", call -> Ber.tagClass(Ber.tag(call, call.ref(0), call.number(1))))
                .method("verifyFormat", "([BS)Z", TagNatives::verifyFormat);
        bind(binder.type(PRIMITIVE), false);
        bind(binder.type(CONSTRUCTED), true);
    }

    private static void bind(ClassBinder type, boolean constructed) {
        type.method("<init>", "()V", call -> 0)
                .method("init", "([BS)V", call -> init(call, Ber.tag(call, call.ref(1), call.number(2)), constructed))
                .method("init", "(BS)V", call ->
                        init(call, Ber.tag(call, call.number(1), constructed, call.number(2)), constructed));
    }

    /** MALFORMED_TAG for a tag of the other kind. */
    private static int init(Call call, byte[] tag, boolean constructed) {
        if (Ber.isConstructed(tag) != constructed) {
            throw Ber.error(call, Ber.MALFORMED_TAG);
        }
        keep(call, call.self(), tag);
        return 0;
    }

    private static void keep(Call call, int object, byte[] tag) {
        byte[] four = Arrays.copyOf(tag, 4);
        call.setField(object, 0, tag.length);
        call.setField(object, 1, four[0] << 8 | four[1] & 0xFF);
        call.setField(object, 2, four[2] << 8 | four[3] & 0xFF);
    }

    /** A new tag object of the calling applet. */
    static int made(Call call, byte[] tag) {
        int object = call.newObject(Ber.isConstructed(tag) ? CONSTRUCTED : PRIMITIVE);
        keep(call, object, tag);
        return object;
    }

    private static int getInstance(Call call) {
        return made(call, Ber.tag(call, call.ref(0), call.number(1)));
    }

    /** The bytes of a tag object; none while it is empty. */
    static byte[] bytes(Call call, int object) {
        int first = call.field(object, 1);
        int second = call.field(object, 2);
        byte[] four = {(byte) (first >> 8), (byte) first, (byte) (second >> 8), (byte) second};
        return Arrays.copyOf(four, call.field(object, 0));
    }

    private static byte[] own(Call call) {
        return required(call, call.self());
    }

    /** EMPTY_TAG. */
    static byte[] required(Call call, int object) {
        byte[] tag = bytes(call, object);
        if (tag.length == 0) {
            throw Ber.error(call, Ber.EMPTY_TAG);
        }
        return tag;
    }

    private static int toBytes(Call call) {
        byte[] tag = own(call);
        call.write(call.ref(1), call.number(2), tag);
        return tag.length;
    }

    private static int isEqual(Call call) {
        int other = call.ref(1);
        if (other == 0 || call.arrayType(other) != null || !call.isInstance(other, TAG)) {
            return 0;
        }
        ((NativeCall) call).requireUsable(other);
        return Arrays.equals(bytes(call, call.self()), bytes(call, other)) ? 1 : 0;
    }

    private static int write(Call call) {
        byte[] tag = Ber.tag(call, call.number(0), call.number(1) != 0, call.number(2));
        call.write(call.ref(3), call.number(4), tag);
        return tag.length;
    }

    private static int verifyFormat(Call call) {
        int length = call.length(call.ref(0));
        call.require(call.ref(0), call.number(1), 0);
        byte[] in = call.bytes(call.ref(0), call.number(1), length - call.number(1));
        return Ber.tagSize(in, 0, in.length) > 0 ? 1 : 0;
    }
}
