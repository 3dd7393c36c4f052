package cardlab.vm.api.security;

import cardlab.engine.KeyFamily;
import cardlab.engine.KeyKind;
import cardlab.engine.KeyPart;
import cardlab.engine.KeyType;
import cardlab.engine.Keys;
import cardlab.vm.api.crypto.KeyDecryption;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;
import java.util.EnumMap;
import java.util.Map;

/** The interfaces below Key, for every family of keys, and KeyEncryption. */
final class KeyNatives {
    private static final String PACKAGE = "javacard/security/";
    private static final String ENCRYPTION = "javacardx/crypto/KeyEncryption";
    /** Parts that have a pair of methods set…([BSS)V and get…([BS)S. */
    private static final Map<KeyPart, String> NAMES = new EnumMap<>(Map.ofEntries(
            Map.entry(KeyPart.MODULUS, "Modulus"), Map.entry(KeyPart.EXPONENT, "Exponent"), Map.entry(KeyPart.P, "P"),
            Map.entry(KeyPart.Q, "Q"), Map.entry(KeyPart.DP1, "DP1"), Map.entry(KeyPart.DQ1, "DQ1"),
            Map.entry(KeyPart.PQ, "PQ"), Map.entry(KeyPart.A, "A"), Map.entry(KeyPart.B, "B"), Map.entry(KeyPart.G, "G"),
            Map.entry(KeyPart.R, "R"), Map.entry(KeyPart.W, "W"), Map.entry(KeyPart.S, "S"), Map.entry(KeyPart.X, "X"),
            Map.entry(KeyPart.Y, "Y")));

    private final KeyDecryption decryption;

    KeyNatives(Cryptography cryptography) {
        decryption = new KeyDecryption(cryptography);
    }

    void bind(Binder binder) {
        bindNamed(binder, false);
        bindNamed(binder, true);
        for (KeyFamily family : KeyFamily.values()) {
            if (family.kind() == KeyKind.XDH || family.kind() == KeyKind.EDDSA) {
                continue; // XEC keys
            }
            bind(binder.hidden(CardKey.className(family, false), "java/lang/Object", interfaces(family)), family);
            String[] encrypted = java.util.Arrays.copyOf(interfaces(family), interfaces(family).length + 1);
            encrypted[encrypted.length - 1] = ENCRYPTION;
            withCipher(bind(binder.hidden(CardKey.className(family, true), "java/lang/Object", encrypted), family));
        }
    }

    private void bindNamed(Binder binder, boolean isPrivate) {
        String name = PACKAGE + (isPrivate ? "XECPrivateKey" : "XECPublicKey");
        String kind = PACKAGE + (isPrivate ? "PrivateKey" : "PublicKey");
        String[] all = {name, PACKAGE + "XECKey", kind, PACKAGE + "Key", ENCRYPTION};
        if (!binder.has(name)) {
            return;
        }
        bindNamed(binder.hidden(CardKey.xecClassName(isPrivate, false), "java/lang/Object", java.util.Arrays.copyOf(all, 4)));
        withCipher(bindNamed(binder.hidden(CardKey.xecClassName(isPrivate, true), "java/lang/Object", all)));
    }

    private ClassBinder bindNamed(ClassBinder type) {
        return type.fields(CardKey.REFERENCES, CardKey.SHORTS)
                .method("clearKey", "()V", KeyNatives::clearKey)
                .method("getSize", "()S", call -> self(call).layout().bits())
                .method("getType", "()B", call -> CardKey.TYPE_XEC)
                .method("isInitialized", "()Z", call -> Keys.isInitialized(self(call)) ? 1 : 0)
                .method("getParams", "()Ljavacard/security/NamedParameterSpec;", call -> call.refField(call.self(), CardKey.DOMAIN))
                .method("getEncodingLength", "()S", call -> self(call).encodedLength())
                .method("getEncoded", "([BS)S", Cryptography.guarded(call -> get(call, self(call).encoded())))
                .method("setEncoded", "([BSS)V",
                        Cryptography.guarded(call -> set(call, self(call).encoded(), call.number(3))));
    }

    private static ClassBinder withCipher(ClassBinder type) {
        return type.method("setKeyCipher", "(Ljavacardx/crypto/Cipher;)V", KeyNatives::setKeyCipher)
                .method("getKeyCipher", "()Ljavacardx/crypto/Cipher;", call -> call.refField(call.self(), CardKey.CIPHER));
    }

    private static String[] interfaces(KeyFamily family) {
        String name = switch (family) {
            case DES -> "DESKey";
            case AES -> "AESKey";
            case HMAC -> "HMACKey";
            case KOREAN_SEED -> "KoreanSEEDKey";
            case SM4 -> "SM4Key";
            case GENERIC_SECRET -> "GenericSecretKey";
            case RSA_PUBLIC -> "RSAPublicKey";
            case RSA_PRIVATE -> "RSAPrivateKey";
            case RSA_CRT_PRIVATE -> "RSAPrivateCrtKey";
            default -> family.kind() + (family.isPublic() ? "PublicKey" : family.isPrivate() ? "PrivateKey" : "Key");
        };
        return new String[] {PACKAGE + name, PACKAGE + "Key"};
    }

    private ClassBinder bind(ClassBinder type, KeyFamily family) {
        type.fields(CardKey.REFERENCES, CardKey.SHORTS)
                .method("clearKey", "()V", KeyNatives::clearKey)
                .method("getSize", "()S", call -> self(call).layout().bits())
                .method("getType", "()B", KeyNatives::getType)
                .method("isInitialized", "()Z", call -> Keys.isInitialized(self(call)) ? 1 : 0);
        for (KeyPart part : family.parts()) {
            bindPart(type, family, part);
        }
        if (family.kind() == KeyKind.EC) {
            bindCurve(type);
        }
        return type;
    }

