package cardlab.engine;

/** A digest, a cipher and a padding: the parameters of Signature.getInstance(byte, byte, byte, boolean). */
public record SignatureScheme(DigestAlgorithm digest, SignatureCipher cipher, Padding padding) {
    /** The scheme of these constants; NO_SUCH_ALGORITHM when they do not go together. */
    public static SignatureScheme of(int digest, int cipher, int padding) {
        SignatureScheme scheme =
                new SignatureScheme(DigestAlgorithm.of(digest), SignatureCipher.of(cipher), Padding.of(padding));
        if (!scheme.fits()) {
            throw EngineException.noSuchAlgorithm(scheme.name() + " do not go together");
        }
        return scheme;
    }

    String name() {
        return "Signature." + digest + "/" + cipher + "/" + padding;
    }

    private boolean fits() {
        return cipher.takes(padding)
                && cipher.takes(digest)
                && (padding != Padding.PAD_RFC2409
                        || digest == DigestAlgorithm.ALG_SHA || digest == DigestAlgorithm.ALG_MD5);
    }
}
