package cardlab.vm.link;

import java.util.ArrayList;
import java.util.List;

/** A method descriptor as the interpreter needs it. */
public final class Signature {
    private final String descriptor;
    private final List<String> arguments = new ArrayList<>();
    private final char result;
    private final int cells;

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
        cells = arguments.stream().mapToInt(type -> type.equals("I") ? 2 : 1).sum();
    }

    /** Types of the arguments as descriptors. */
    public List<String> arguments() {
        return arguments;
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
