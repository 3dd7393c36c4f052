package cardlab.vm.natives;

/** What is said of one class. */
public interface ClassBinder {
    /**
     * The instance fields of this class beside those of its superclasses: {@code references} cells with references, then
     * {@code shorts} cells of 16 bits. They are numbered from 0 in this order, superclass first; see
     * {@link Call#field(int, int)}.
     */
    ClassBinder fields(int references, int shorts);

    /**
     * Objects of this class that the card has from the beginning, as entry points (JCRE 3.0.5, 6.2.1): {@code count}
     * references from {@code first} on (see cardlab.vm.jcre.SystemObjects). Their fields are in RAM, and live until reset.
     */
    ClassBinder entryPoints(int first, int count, boolean isTemporary);

    /** The card does not have the class: what it inherits from others than Object is refused at LOAD as well. */
    ClassBinder missing();

    /** A method or constructor ({@code <init>}) by name and descriptor. */
    ClassBinder method(String name, String descriptor, NativeMethod code);
}
