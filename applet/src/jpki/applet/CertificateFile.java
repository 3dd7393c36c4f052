package jpki.applet;

/** The content of one certificate EF (A3). A length of zero means that there is none. */
final class CertificateFile {

    static final short CAPACITY = 2048;

    private byte[] content = new byte[CAPACITY];
    private final Twin length = Twin.persistent((short) 0);

    short length() {
        return length.value();
    }

    byte[] content() {
        return content;
    }

    /** Takes {@code newContent} and gives its own buffer away; to be called in a transaction. */
    byte[] exchange(byte[] newContent, short newLength) {
        byte[] old = content;
        length.set(newLength);
        content = newContent;
        return old;
    }

    /** Unreachable from now on; in the transaction of this right, then {@link #scrub}. */
    void forget(Right right) {
        right.confirm();
        length.set((short) 0);
        right.alarm.same(length.again(), (short) 0);
    }

    /** Overwrites what a forgotten certificate left. */
    void scrub() {
        if (length.value() == 0 && length.again() == 0) {
            Transfer.wipe(content);
        }
    }
}
