package cardlab.jcardsim;

import javacard.framework.APDU;

/** Tells whether the classes that replace jCardSim's stand before it. */
public final class ClassPath {
    private ClassPath() {}

    /** False when jCardSim's own classes were found first, whose cards all have the same keys. */
    public static boolean isInOrder() {
        return APDU.class.getProtectionDomain().getCodeSource().getLocation()
                .equals(ClassPath.class.getProtectionDomain().getCodeSource().getLocation());
    }
}
