package cardlab.engine;

import java.util.Map;

/** What KeyPair.genKeyPair() sets: the parts of both keys, domain parameters among them. */
public record GeneratedPair(Map<KeyPart, byte[]> publicParts, Map<KeyPart, byte[]> privateParts) {}
