package cardlab.engine;

/**
 * The cryptography of Java Card API 3.2 on byte arrays. An engine holds nothing of a card: one can serve any number of
 * them, in any number of threads. The objects that it makes belong to one card each.
 *
 * <p>Every getInstance() of the API has its method here; they throw NO_SUCH_ALGORITHM for what does not exist, cannot be
 * computed, or is not among the algorithms of the card.
 */
public final class Engine {
    private final AlgorithmSet algorithms;
    private final Digests digests;
    private final Curves curves;

    /** With all algorithms. */
    public Engine() {
        this(AlgorithmSet.all(), new Digests(), new Curves());
    }

    private Engine(AlgorithmSet algorithms, Digests digests, Curves curves) {
        this.algorithms = algorithms;
        this.digests = digests;
        this.curves = curves;
    }

    /** The same engine for a card that has these algorithms. */
    public Engine with(AlgorithmSet set) {
        return new Engine(set, digests, curves);
    }

    /** MessageDigest.getInstance(). */
    public Digest digest(int algorithm) {
        DigestAlgorithm found = DigestAlgorithm.of(algorithm);
        if (found == DigestAlgorithm.ALG_NULL) {
            throw EngineException.noSuchAlgorithm("ALG_NULL is no message digest");
        }
        algorithms.require("MessageDigest." + found);
        return new Digest(found, digests);
    }

    /** MessageDigest.getInitializedMessageDigestInstance(): only what can be started from a chaining value. */
    public Digest initializedDigest(int algorithm) {
        Digest digest = digest(algorithm);
        if (digest.algorithm().state() == 0) {
            throw EngineException.noSuchAlgorithm(digest.algorithm() + " cannot be started from a chaining value");
        }
        return digest;
    }

    /** Signature.getInstance(byte, boolean). */
    public SignatureOperation signature(int algorithm) {
        SignatureAlgorithm found = SignatureAlgorithm.of(algorithm);
        algorithms.require("Signature." + found);
        return signature(found.scheme(), found.aesBlock());
    }

    /** Signature.getInstance(byte, byte, byte, boolean). */
    public SignatureOperation signature(int digest, int cipher, int padding) {
        SignatureScheme scheme = SignatureScheme.of(digest, cipher, padding);
        algorithms.require(SignatureAlgorithm.nameOf(scheme));
        return signature(scheme, 16);
    }

    private SignatureOperation signature(SignatureScheme scheme, int aesBlock) {
        return switch (scheme.cipher()) {
            case SIG_CIPHER_RSA -> rsaSignature(scheme);
            case SIG_CIPHER_DSA -> new DsaSignature(scheme, digests);
            case SIG_CIPHER_ECDSA, SIG_CIPHER_ECDSA_PLAIN -> new EcdsaSignature(scheme, digests, curves);
            case SIG_CIPHER_HMAC -> new HmacOperation(scheme, digests);
            case SIG_CIPHER_EDDSA, SIG_CIPHER_EDDSAPH, SIG_CIPHER_EDDSA_ED25519, SIG_CIPHER_EDDSA_ED448,
                    SIG_CIPHER_EDDSAPH_ED25519, SIG_CIPHER_EDDSAPH_ED448 -> new EddsaSignature(scheme, digests);
            case SIG_CIPHER_AES_CMAC128 -> new CmacOperation(scheme);
            default -> new BlockMacOperation(scheme, aesBlock);
        };
    }

    private SignatureOperation rsaSignature(SignatureScheme scheme) {
        return scheme.padding() == Padding.PAD_ISO9796 || scheme.padding() == Padding.PAD_ISO9796_MR
                ? new RecoverySignature(scheme, digests) : new RsaSignature(scheme, digests);
    }

    /** Cipher.getInstance(byte, boolean); an AeadOperation for ALG_AES_GCM and ALG_AES_CCM. */
    public CipherOperation cipher(int algorithm) {
        CipherAlgorithm found = CipherAlgorithm.of(algorithm);
        algorithms.require("Cipher." + found);
        return cipher(found.primitive(), found.padding(), found.aesBlock());
    }

    /** Cipher.getInstance(byte, byte, boolean). */
    public CipherOperation cipher(int primitive, int padding) {
        CipherPrimitive first = CipherPrimitive.of(primitive);
        Padding second = Padding.of(padding);
        if (!first.takes(second)) {
            throw EngineException.noSuchAlgorithm(first + " and " + second + " do not go together");
        }
        algorithms.require(CipherAlgorithm.nameOf(first, second));
        return cipher(first, second, 16);
    }

    private CipherOperation cipher(CipherPrimitive primitive, Padding padding, int aesBlock) {
        return switch (primitive) {
            case CIPHER_RSA -> new RsaCipherOperation(digests, padding);
            case CIPHER_AES_CTR, CIPHER_AES_CTR_31 -> new CounterOperation();
            case CIPHER_AES_CFB -> new FeedbackOperation();
            case CIPHER_AES_XTS -> new XtsOperation();
            case CIPHER_AES_GCM -> new GcmOperation();
            case CIPHER_AES_CCM -> new CcmOperation();
            default -> new BlockCipherOperation(primitive, padding, aesBlock);
        };
    }

    /** KeyAgreement.getInstance(). */
    public KeyAgreement agreement(int algorithm) {
        AgreementAlgorithm found = AgreementAlgorithm.of(algorithm);
        algorithms.require("KeyAgreement." + found);
        return new KeyAgreement(found, digests, curves);
    }

    /** Checksum.getInstance(). */
    public Checksum checksum(int algorithm) {
        Checksum checksum = new Checksum(algorithm);
        algorithms.require(Checksum.name(algorithm));
        return checksum;
    }

    /** RandomData.getInstance(). */
    public RandomAlgorithm random(int algorithm) {
        RandomAlgorithm found = RandomAlgorithm.of(algorithm);
        algorithms.require("RandomData." + found);
        return found;
    }

    /** KeyBuilder.buildXECKey(): the same for a key on a curve by its name. */
    public KeyLayout layout(NamedCurve curve, boolean isPrivate) {
        curve(curve.number());
        return curve.layout(isPrivate);
    }

    /** KeyBuilder.buildKey(): what a key of this family and length is made of. */
    public KeyLayout layout(KeyFamily family, int bits) {
        KeyLayout layout = new KeyLayout(family, bits);
        algorithms.require(layout.name());
        return layout;
    }

    /** NamedParameterSpec.getInstance(). */
    public NamedCurve curve(int number) {
        NamedCurve found = NamedCurve.of(number);
        algorithms.require("NamedParameterSpec." + found);
        return found;
    }

    /**
     * KeyPair.genKeyPair(): new parts for these two keys, which are read for the public exponent or the domain parameters
     * that they have. ILLEGAL_VALUE when these cannot be used.
     */
    public GeneratedPair generate(KeyData publicKey, KeyData privateKey, RandomSource random) {
        algorithms.require("KeyPair." + KeyPairAlgorithm.of(publicKey.layout(), privateKey.layout()));
        return new PairGenerator(curves, random).generate(publicKey, privateKey);
    }
}
