package cardlab.engine;

/** A mode of AES that makes a stream from a first block of 16 bytes (NIST SP 800-38A, 6.3 and 6.5); zeros without one. */
abstract class AesStreamOperation extends CipherOperation {
    static final int BLOCK = 16;

    @Override
    final void checkKey(KeyData key, int newMode) {
        Keys.requireKind(key, KeyKind.AES);
        Keys.requireInitialized(key);
    }

    @Override
    final void begin(KeyData key, int newMode, byte[] parameter) {
        if (parameter != null && parameter.length != BLOCK) {
            throw EngineException.illegalValue("the initial vector has " + parameter.length + " bytes, not 16");
        }
        startFrom(parameter == null ? new byte[BLOCK] : parameter.clone());
    }

    /** The stream begins; the block is the operation's own. */
    abstract void startFrom(byte[] block);

    @Override
    final byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        return process(key, in, offset, length);
    }

    @Override
    final void restart() {
        startFrom(new byte[BLOCK]);
    }
}
