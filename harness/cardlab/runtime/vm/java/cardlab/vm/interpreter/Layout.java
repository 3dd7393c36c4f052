package cardlab.vm.interpreter;

import cardlab.vm.link.Method;

/**
 * What has to be known of translated code where it meets interpreted code.
 *
 * @param method the method
 * @param points the places at which the interpreter may have to go on
 * @param uncounted by distance from the method's first instruction: instructions behind that one which were counted with it
 */
public record Layout(Method method, Point[] points, short[] uncounted) {
    /**
     * A place in the code, and what the cells hold there.
     *
     * @param pc the next instruction
     * @param locals a tag for each local variable, {@link #UNTOUCHED} for an argument that still is where it was
     * @param operands a tag for each operand
     * @param isReturn whether a call has just returned, whose result is on the stack and not among the operands
     */
    public record Point(int pc, int[] locals, int[] operands, boolean isReturn) {}

    /** A local variable that is still what the caller put there. */
    public static final int UNTOUCHED = -1;

    // The tags, for whoever makes a layout
    public static final int NONE = Stack.NONE;
    public static final int SHORT = Stack.SHORT;
    /** The cell with the high half of an int; the value of both is kept there. */
    public static final int INT = Stack.INT;
    /** The cell after it. */
    public static final int LOW_HALF = -2;
    public static final int REFERENCE = Stack.REFERENCE;
}
