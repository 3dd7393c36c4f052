package cardlab.vm.natives;

/** What is said of one class. */
public interface ClassBinder {
    /**
     * The instance fields of this class beside those of its superclasses: {@code references} cells with references, then
     * {@code shorts} cells of 16 bits. They are numbered from 0 in this order, superclass first; see
     * {@link Call#field(int, int)}.
     */
    ClassBinder fields(int references, int shorts);

    /** A method or constructor ({@code <init>}) by name and descriptor. */
    ClassBinder method(String name, String descriptor, NativeMethod code);
}
