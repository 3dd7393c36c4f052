package cardlab.vm.interpreter;

/** Something that disturbs the execution of single instructions of a command: a fault that is simulated. */
public interface Disturbance {
    /** The number of the instruction, from 0 in each command, before which it acts next. */
    long next();

    /** An instruction is about to be executed; its number is {@link #next} or higher. */
    void act(Hands hands, long number);

    /** An exception was thrown by the instruction with this number; what it comes to. */
    Ending thrown(Hands hands, long number);

    /** What becomes of an exception: it is thrown, code goes on behind the instruction, or the method returns. */
    enum Ending { THROWN, GOES_ON, RETURNS }
}
