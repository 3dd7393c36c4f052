package cardlab.vm.interpreter;

import cardlab.vm.link.Method;
import java.util.ArrayList;
import java.util.List;

/** Where code was when an exception left it: for the explanation of 6F00. */
public final class Trace {
    /** A method and the offset of the instruction in the Method component's info; -1 in native methods. */
    public record Place(Method method, int offset) {}

    private final List<Place> places = new ArrayList<>();
    private int reference;

    /** For the exception object {@code reference}; forgets what was there of another one. */
    void begin(int ofReference) {
        if (ofReference != reference) {
            places.clear();
        }
        reference = ofReference;
    }

    void add(Method method, int offset) {
        places.add(new Place(method, offset));
    }

    public void clear() {
        places.clear();
        reference = 0;
    }

    /** The innermost first. */
    public List<Place> places() {
        return places;
    }

    public int reference() {
        return reference;
    }
}
