package cardlab.engine;

import java.util.Arrays;

/** ALG_RSA_*: everything is collected until doFinal(); update() puts out nothing. */
final class RsaCipherOperation extends CipherOperation {
    private final Digests digests;
    private final Padding padding;
    private byte[] collected = {};

    RsaCipherOperation(Digests digests, Padding padding) {
        this.digests = digests;
        this.padding = padding;
    }

    @Override
    void checkKey(KeyData key, int newMode) {
        Keys.requireKind(key, KeyKind.RSA);
        Keys.requireInitialized(key);
        if (padding.oaep() != null && key.layout().family().isPrivate() == (newMode == Mode.ENCRYPT)) {
            throw EngineException.illegalValue("OAEP encrypts with public keys and decrypts with private ones");
        }
        if (RsaPadding.room(padding, Rsa.length(key)) < 0) {
            throw EngineException.illegalValue(padding + " does not fit into " + key.layout().bits() + " bits");
        }
    }

    @Override
    void begin(KeyData key, int newMode, byte[] parameter) {
        if (parameter != null) {
            throw noParameter();
        }
        restart();
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        int most = encrypting() ? RsaPadding.room(padding, Rsa.length(key)) : Rsa.length(key);
        if (collected.length + length > most) {
            throw EngineException.illegalUse(
                    collected.length + length + " bytes given, " + most + " is the most with this key and padding");
        }
        byte[] before = collected;
        collected = Blocks.joined(before, in, offset, length);
        Arrays.fill(before, (byte) 0);
        return new byte[0];
    }

    @Override
    byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        process(key, in, offset, length);
        if ((!encrypting() || padding == Padding.PAD_NOPAD) && collected.length != Rsa.length(key)) {
            throw EngineException.illegalUse("the block has " + collected.length + " bytes, not " + Rsa.length(key));
        }
        RsaPadding scheme = new RsaPadding(digests, padding, Rsa.length(key));
        boolean isPrivate = key.layout().family().isPrivate();
        if (encrypting()) {
            return Rsa.apply(key, scheme.pad(random, collected, isPrivate));
        }
        return scheme.strip(Rsa.apply(key, collected), isPrivate);
    }

    @Override
    void restart() {
        Arrays.fill(collected, (byte) 0);
        collected = new byte[0];
    }

    @Override
    public CipherOperation copy() {
        RsaCipherOperation copy = new RsaCipherOperation(digests, padding);
        copy.copyMode(this);
        copy.collected = collected.clone();
        return copy;
    }
}