    private void bindPart(ClassBinder type, KeyFamily family, KeyPart part) {
        if (part == KeyPart.KEY) {
            bindSecret(type, family);
        } else if (NAMES.containsKey(part)) {
            type.method("set" + NAMES.get(part), "([BSS)V", Cryptography.guarded(call -> set(call, part, call.number(3))));
            type.method("get" + NAMES.get(part), "([BS)S", Cryptography.guarded(call -> get(call, part)));
        }
    }

    private void bindSecret(ClassBinder type, KeyFamily family) {
        String result = family == KeyFamily.GENERIC_SECRET ? "([BS)S" : "([BS)B";
        type.method("getKey", result, Cryptography.guarded(call -> get(call, KeyPart.KEY)));
        if (family == KeyFamily.HMAC || family == KeyFamily.GENERIC_SECRET) {
            type.method("setKey", "([BSS)V", Cryptography.guarded(call -> set(call, KeyPart.KEY, call.number(3))));
        } else {
            type.method("setKey", "([BS)V", Cryptography.guarded(this::setSecret));
        }
    }

    private void bindCurve(ClassBinder type) {
        type.method("setFieldFP", "([BSS)V", Cryptography.guarded(this::setFieldFP))
                .method("setFieldF2M", "(S)V", Cryptography.guarded(call -> setFieldF2M(call, 1)))
                .method("setFieldF2M", "(SSS)V", Cryptography.guarded(call -> setFieldF2M(call, 3)))
                .method("getField", "([BS)S", Cryptography.guarded(call -> get(call, KeyPart.FIELD)))
                .method("setK", "(S)V", Cryptography.guarded(KeyNatives::setK))
                .method("getK", "()S", Cryptography.guarded(KeyNatives::getK))
                .method("copyDomainParametersFrom", "(Ljavacard/security/ECKey;)V", Cryptography.guarded(KeyNatives::copyDomain));
    }

    private static CardKey self(Call call) {
        return CardKey.inside(call, call.self());
    }

    /** TYPE_*_PARAMETERS came with Java Card 3.1: before, such keys have the number of their family. */
    private static int getType(Call call) {
        KeyType type = self(call).type();
        boolean isNew = type.family().isParameters() && Cryptography.isJavaCard30(call);
        return isNew ? type.family().algType() : type.number();
    }

    private static int clearKey(Call call) {
        self(call).clear();
        return 0;
    }

    /** A cipher of the card; null takes it away. */
    private static int setKeyCipher(Call call) {
        call.setField(call.self(), CardKey.CIPHER, call.ref(1));
        return 0;
    }

    private int set(Call call, KeyPart part, int length) {
        byte[] given = call.bytes(call.ref(1), call.number(2), length);
        self(call).set(part, decryption.plain(call, call.refField(call.self(), CardKey.CIPHER), given));
        return 0;
    }

    /** As many bytes as the key has; encrypted ones in whole blocks. */
    private int setSecret(Call call) {
        int length = self(call).layout().bytes();
        return set(call, KeyPart.KEY, decryption.encryptedLength(call, call.refField(call.self(), CardKey.CIPHER), length));
    }

    /** Writes the part and returns its length; UNINITIALIZED_KEY while it is not set. */
    private static int get(Call call, KeyPart part) {
        byte[] value = required(call, self(call), part);
        call.write(call.ref(1), call.number(2), value);
        return value.length;
    }

    private static byte[] required(Call call, CardKey key, KeyPart part) {
        byte[] value = key.part(part);
        if (value == null) {
            throw Cryptography.thrown(call, Cryptography.UNINITIALIZED_KEY);
        }
        return value;
    }

    private static boolean isBinary(Call call) {
        return self(call).layout().family().name().startsWith("EC_F2M");
    }

    private int setFieldFP(Call call) {
        if (isBinary(call)) {
            throw Cryptography.thrown(call, Cryptography.NO_SUCH_ALGORITHM);
        }
        return set(call, KeyPart.FIELD, call.number(3));
    }

    private static int setFieldF2M(Call call, int count) {
        if (!isBinary(call)) {
            throw Cryptography.thrown(call, Cryptography.NO_SUCH_ALGORITHM);
        }
        byte[] exponents = new byte[2 * count];
        for (int i = 0; i < count; i++) {
            int exponent = call.number(1 + i);
            if (exponent <= 0 || exponent >= self(call).layout().bits()) {
                throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
            }
            exponents[2 * i] = (byte) (exponent >> 8);
            exponents[2 * i + 1] = (byte) exponent;
        }
        self(call).set(KeyPart.FIELD, exponents);
        return 0;
    }

    private static int setK(Call call) {
        int cofactor = call.number(1);
        self(call).set(KeyPart.K, new byte[] {(byte) (cofactor >> 8), (byte) cofactor});
        return 0;
    }

    private static int getK(Call call) {
        byte[] cofactor = required(call, self(call), KeyPart.K);
        return (short) (cofactor[0] << 8 | cofactor[1] & 0xFF);
    }

    /** UNINITIALIZED_KEY when the other's are not set, ILLEGAL_VALUE when it is over another field or of another length. */
    private static int copyDomain(Call call) {
        CardKey from = CardKey.of(call, call.ref(1));
        CardKey to = self(call);
        KeyFamily family = to.layout().family().parameters();
        if (from.layout().family().parameters() != family || from.layout().bits() != to.layout().bits()) {
            throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
        }
        for (KeyPart part : family.parts()) {
            byte[] value = family.requires(part) ? required(call, from, part) : from.part(part);
            if (value != null) {
                to.set(part, value);
            }
        }
        return 0;
    }
}
