package cardlab.vm.translate;

/** The types of a method's cells cannot be told from its code, or it is too long: it stays interpreted. */
final class Untranslatable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Untranslatable(String why) {
        super(why, null, false, false);
    }
}
