package cardlab.engine;

/** KeyBuilder.TYPE_* of Java Card API 3.2: what a key is, and where it is kept. */
public record KeyType(KeyFamily family, KeyMemory memory) {
    /** TYPE_*: number, family, memory. */
    private static final Object[][] TYPES = {
        {1, KeyFamily.DES, KeyMemory.TRANSIENT_RESET},
        {2, KeyFamily.DES, KeyMemory.TRANSIENT_DESELECT},
        {3, KeyFamily.DES, KeyMemory.PERSISTENT},
        {4, KeyFamily.RSA_PUBLIC, KeyMemory.PERSISTENT},
        {5, KeyFamily.RSA_PRIVATE, KeyMemory.PERSISTENT},
        {6, KeyFamily.RSA_CRT_PRIVATE, KeyMemory.PERSISTENT},
        {7, KeyFamily.DSA_PUBLIC, KeyMemory.PERSISTENT},
        {8, KeyFamily.DSA_PRIVATE, KeyMemory.PERSISTENT},
        {9, KeyFamily.EC_F2M_PUBLIC, KeyMemory.PERSISTENT},
        {10, KeyFamily.EC_F2M_PRIVATE, KeyMemory.PERSISTENT},
        {11, KeyFamily.EC_FP_PUBLIC, KeyMemory.PERSISTENT},
        {12, KeyFamily.EC_FP_PRIVATE, KeyMemory.PERSISTENT},
        {13, KeyFamily.AES, KeyMemory.TRANSIENT_RESET},
        {14, KeyFamily.AES, KeyMemory.TRANSIENT_DESELECT},
        {15, KeyFamily.AES, KeyMemory.PERSISTENT},
        {16, KeyFamily.KOREAN_SEED, KeyMemory.TRANSIENT_RESET},
        {17, KeyFamily.KOREAN_SEED, KeyMemory.TRANSIENT_DESELECT},
        {18, KeyFamily.KOREAN_SEED, KeyMemory.PERSISTENT},
        {19, KeyFamily.HMAC, KeyMemory.TRANSIENT_RESET},
        {20, KeyFamily.HMAC, KeyMemory.TRANSIENT_DESELECT},
        {21, KeyFamily.HMAC, KeyMemory.PERSISTENT},
        {22, KeyFamily.RSA_PRIVATE, KeyMemory.TRANSIENT_RESET},
        {23, KeyFamily.RSA_PRIVATE, KeyMemory.TRANSIENT_DESELECT},
        {24, KeyFamily.RSA_CRT_PRIVATE, KeyMemory.TRANSIENT_RESET},
        {25, KeyFamily.RSA_CRT_PRIVATE, KeyMemory.TRANSIENT_DESELECT},
        {26, KeyFamily.DSA_PRIVATE, KeyMemory.TRANSIENT_RESET},
        {27, KeyFamily.DSA_PRIVATE, KeyMemory.TRANSIENT_DESELECT},
        {28, KeyFamily.EC_F2M_PRIVATE, KeyMemory.TRANSIENT_RESET},
        {29, KeyFamily.EC_F2M_PRIVATE, KeyMemory.TRANSIENT_DESELECT},
        {30, KeyFamily.EC_FP_PRIVATE, KeyMemory.TRANSIENT_RESET},
        {31, KeyFamily.EC_FP_PRIVATE, KeyMemory.TRANSIENT_DESELECT},
        {32, KeyFamily.DH_PUBLIC, KeyMemory.PERSISTENT},
        {33, KeyFamily.DH_PUBLIC, KeyMemory.TRANSIENT_DESELECT},
        {34, KeyFamily.DH_PUBLIC, KeyMemory.TRANSIENT_RESET},
        {35, KeyFamily.DH_PRIVATE, KeyMemory.PERSISTENT},
        {36, KeyFamily.DH_PRIVATE, KeyMemory.TRANSIENT_DESELECT},
        {37, KeyFamily.DH_PRIVATE, KeyMemory.TRANSIENT_RESET},
        {38, KeyFamily.DH_PARAMETERS, KeyMemory.PERSISTENT},
        {39, KeyFamily.DSA_PARAMETERS, KeyMemory.PERSISTENT},
        {40, KeyFamily.EC_F2M_PARAMETERS, KeyMemory.PERSISTENT},
        {41, KeyFamily.EC_FP_PARAMETERS, KeyMemory.PERSISTENT},
        {42, KeyFamily.GENERIC_SECRET, KeyMemory.PERSISTENT},
        {43, KeyFamily.SM4, KeyMemory.PERSISTENT},
    };

    /** Of buildKey(byte, short, boolean); NO_SUCH_ALGORITHM when there is no such type. */
    public static KeyType of(int number) {
        for (Object[] one : TYPES) {
            if ((Integer) one[0] == number) {
                return new KeyType((KeyFamily) one[1], (KeyMemory) one[2]);
            }
        }
        throw EngineException.noSuchAlgorithm("there is no key type " + number);
    }

    /** Of buildKey(byte, byte, short, boolean): ALG_TYPE_* and MEMORY_TYPE_*; NO_SUCH_ALGORITHM for no such type. */
    public static KeyType of(int algType, int memoryType) {
        return new KeyType(KeyFamily.ofAlgType(algType), KeyMemory.of(memoryType));
    }

    /** Key.getType(): TYPE_* where there is one, else (public keys in RAM, domain parameters) ALG_TYPE_*. */
    public int number() {
        for (Object[] one : TYPES) {
            if (one[1] == family && one[2] == memory) {
                return (Integer) one[0];
            }
        }
        return family.algType();
    }
}
