package cardlab.vm.natives;

/**
 * Where a package names its native classes and methods.
 *
 * <p>What is in the token table and not bound is not on the card: a CAP file that refers to it is refused at LOAD, with
 * package, class and method named. Interfaces and abstract methods need no binding, nor do members that are inherited.
 */
public interface Binder {
    /** Whether the token tables of the card have a class or interface. */
    boolean has(String name);

    /** A class of the token table, by its full name with slashes. */
    ClassBinder type(String name);

    /**
     * A class that no applet can name: what a factory like KeyBuilder.buildKey() makes. It has no tokens; its methods are
     * found by name and descriptor when one of its superclass or interfaces is called.
     *
     * @param name a name for people, with slashes
     * @param superclass the full name of its superclass
     * @param interfaces full names of the interfaces it has
     */
    ClassBinder hidden(String name, String superclass, String... interfaces);
}
