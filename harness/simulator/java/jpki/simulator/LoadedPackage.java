package jpki.simulator;

import java.nio.ByteBuffer;
import java.util.Map;

/** A package on one card; {@code modules} maps a module AID to the name of its class. One in ROM takes no memory. */
record LoadedPackage(byte[] aid, int major, int minor, boolean rom, Map<ByteBuffer, String> modules, PackageCode code) {}
