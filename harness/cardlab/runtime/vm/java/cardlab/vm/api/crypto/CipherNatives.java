package cardlab.vm.api.crypto;

import cardlab.engine.AeadOperation;
import cardlab.engine.CipherAlgorithm;
import cardlab.engine.CipherOperation;
import cardlab.engine.CipherPrimitive;
import cardlab.engine.Keys;
import cardlab.engine.Padding;
import cardlab.vm.api.security.CardKey;
import cardlab.vm.api.security.Cryptography;
import cardlab.vm.api.security.Fields;
import cardlab.vm.api.security.Held;
import cardlab.vm.api.security.OneShot;
import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;

/**
 * Cipher and AEADCipher. Fields: key; algorithm (0 for none of the constants), cipher, padding, mode (0 before init()).
 * After a reset the message begins again with the key and the mode of the last init() and a vector of zeros.
 */
final class CipherNatives {
    private static final String CIPHER = "javacardx/crypto/Cipher";
    private static final String AEAD = "javacardx/crypto/AEADCipher";
    private static final String CIPHER_OBJECT = "cardlab/crypto/Cipher";
    private static final String AEAD_OBJECT = "cardlab/crypto/AEADCipher";
    private static final int KEY = 0;
    private static final int ALGORITHM = 1;
    private static final int PRIMITIVE = 2;
    private static final int PADDING = 3;
    private static final int MODE = 4;
    private static final int CELLS = 5;

    private final Cryptography cryptography;

    CipherNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(CIPHER)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "(BZ)L" + CIPHER + ";", Cryptography.guarded(this::byAlgorithm))
                .method("getInstance", "(BBZ)L" + CIPHER + ";", Cryptography.guarded(this::byParts));
        OneShot.bind(bind(binder.type(CIPHER + "$OneShot")), SystemObjects.CIPHER_ONE_SHOT, 1, CELLS - 1)
                .method("open", "(BB)L" + CIPHER + "$OneShot;", Cryptography.guarded(this::open))
                .method("update", "([BSS[BS)S", OneShot::unsupported);
        binder.type(AEAD).method("<init>", "()V", call -> 0);
        bind(binder.hidden(CIPHER_OBJECT, CIPHER));
        bind(binder.hidden(AEAD_OBJECT, AEAD))
                .method("init", "(Ljavacard/security/Key;B[BSSSSS)V", Cryptography.guarded(this::initWithLengths))
                .method("updateAAD", "([BSS)V", Cryptography.guarded(this::updateAad))
                .method("retrieveTag", "([BSS)S", Cryptography.guarded(this::retrieveTag))
                .method("verifyTag", "([BSSS)Z", Cryptography.guarded(this::verifyTag));
    }

    private ClassBinder bind(ClassBinder type) {
        return type.fields(1, CELLS - 1)
                .method("getAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), ALGORITHM)))
                .method("getCipherAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), PRIMITIVE)))
                .method("getPaddingAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), PADDING)))
                .method("init", "(Ljavacard/security/Key;B)V", OneShot.whileOpen(CELLS, call -> init(call, null)))
                .method("init", "(Ljavacard/security/Key;B[BSS)V", OneShot.whileOpen(CELLS, call ->
                        init(call, call.bytes(call.ref(3), call.number(4), call.number(5)))))
                .method("update", "([BSS[BS)S", OneShot.whileOpen(CELLS, this::update))
                .method("doFinal", "([BSS[BS)S", OneShot.whileOpen(CELLS, this::doFinal));
    }

    /** NO_SUCH_ALGORITHM for AEAD as well: its tag could not be had. */
    private int open(Call call) {
        if (cryptography.engine(call).cipher(call.number(0), call.number(1)) instanceof AeadOperation) {
            throw Cryptography.thrown(call, Cryptography.NO_SUCH_ALGORITHM);
        }
        CipherPrimitive primitive = CipherPrimitive.of(call.number(0));
        Padding padding = Padding.of(call.number(1));
        int object = OneShot.open(call, SystemObjects.CIPHER_ONE_SHOT, CELLS);
        return described(call, object, CipherAlgorithm.numberOf(primitive, padding), primitive, padding);
    }

    private int byAlgorithm(Call call) {
        cryptography.engine(call).cipher(call.number(0));
        CipherAlgorithm found = CipherAlgorithm.of(call.number(0));
        return made(call, found.number(), found.primitive(), found.padding());
    }

    private int byParts(Call call) {
        cryptography.engine(call).cipher(call.number(0), call.number(1));
        CipherPrimitive primitive = CipherPrimitive.of(call.number(0));
        Padding padding = Padding.of(call.number(1));
        return made(call, CipherAlgorithm.numberOf(primitive, padding), primitive, padding);
    }

    private static int made(Call call, int algorithm, CipherPrimitive primitive, Padding padding) {
        boolean isAead = primitive == CipherPrimitive.CIPHER_AES_GCM || primitive == CipherPrimitive.CIPHER_AES_CCM;
        return described(call, call.newObject(isAead ? AEAD_OBJECT : CIPHER_OBJECT), algorithm, primitive, padding);
    }

    private static int described(Call call, int object, int algorithm, CipherPrimitive primitive, Padding padding) {
        call.setField(object, ALGORITHM, algorithm);
        call.setField(object, PRIMITIVE, primitive.number());
        call.setField(object, PADDING, padding.number());
        return object;
    }

    /** What goes through the cipher at once: a block, the modulus of RSA. INVALID_INIT before init(). */
    static int blockBytes(Call call, int object) {
        CardKey key = key(call, object);
        if (key == null) {
            throw Cryptography.thrown(call, Cryptography.INVALID_INIT);
        }
        return switch (key.layout().family().kind()) {
            case DES -> 8;
            case RSA -> Keys.modulusBytes(key);
            default -> 16;
        };
    }

    static CardKey key(Call call, int object) {
        return CardKey.inside(call, call.refField(object, KEY));
    }

    private CipherOperation operation(Call call) {
        return operation(cryptography, call, call.self());
    }

    /** The message under way, or a new one; before init() one that refuses everything. */
    static CipherOperation operation(Cryptography cryptography, Call call, int object) {
        CipherOperation running = Held.in(call.peer(object), CipherOperation.class);
        if (running != null) {
            return running;
        }
        CipherOperation made = fresh(cryptography, call, object);
        CardKey key = key(call, object);
        if (key != null && !(made instanceof AeadOperation && isOffline(call, object))) {
            made.init(key, call.field(object, MODE));
            call.setPeer(object, new Held<>(made, CipherOperation::copy));
        }
        return made;
    }

    /** CCM: every message has an init() with its lengths. */
    private static boolean isOffline(Call call, int object) {
        return call.field(object, PRIMITIVE) == CipherPrimitive.CIPHER_AES_CCM.number();
    }

    private static CipherOperation fresh(Cryptography cryptography, Call call, int object) {
        int algorithm = call.field(object, ALGORITHM);
        return algorithm != 0 ? cryptography.engine(call).cipher(algorithm)
                : cryptography.engine(call).cipher(call.field(object, PRIMITIVE), call.field(object, PADDING));
    }

    private int init(Call call, byte[] parameter) {
        CipherOperation operation = fresh(cryptography, call, call.self());
        operation.init(CardKey.of(call, call.ref(1)), call.number(2), parameter);
        return begun(call, operation);
    }

    private int begun(Call call, CipherOperation operation) {
        call.setPeer(call.self(), new Held<>(operation, CipherOperation::copy));
        Fields.change(call, KEY, call.ref(1));
        Fields.change(call, MODE, call.number(2));
        return 0;
    }

    private int initWithLengths(Call call) {
        byte[] nonce = call.bytes(call.ref(3), call.number(4), call.number(5));
        AeadOperation operation = (AeadOperation) fresh(cryptography, call, call.self());
        operation.init(CardKey.of(call, call.ref(1)), call.number(2), nonce, call.number(6), call.number(7), call.number(8));
        return begun(call, operation);
    }

    private int update(Call call) {
        byte[] in = Cryptography.data(call);
        call.require(call.ref(4), call.number(5), 0);
        return put(call, operation(call).update(key(call, call.self()), in, 0, in.length), in.length);
    }

    private int doFinal(Call call) {
        byte[] in = Cryptography.data(call);
        call.require(call.ref(4), call.number(5), 0);
        byte[] out = operation(call).doFinal(key(call, call.self()), Cryptography.random(call), in, 0, in.length);
        return put(call, out, in.length);
    }

    private static int put(Call call, byte[] out, int length) {
        tell(call, length);
        call.write(call.ref(4), call.number(5), out);
        return out.length;
    }

    private static void tell(Call call, int length) {
        CipherPrimitive primitive = CipherPrimitive.ofAny(call.field(call.self(), PRIMITIVE));
        call.crypto(CipherAlgorithm.nameOf(primitive, Padding.of(call.field(call.self(), PADDING))), length);
    }

    private AeadOperation aead(Call call) {
        return (AeadOperation) operation(call);
    }

    private int updateAad(Call call) {
        byte[] in = Cryptography.data(call);
        aead(call).updateAad(key(call, call.self()), in, 0, in.length);
        tell(call, in.length);
        return 0;
    }

    private int retrieveTag(Call call) {
        call.require(call.ref(1), call.number(2), call.number(3));
        byte[] tag = aead(call).retrieveTag(call.number(3));
        call.write(call.ref(1), call.number(2), tag);
        return tag.length;
    }

    private int verifyTag(Call call) {
        byte[] received = call.bytes(call.ref(1), call.number(2), call.number(3));
        return aead(call).verifyTag(received, call.number(4)) ? 1 : 0;
    }
}
