package cardlab.vm;

/**
 * Is told what happens on a card. Places in code are the package's number and the offset in its Method component; -1 for
 * the API.
 */
public interface Observer {
    /** An instruction is about to be executed. */
    default void instruction(int packageNumber, int method, int offset, int opcode) {}

    /** A method is entered. */
    default void call(int packageNumber, int method, String name) {}

    /** An exception is thrown. */
    default void exception(String className, int reason) {}

    /** A persistent write is about to be done; {@code kind} is a WriteKind's name. */
    default void write(long number, int address, int length, String kind) {}

    /** A cryptographic operation. */
    default void crypto(String algorithm, int length) {}

    /** An applet is selected on a channel, or deselected. */
    default void selection(int channel, byte[] aid, boolean isSelected) {}

    /** Something a test should be told. */
    default void warning(String message) {}
}
