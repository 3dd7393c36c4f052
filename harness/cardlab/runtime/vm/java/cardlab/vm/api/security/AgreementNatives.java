package cardlab.vm.api.security;

import cardlab.engine.KeyAgreement;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** KeyAgreement. Fields: private key, algorithm. */
final class AgreementNatives {
    private static final String AGREEMENT = "javacard/security/KeyAgreement";
    private static final String OBJECT = "cardlab/security/KeyAgreement";
    private static final int KEY = 0;
    private static final int ALGORITHM = 1;

    private final Cryptography cryptography;

    AgreementNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(AGREEMENT)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "(BZ)L" + AGREEMENT + ";", Cryptography.guarded(this::getInstance));
        binder.hidden(OBJECT, AGREEMENT).fields(1, 1)
                .method("getAlgorithm", "()B", call -> call.field(call.self(), ALGORITHM))
                .method("init", "(Ljavacard/security/PrivateKey;)V", Cryptography.guarded(this::init))
                .method("init", "(Ljavacard/security/PrivateKey;Ljavacard/security/AlgorithmParameterSpec;)V",
                        Cryptography.guarded(AgreementNatives::initWith))
                .method("generateSecret", "([BSS[BS)S", Cryptography.guarded(this::generateSecret));
    }

    private int getInstance(Call call) {
        KeyAgreement agreement = cryptography.engine(call).agreement(call.number(0));
        int object = call.newObject(OBJECT);
        call.setField(object, ALGORITHM, agreement.algorithm().number());
        return object;
    }

    private KeyAgreement agreement(Call call) {
        return cryptography.engine(call).agreement(call.field(call.self(), ALGORITHM));
    }

    private int init(Call call) {
        agreement(call).init(CardKey.of(call, call.ref(1)));
        Fields.change(call, KEY, call.ref(1));
        return 0;
    }

    /** No algorithm of this card takes parameters: SM2 is not among them. */
    private static int initWith(Call call) {
        throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
    }

    /** INVALID_INIT before init(). */
    private int generateSecret(Call call) {
        byte[] publicData = call.bytes(call.ref(1), call.number(2), call.number(3));
        call.require(call.ref(4), call.number(5), 0);
        CardKey key = CardKey.inside(call, call.refField(call.self(), KEY));
        if (key == null) {
            throw Cryptography.thrown(call, Cryptography.INVALID_INIT);
        }
        KeyAgreement agreement = agreement(call);
        call.crypto("KeyAgreement." + agreement.algorithm(), publicData.length);
        byte[] secret = agreement.generateSecret(key, publicData);
        call.write(call.ref(4), call.number(5), secret);
        return secret.length;
    }
}
