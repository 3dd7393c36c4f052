package cardlab.vm.link;

import java.util.ArrayList;
import java.util.List;

/** A method descriptor as the interpreter needs it. */
public final class Signature {
    private final String descriptor;
    private final List<String> arguments = new ArrayList<>();
    private final char result;
    private final int cells;
    private final char[] kinds;

    /** Of a descriptor like {@code ([BSLjavacard/framework/AID;)Z}. */
    public Signature(String descriptor) {
        this.descriptor = descriptor;
        int at = 1;
        while (descriptor.charAt(at) != ')') {
            int end = at;
            while (descriptor.charAt(end) == '[') {
                end++;
            }
            end = descriptor.charAt(end) == 'L' ? descriptor.indexOf(';', end) + 1 : end + 1;
            arguments.add(descriptor.substring(at, end));
            at = end;
        }
        result = descriptor.charAt(at + 1);
        kinds = new char[arguments.size()];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = kind(arguments.get(i));
        }
        cells = arguments.stream().mapToInt(type -> type.equals("I") ? 2 : 1).sum();
    }

    /** Types of the arguments as descriptors. */
    public List<String> arguments() {
        return arguments;
    }

    /** S for what one cell of a number holds, I, A for any reference, B for a byte array, L for other references. */
    private static char kind(String type) {
        return switch (type) {
            case "I" -> 'I';
            case "Ljava/lang/Object;" -> 'A';
            case "[B" -> 'B';
            default -> type.length() == 1 ? 'S' : 'L';
        };
    }

    /** What each argument is, in one character: S, I, A, B or L. */
    public char kind(int argument) {
        return kinds[argument];
    }

    /** The number of arguments. */
    public int count() {
        return kinds.length;
    }

    /** The first character of the result's descriptor: V, Z, B, S, I, L or [. */
    public char result() {
        return result;
    }

    /** Cells that the arguments take. */
    public int cells() {
        return cells;
    }

    @Override
    public String toString() {
        return descriptor;
    }
}
