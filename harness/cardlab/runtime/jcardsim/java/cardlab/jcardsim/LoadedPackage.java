package cardlab.jcardsim;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A package on one card.
 *
 * @param codeSize persistent bytes of its code
 * @param modules class names by module AID
 * @param staticMemory bytes that its static fields led to when it was loaded
 */
record LoadedPackage(byte[] aid, int major, int minor, int codeSize, Map<ByteBuffer, String> modules, PackageCode code,
        int staticMemory) {
    /** Persistent bytes that it took when it was loaded. */
    int memory() {
        return codeSize + staticMemory;
    }
}
