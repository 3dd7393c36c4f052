package cardlab.vm.link;

/** What a method was translated to, for whoever can run it; one object says of all others that they cannot be translated. */
public interface Translated {
    /** A method that stays as it is. */
    Translated NOT = new Translated() {};
}
