package cardlab.jcardsim;

import java.util.List;
import java.util.Map;

/**
 * Defines the classes of one package on one card, so that static fields belong to that card. Its classes see the Java Card
 * and GlobalPlatform APIs, java.*, the packages loaded before on the same card, and nothing else of this process.
 */
final class PackageLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    /** Instrumented applets call the coverage agent; Java 17 makes accessors for reflection below an applet's loader. */
    private static final String[] VISIBLE =
            {"java.", "javacard.", "javacardx.", "org.globalplatform.", "org.jacoco.agent.", "jdk.internal.reflect."};

    private static final String HIDDEN = "javacard.framework.ApduPort";

    private final Map<String, byte[]> classFiles;
    private final List<PackageCode> imports;

    PackageLoader(Map<String, byte[]> classFiles, List<PackageCode> imports) {
        super(PackageLoader.class.getClassLoader());
        this.classFiles = classFiles;
        this.imports = imports;
    }

    /** Whether a class may be used: it is the package's own, the platform's, or that of an imported package. */
    boolean sees(String name) {
        boolean known = classFiles.containsKey(name) || isPlatform(name) && !name.equals(HIDDEN);
        for (int i = 0; !known && i < imports.size(); i++) {
            known = imports.get(i).find(name) != null;
        }
        return known;
    }

    /** Whether the name belongs to the platform: applets may use such classes, and may not bring them. */
    static boolean isPlatform(String name) {
        for (String prefix : VISIBLE) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known != null ? known : find(name);
        }
    }

    private Class<?> find(String name) throws ClassNotFoundException {
        byte[] own = classFiles.get(name);
        if (own != null) {
            return defineClass(name, own, 0, own.length);
        }
        if (isPlatform(name) && !name.equals(HIDDEN)) {
            return super.loadClass(name, false);
        }
        for (PackageCode imported : imports) {
            Class<?> found = imported.find(name);
            if (found != null) {
                return found;
            }
        }
        throw new ClassNotFoundException(name + " is in no package on this card");
    }
}
