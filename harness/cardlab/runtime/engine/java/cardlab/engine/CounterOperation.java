package cardlab.engine;

/** ALG_AES_CTR: the whole first counter block is the initial vector, and all of it counts. */
final class CounterOperation extends CipherOperation {
    private static final int BLOCK = 16;

    private CounterStream stream = new CounterStream(new byte[BLOCK], BLOCK);

    @Override
    void checkKey(KeyData key, int newMode) {
        Keys.requireKind(key, KeyKind.AES);
        Keys.requireInitialized(key);
    }

    @Override
    void begin(KeyData key, int newMode, byte[] parameter) {
        if (parameter != null && parameter.length != BLOCK) {
            throw EngineException.illegalValue("the initial vector has " + parameter.length + " bytes, not 16");
        }
        stream = new CounterStream(parameter == null ? new byte[BLOCK] : parameter, BLOCK);
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        return stream.apply(key, in, offset, length);
    }

    @Override
    byte[] finish(KeyData key, RandomSource random, byte[] in, int offset, int length) {
        return process(key, in, offset, length);
    }

    @Override
    void restart() {
        stream = new CounterStream(new byte[BLOCK], BLOCK);
    }

    @Override
    public CipherOperation copy() {
        CounterOperation copy = new CounterOperation();
        copy.copyMode(this);
        copy.stream = stream.copy();
        return copy;
    }
}
