package cardlab.engine;

import java.util.Arrays;

/**
 * ISO/IEC 9796-2 signatures, scheme 1 with the implicit trailer BC: the block holds as much of the message as fits. With
 * PAD_ISO9796_MR it is a SignatureMessageRecovery, with PAD_ISO9796 the verifier is given the whole message.
 */
public final class RecoverySignature extends SignatureOperation {
    private static final int TRAILER = 0xBC;
    private static final int PARTIAL = 0x60;
    private static final int TOTAL = 0x40;

    private final Digests digests;
    private Digest digest;
    /** The beginning of the message, as much as may be in the block. */
    private byte[] head = {};
    private int total;
    /** What beginVerify() found; null before it. */
    private Recovered recovered;

    private record Recovered(byte[] part, boolean all, byte[] hash) {}

    RecoverySignature(SignatureScheme scheme, Digests digests) {
        super(scheme);
        this.digests = digests;
        this.digest = new Digest(scheme.digest(), digests);
    }

    private boolean recovers() {
        return scheme().padding() == Padding.PAD_ISO9796_MR;
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        if (key.layout().family().isPrivate() != (newMode == Mode.SIGN)) {
            throw EngineException.illegalValue("private keys sign, public keys verify");
        }
        if (room(key) < 0) {
            throw EngineException.illegalValue(scheme().name() + " does not fit into " + key.layout().bits() + " bits");
        }
    }

    /** Bytes of the message that fit into a block: between the header and the digest with its trailer. */
    private int room(KeyData key) {
        return Rsa.length(key) - scheme().digest().length() - 2;
    }

    @Override
    void begin(KeyData key, byte[] parameter) {
        noParameter(parameter);
        reset();
    }

    @Override
    void absorb(KeyData key, byte[] in, int offset, int length) {
        if (recovers() && mode() == Mode.VERIFY && recovered == null) {
            throw EngineException.invalidInit("beginVerify() comes before the message");
        }
        int kept = Math.min(length, Math.max(0, room(key) - head.length));
        head = Blocks.joined(head, in, offset, kept);
        total += length;
        digest.update(in, offset, length);
    }

    /** SignatureMessageRecovery.sign(): the signature; {@code inBlock[0]} becomes the number of message bytes in it. */
    public byte[] sign(KeyData key, byte[] in, int offset, int length, short[] inBlock) {
        requireMode(key, Mode.SIGN);
        try {
            absorb(key, in, offset, length);
            inBlock[0] = (short) head.length;
            return produce(key, null);
        } finally {
            reset();
        }
    }

    @Override
    byte[] produce(KeyData key, RandomSource random) {
        byte[] block = new byte[Rsa.length(key)];
        byte[] hash = digest.doFinal();
        int end = block.length - 1 - hash.length;
        block[block.length - 1] = (byte) TRAILER;
        System.arraycopy(hash, 0, block, end, hash.length);
        int start = end - head.length;
        System.arraycopy(head, 0, block, start, head.length);
        fillHeader(block, start, total > head.length ? PARTIAL : TOTAL);
        return Rsa.apply(key, block);
    }

    /** 6A or 4A where the message fills the block; else 6B or 4B, BB …, BA before it. */
    private static void fillHeader(byte[] block, int start, int header) {
        if (start == 1) {
            block[0] = (byte) (header | 0x0A);
            return;
        }
        Arrays.fill(block, 0, start, (byte) 0xBB);
        block[0] = (byte) (header | 0x0B);
        block[start - 1] ^= 1;
    }

    /**
     * SignatureMessageRecovery.beginVerify(): the part of the message that is in the signature. ILLEGAL_USE when the
     * signature is not one, INVALID_INIT when not initialised to verify.
     */
    public byte[] beginVerify(KeyData key, byte[] signature) {
        requireMode(key, Mode.VERIFY);
        reset();
        Recovered found = open(key, signature);
        if (found == null) {
            throw EngineException.illegalUse("the signature is none of ISO/IEC 9796-2 under this key");
        }
        digest.update(found.part, 0, found.part.length);
        recovered = found;
        return found.part.clone();
    }

    /** SignatureMessageRecovery.verify(): {@code in} is the end of what is not in the signature. INVALID_INIT before beginVerify(). */
    public boolean verify(KeyData key, byte[] in, int offset, int length) {
        requireMode(key, Mode.VERIFY);
        try {
            absorb(key, in, offset, length);
            return (!recovered.all || total == 0) && same(recovered.hash, digest.doFinal());
        } finally {
            reset();
        }
    }

    @Override
    boolean accepts(KeyData key, byte[] signature) {
        Recovered found = open(key, signature);
        return found != null && found.all == (total == found.part.length) && head.length >= found.part.length
                && Arrays.equals(found.part, Arrays.copyOf(head, found.part.length))
                && same(found.hash, digest.doFinal());
    }

    private Recovered open(KeyData key, byte[] signature) {
        if (signature.length != Rsa.length(key)) {
            return null;
        }
        byte[] block;
        try {
            block = Rsa.apply(key, signature);
        } catch (EngineException tooLarge) {
            return null;
        }
        int end = block.length - 1 - scheme().digest().length();
        int start = messageStart(block, end);
        if (start < 0 || (block[block.length - 1] & 0xFF) != TRAILER) {
            return null;
        }
        byte[] hash = Arrays.copyOfRange(block, end, block.length - 1);
        return new Recovered(Arrays.copyOfRange(block, start, end), (block[0] & PARTIAL) == TOTAL, hash);
    }

    private static int messageStart(byte[] block, int end) {
        int header = block[0] & 0xFF;
        if ((header & 0xDF) == 0x4A) {
            return 1;
        }
        if ((header & 0xDF) != 0x4B) {
            return -1;
        }
        int at = 1;
        while (at < end && (block[at] & 0xFF) == 0xBB) {
            at++;
        }
        return at < end && (block[at] & 0xFF) == 0xBA ? at + 1 : -1;
    }

    @Override
    int signatureLength(KeyData key) {
        return Rsa.length(key);
    }

    @Override
    public void reset() {
        digest.reset();
        head = new byte[0];
        total = 0;
        recovered = null;
    }

    @Override
    public SignatureOperation copy() {
        RecoverySignature copy = new RecoverySignature(scheme(), digests);
        copy.copyMode(this);
        copy.digest = digest.copy();
        copy.head = head.clone();
        copy.total = total;
        copy.recovered = recovered;
        return copy;
    }
}
