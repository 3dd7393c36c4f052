package cardlab.vm.api.security;

import cardlab.engine.GeneratedPair;
import cardlab.engine.KeyFamily;
import cardlab.engine.KeyMemory;
import cardlab.engine.KeyPairAlgorithm;
import cardlab.engine.KeyPart;
import cardlab.engine.KeyType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Supplier;

/** KeyPair. Fields: public key, private key. */
final class KeyPairNatives {
    private static final int PUBLIC = 0;
    private static final int PRIVATE = 1;

    private final Cryptography cryptography;

    KeyPairNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type("javacard/security/KeyPair").fields(2, 0)
                .method("<init>", "(BS)V", Cryptography.guarded(this::build))
                .method("<init>", "(Ljavacard/security/PublicKey;Ljavacard/security/PrivateKey;)V",
                        Cryptography.guarded(KeyPairNatives::join))
                .method("genKeyPair", "()V", Cryptography.guarded(this::generate))
                .method("genKeyPair", "(Ljavacard/security/AlgorithmParameterSpec;)V", Cryptography.guarded(this::generateAs))
                .method("getPublic", "()Ljavacard/security/PublicKey;", call -> call.refField(call.self(), PUBLIC))
                .method("getPrivate", "()Ljavacard/security/PrivateKey;", call -> call.refField(call.self(), PRIVATE));
    }

    private int build(Call call) {
        KeyPairAlgorithm algorithm = KeyPairAlgorithm.of(call.number(1));
        int bits = call.number(2);
        KeyType publicType = new KeyType(algorithm.publicFamily(), KeyMemory.PERSISTENT);
        KeyType privateType = new KeyType(algorithm.privateFamily(), KeyMemory.PERSISTENT);
        var publicLayout = cryptography.engine(call).layout(algorithm.publicFamily(), bits);
        var privateLayout = cryptography.engine(call).layout(algorithm.privateFamily(), bits);
        call.setField(call.self(), PUBLIC, CardKey.build(call, publicType, publicLayout, false, 0));
        call.setField(call.self(), PRIVATE, CardKey.build(call, privateType, privateLayout, false, 0));
        return 0;
    }

    /** ILLEGAL_VALUE when the two are no pair. */
    private static int join(Call call) {
        CardKey publicKey = CardKey.of(call, call.ref(1));
        CardKey privateKey = CardKey.of(call, call.ref(2));
        KeyPairAlgorithm.of(publicKey.layout(), privateKey.layout());
        if (publicKey.curve() != privateKey.curve()) {
            throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
        }
        call.setField(call.self(), PUBLIC, call.ref(1));
        call.setField(call.self(), PRIVATE, call.ref(2));
        return 0;
    }

    /**
     * With parameters: a NamedParameterSpec has to be that of the XEC keys (ILLEGAL_VALUE otherwise); a
     * PrimalityTestParamSpec, for RSA keys, is met by the test of the engine, which never has fewer rounds of Miller-Rabin
     * than FIPS 186-4, C.3 wants; null asks for nothing.
     */
    private int generateAs(Call call) {
        CardKey publicKey = CardKey.inside(call, call.refField(call.self(), PUBLIC));
        int spec = call.ref(1);
        if (spec != 0) {
            boolean isCurve = call.isInstance(spec, "javacard/security/NamedParameterSpec");
            boolean isTest = call.isInstance(spec, "javacard/security/PrimalityTestParamSpec");
            boolean fits = isCurve ? publicKey.curve() == NamedCurves.of(call, spec)
                    : isTest && publicKey.layout().family() == KeyFamily.RSA_PUBLIC;
            if (!fits) {
                throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
            }
        }
        return generate(call);
    }

    private int generate(Call call) {
        CardKey publicKey = CardKey.inside(call, call.refField(call.self(), PUBLIC));
        CardKey privateKey = CardKey.inside(call, call.refField(call.self(), PRIVATE));
        call.crypto("KeyPair." + KeyPairAlgorithm.of(publicKey.layout(), privateKey.layout()), publicKey.layout().bits() / 8);
        GeneratedPair made = made(call, publicKey, privateKey);
        set(privateKey, made.privateParts());
        set(publicKey, made.publicParts());
        return 0;
    }

    /** RSA keys take long, and depend on length, kind and exponent alone. */
    private GeneratedPair made(Call call, CardKey publicKey, CardKey privateKey) {
        Supplier<GeneratedPair> work =
                () -> cryptography.engine(call).generate(publicKey, privateKey, Cryptography.random(call));
        if (publicKey.layout().family() != KeyFamily.RSA_PUBLIC) {
            return work.get();
        }
        byte[] exponent = publicKey.part(KeyPart.EXPONENT);
        String set = exponent == null ? "none" : HexFormat.of().formatHex(exponent);
        String what = String.join(" ", privateKey.layout().family().name(), "" + privateKey.layout().bits(),
                "" + publicKey.layout().bits(), set, "");
        return call.drawn(what, work);
    }

    /** What is there already is not written again: domain parameters, the public exponent. */
    private static void set(CardKey key, Map<KeyPart, byte[]> parts) {
        parts.forEach((part, value) -> {
            if (!java.util.Arrays.equals(value, key.part(part))) {
                key.set(part, value);
            }
        });
    }
}
