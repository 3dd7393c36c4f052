package cardlab.engine;

/** A key as the engine sees it: the card holds the bytes, the engine reads them for one operation and keeps none. */
public interface KeyData {
    KeyLayout layout();

    /** A copy of a part's bytes; null while it is not set. */
    byte[] part(KeyPart part);
}
