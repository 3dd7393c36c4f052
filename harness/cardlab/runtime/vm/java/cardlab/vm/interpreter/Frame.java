package cardlab.vm.interpreter;

import cardlab.vm.link.Method;

/** A method's activation (JCVM 3.0.5, 3.5). Frames are used again and again. */
final class Frame {
    /** Cells of the card's memory that a frame takes beside its variables. */
    static final int COST = 4;

    Method method;
    /** Where to go on in this method once what it called has returned. */
    int pc;
    /** The instruction that called; of a translated method, the last one that called or made an object. */
    int at;
    /** Whether the method runs as a class of the host: then the interpreter does not know where it is. */
    boolean isTranslated;
    /** The first local variable. */
    int locals;
    /** Whose code runs here: the number of an instance, or 0. */
    int owner;
    int context;
    /** Whether the runtime environment called it, so that returning ends the interpreter's run. */
    boolean isFirst;
    /** Of a first frame: context and instance that called it. */
    int caller;
    int callerOwner;
}
