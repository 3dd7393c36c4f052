package cardlab.engine;

/** Checksum.ALG_ISO3309_*: the frame check sequences of ISO/IEC 13239, 4.2.5; started with ones they are CRC-16/X-25 and PKZIP's CRC-32. */
public final class Checksum {
    private static final int CRC16 = 1;
    private static final int CRC32 = 2;
    private static final int POLYNOMIAL_16 = 0x8408;
    private static final int POLYNOMIAL_32 = 0xEDB88320;

    private final int algorithm;
    private int initial;
    private int value;

    Checksum(int algorithm) {
        if (algorithm != CRC16 && algorithm != CRC32) {
            throw EngineException.noSuchAlgorithm("there is no Checksum algorithm " + algorithm);
        }
        this.algorithm = algorithm;
    }

    static String name(int algorithm) {
        return "Checksum.ALG_ISO3309_CRC" + (algorithm == CRC16 ? "16" : "32");
    }

    /** Bytes of the checksum: 2 or 4. */
    public int length() {
        return algorithm == CRC16 ? 2 : 4;
    }

    /** Begin with this value, which is 0 otherwise; ILLEGAL_VALUE when it is not as long as the checksum. */
    public void init(byte[] start) {
        if (start.length != length()) {
            throw EngineException.illegalValue("the initial value has " + start.length + " bytes, not " + length());
        }
        initial = 0;
        for (byte one : start) {
            initial = initial << 8 | one & 0xFF;
        }
        value = initial;
    }

    public void update(byte[] in, int offset, int length) {
        int polynomial = algorithm == CRC16 ? POLYNOMIAL_16 : POLYNOMIAL_32;
        for (int i = offset; i < offset + length; i++) {
            value ^= in[i] & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                value = value >>> 1 ^ ((value & 1) == 0 ? 0 : polynomial);
            }
        }
    }

    /** The checksum of everything, most significant byte first; afterwards the object is as after init(). */
    public byte[] doFinal(byte[] in, int offset, int length) {
        update(in, offset, length);
        byte[] out = new byte[length()];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) (~value >>> 8 * (out.length - 1 - i));
        }
        reset();
        return out;
    }

    /** Back to the initial value. */
    public void reset() {
        value = initial;
    }

    public Checksum copy() {
        Checksum copy = new Checksum(algorithm);
        copy.initial = initial;
        copy.value = value;
        return copy;
    }
}
