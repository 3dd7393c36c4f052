package jpki.simulator;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A package on one card.
 *
 * @param rom it takes no persistent memory
 * @param modules class names by module AID
 * @param staticMemory bytes that its static fields led to when it was loaded
 */
record LoadedPackage(byte[] aid, int major, int minor, boolean rom, Map<ByteBuffer, String> modules, PackageCode code,
        int staticMemory) {}
