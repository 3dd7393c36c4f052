package cardlab.vm.api.security;

import cardlab.engine.Padding;
import cardlab.engine.RecoverySignature;
import cardlab.engine.SignatureAlgorithm;
import cardlab.engine.SignatureOperation;
import cardlab.engine.SignatureScheme;
import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.natives.ArrayType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;

/**
 * Signature and SignatureMessageRecovery. Fields: key; algorithm (0 for none of the constants), digest, cipher, padding,
 * mode (0 before init()). After a reset the message begins again with the key and the mode of the last init().
 */
final class SignatureNatives {
    private static final String SIGNATURE = "javacard/security/Signature";
    private static final String SIGNATURE_OBJECT = "cardlab/security/Signature";
    private static final String RECOVERY_OBJECT = "cardlab/security/SignatureMessageRecovery";
    private static final int KEY = 0;
    private static final int ALGORITHM = 1;
    private static final int DIGEST = 2;
    private static final int CIPHER = 3;
    private static final int PADDING = 4;
    private static final int MODE = 5;
    private static final int CELLS = 6;

    private final Cryptography cryptography;

    SignatureNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(SIGNATURE)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "(BZ)L" + SIGNATURE + ";", Cryptography.guarded(this::byAlgorithm))
                .method("getInstance", "(BBBZ)L" + SIGNATURE + ";", Cryptography.guarded(this::byParts));
        bind(binder.hidden(SIGNATURE_OBJECT, SIGNATURE));
        bind(binder.hidden(RECOVERY_OBJECT, SIGNATURE, "javacard/security/SignatureMessageRecovery"))
                .method("beginVerify", "([BSS)S", Cryptography.guarded(this::beginVerify))
                .method("sign", "([BSS[BS[SS)S", Cryptography.guarded(this::signWithRecovery))
                .method("verify", "([BSS)Z", Cryptography.guarded(this::verifyRecovered));
        OneShot.bind(bind(binder.type(SIGNATURE + "$OneShot")), SystemObjects.SIGNATURE_ONE_SHOT, 1, CELLS - 1)
                .method("open", "(BBB)L" + SIGNATURE + "$OneShot;", Cryptography.guarded(this::open))
                .method("update", "([BSS)V", OneShot::unsupported);
    }

    private int open(Call call) {
        SignatureScheme scheme = cryptography.engine(call)
                .signature(call.number(0), call.number(1), call.number(2)).scheme();
        return described(call, OneShot.open(call, SystemObjects.SIGNATURE_ONE_SHOT, CELLS), scheme, SignatureAlgorithm.numberOf(scheme));
    }

    private ClassBinder bind(ClassBinder type) {
        return type.fields(1, CELLS - 1)
                .method("getAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), ALGORITHM)))
                .method("getMessageDigestAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), DIGEST)))
                .method("getCipherAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), CIPHER)))
                .method("getPaddingAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), PADDING)))
                .method("getLength", "()S", OneShot.whileOpen(CELLS, call -> operation(call).length(key(call))))
                .method("init", "(Ljavacard/security/Key;B)V", OneShot.whileOpen(CELLS, call -> init(call, null)))
                .method("init", "(Ljavacard/security/Key;B[BSS)V", OneShot.whileOpen(CELLS, call ->
                        init(call, call.bytes(call.ref(3), call.number(4), call.number(5)))))
                .method("update", "([BSS)V", OneShot.whileOpen(CELLS, this::update))
                .method("sign", "([BSS[BS)S", OneShot.whileOpen(CELLS, this::sign))
                .method("verify", "([BSS[BSS)Z", OneShot.whileOpen(CELLS, this::verify))
                .method("setInitialDigest", "([BSS[BSS)V", OneShot.whileOpen(CELLS, this::setInitialDigest))
                .method("signPreComputedHash", "([BSS[BS)S", OneShot.whileOpen(CELLS, this::signPreComputedHash))
                .method("verifyPreComputedHash", "([BSS[BSS)Z", OneShot.whileOpen(CELLS, this::verifyPreComputedHash));
    }

    private int byAlgorithm(Call call) {
        return made(call, cryptography.engine(call).signature(call.number(0)).scheme(), call.number(0));
    }

    private int byParts(Call call) {
        SignatureScheme scheme = cryptography.engine(call)
                .signature(call.number(0), call.number(1), call.number(2)).scheme();
        return made(call, scheme, SignatureAlgorithm.numberOf(scheme));
    }

    private static int made(Call call, SignatureScheme scheme, int algorithm) {
        boolean recovers = scheme.padding() == Padding.PAD_ISO9796_MR;
        return described(call, call.newObject(recovers ? RECOVERY_OBJECT : SIGNATURE_OBJECT), scheme, algorithm);
    }

    private static int described(Call call, int object, SignatureScheme scheme, int algorithm) {
        call.setField(object, ALGORITHM, algorithm);
        call.setField(object, DIGEST, scheme.digest().number());
        call.setField(object, CIPHER, scheme.cipher().number());
        call.setField(object, PADDING, scheme.padding().number());
        return object;
    }

    private CardKey key(Call call) {
        return CardKey.inside(call, call.refField(call.self(), KEY));
    }

    /** The message under way, or a new one; before init() one that refuses everything. */
    private SignatureOperation operation(Call call) {
        SignatureOperation running = Held.in(call.peer(call.self()), SignatureOperation.class);
        return running != null ? running : begun(call, key(call), call.field(call.self(), MODE), null);
    }

    private SignatureOperation begun(Call call, CardKey key, int mode, byte[] parameter) {
        int self = call.self();
        int algorithm = call.field(self, ALGORITHM);
        SignatureOperation made = algorithm != 0 ? cryptography.engine(call).signature(algorithm)
                : cryptography.engine(call).signature(call.field(self, DIGEST), call.field(self, CIPHER), call.field(self, PADDING));
        if (key != null) {
            made.init(key, mode, parameter);
            call.setPeer(self, new Held<>(made, SignatureOperation::copy));
        }
        return made;
    }

    private int init(Call call, byte[] parameter) {
        CardKey key = CardKey.of(call, call.ref(1));
        begun(call, key, call.number(2), parameter);
        Fields.change(call, KEY, call.ref(1));
        Fields.change(call, MODE, call.number(2));
        return 0;
    }

    private int update(Call call) {
        byte[] in = Cryptography.data(call);
        SignatureOperation operation = operation(call);
        operation.update(key(call), in, 0, in.length);
        tell(call, operation, in.length);
        return 0;
    }

    private void tell(Call call, SignatureOperation operation, int length) {
        call.crypto(SignatureAlgorithm.nameOf(operation.scheme()), length);
    }

    private int sign(Call call) {
        byte[] in = Cryptography.data(call);
        call.require(call.ref(4), call.number(5), 0);
        SignatureOperation operation = operation(call);
        byte[] signature = operation.sign(key(call), Cryptography.random(call), in, 0, in.length);
        tell(call, operation, in.length);
        call.write(call.ref(4), call.number(5), signature);
        return signature.length;
    }

    private int verify(Call call) {
        byte[] in = Cryptography.data(call);
        byte[] signature = call.bytes(call.ref(4), call.number(5), call.number(6));
        SignatureOperation operation = operation(call);
        tell(call, operation, in.length);
        boolean good = operation.verify(key(call), in, 0, in.length, signature);
        requireEncoded(call, operation, signature);
        return good ? 1 : 0;
    }

    /** ILLEGAL_USE for what is no signature at all, on cards with {@code crypto.ecdsa-failure=throws}. */
    private static void requireEncoded(Call call, SignatureOperation operation, byte[] signature) {
        if (!operation.isEncoded(signature) && call.property("crypto.ecdsa-failure", "").equals("throws")) {
            throw Cryptography.thrown(call, Cryptography.ILLEGAL_USE);
        }
    }

    private int setInitialDigest(Call call) {
        byte[] value = call.bytes(call.ref(1), call.number(2), call.number(3));
        byte[] digested = call.bytes(call.ref(4), call.number(5), call.number(6));
        operation(call).setInitialDigest(key(call), value, digested);
        return 0;
    }

    private int signPreComputedHash(Call call) {
        byte[] hash = call.bytes(call.ref(1), call.number(2), call.number(3));
        call.require(call.ref(4), call.number(5), 0);
        SignatureOperation operation = operation(call);
        byte[] signature = operation.signPreComputedHash(key(call), Cryptography.random(call), hash);
        tell(call, operation, hash.length);
        call.write(call.ref(4), call.number(5), signature);
        return signature.length;
    }

    private int verifyPreComputedHash(Call call) {
        byte[] hash = call.bytes(call.ref(1), call.number(2), call.number(3));
        byte[] signature = call.bytes(call.ref(4), call.number(5), call.number(6));
        SignatureOperation operation = operation(call);
        tell(call, operation, hash.length);
        boolean good = operation.verifyPreComputedHash(key(call), hash, signature);
        requireEncoded(call, operation, signature);
        return good ? 1 : 0;
    }

    /** The part of the message that is in the signature takes the signature's place in the buffer. */
    private int beginVerify(Call call) {
        byte[] signature = call.bytes(call.ref(1), call.number(2), call.number(3));
        byte[] part = ((RecoverySignature) operation(call)).beginVerify(key(call), signature);
        call.write(call.ref(1), call.number(2), part);
        return part.length;
    }

    private int signWithRecovery(Call call) {
        byte[] in = Cryptography.data(call);
        call.require(call.ref(6), call.number(7), 1);
        if (call.arrayType(call.ref(6)) != ArrayType.SHORT) {
            throw call.thrown("java/lang/SecurityException");
        }
        short[] inBlock = new short[1];
        SignatureOperation operation = operation(call);
        byte[] signature = ((RecoverySignature) operation).sign(key(call), in, 0, in.length, inBlock);
        tell(call, operation, in.length);
        call.write(call.ref(4), call.number(5), signature);
        Fields.writeShort(call, call.ref(6), call.number(7), inBlock[0]);
        return signature.length;
    }

    private int verifyRecovered(Call call) {
        byte[] in = Cryptography.data(call);
        SignatureOperation operation = operation(call);
        tell(call, operation, in.length);
        return ((RecoverySignature) operation).verify(key(call), in, 0, in.length) ? 1 : 0;
    }
}
