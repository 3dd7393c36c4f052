package cardlab.vm.interpreter;

/** What the last sensitive method of the API returned, for SensitiveResult (Java Card API 3.0.5); until it is forgotten. */
public final class LastResult {
    /** What kind of value is kept. */
    public enum Kind {
        UNASSIGNED, BOOLEAN, NUMBER, REFERENCE
    }

    private Kind kind = Kind.UNASSIGNED;
    private int value;

    public Kind kind() {
        return kind;
    }

    /** A number with its sign, 0 or 1, or a reference. */
    public int value() {
        return value;
    }

    /** Tag it as Unassigned. */
    public void forget() {
        kind = Kind.UNASSIGNED;
        value = 0;
    }

    /** Keep a result of this type, the first character of its descriptor. */
    void keep(char type, int result) {
        kind = switch (type) {
            case 'Z' -> Kind.BOOLEAN;
            case 'L', '[' -> Kind.REFERENCE;
            default -> Kind.NUMBER;
        };
        value = type == 'B' ? (byte) result : kind == Kind.REFERENCE ? result : (short) result;
    }
}
