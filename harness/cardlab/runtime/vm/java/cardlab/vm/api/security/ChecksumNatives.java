package cardlab.vm.api.security;

import cardlab.engine.Checksum;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** Checksum. Fields: algorithm, and the initial value of the last init() in two halves. */
final class ChecksumNatives {
    private static final String CHECKSUM = "javacard/security/Checksum";
    private static final String OBJECT = "cardlab/security/Checksum";
    private static final int ALGORITHM = 0;
    private static final int HIGH = 1;
    private static final int LOW = 2;

    private final Cryptography cryptography;

    ChecksumNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(CHECKSUM)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "(BZ)L" + CHECKSUM + ";", Cryptography.guarded(this::getInstance));
        binder.hidden(OBJECT, CHECKSUM).fields(0, 3)
                .method("getAlgorithm", "()B", call -> call.field(call.self(), ALGORITHM))
                .method("init", "([BSS)V", Cryptography.guarded(this::init))
                .method("update", "([BSS)V", this::update)
                .method("doFinal", "([BSS[BS)S", this::doFinal);
    }

    private int getInstance(Call call) {
        cryptography.engine(call).checksum(call.number(0));
        int object = call.newObject(OBJECT);
        call.setField(object, ALGORITHM, call.number(0));
        return object;
    }

    private Checksum checksum(Call call) {
        Checksum running = Held.in(call.peer(call.self()), Checksum.class);
        return running != null ? running : begun(call);
    }

    private Checksum begun(Call call) {
        Checksum made = cryptography.engine(call).checksum(call.field(call.self(), ALGORITHM));
        int high = call.field(call.self(), HIGH);
        int low = call.field(call.self(), LOW);
        byte[] start = {(byte) (high >> 8), (byte) high, (byte) (low >> 8), (byte) low};
        made.init(java.util.Arrays.copyOfRange(start, start.length - made.length(), start.length));
        call.setPeer(call.self(), new Held<>(made, Checksum::copy));
        return made;
    }

    private int init(Call call) {
        byte[] start = call.bytes(call.ref(1), call.number(2), call.number(3));
        checksum(call).init(start);
        byte[] wide = new byte[4];
        System.arraycopy(start, 0, wide, wide.length - start.length, start.length);
        Fields.change(call, HIGH, wide[0] << 8 | wide[1] & 0xFF);
        Fields.change(call, LOW, wide[2] << 8 | wide[3] & 0xFF);
        return 0;
    }

    private int update(Call call) {
        byte[] in = Cryptography.data(call);
        checksum(call).update(in, 0, in.length);
        return 0;
    }

    private int doFinal(Call call) {
        byte[] in = Cryptography.data(call);
        Checksum checksum = checksum(call);
        call.require(call.ref(4), call.number(5), checksum.length());
        call.write(call.ref(4), call.number(5), checksum.doFinal(in, 0, in.length));
        return checksum.length();
    }
}
