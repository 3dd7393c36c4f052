package cardlab.engine;

/** ALG_AES_CTR: the whole first counter block is the initial vector, and all of it counts. */
final class CounterOperation extends AesStreamOperation {
    private CounterStream stream = new CounterStream(new byte[BLOCK], BLOCK);

    @Override
    void startFrom(byte[] block) {
        stream = new CounterStream(block, BLOCK);
    }

    @Override
    byte[] process(KeyData key, byte[] in, int offset, int length) {
        return stream.apply(key, in, offset, length);
    }

    @Override
    public CipherOperation copy() {
        CounterOperation copy = new CounterOperation();
        copy.copyMode(this);
        copy.stream = stream.copy();
        return copy;
    }
}
