package cardlab.jcardsim;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The classes of a package as one card has them: defined, initialized, and with their own static fields. */
final class PackageCode {
    private static final int WRONG_DATA = 0x6A80;

    private final Map<String, byte[]> classFiles;
    private final Map<String, Class<?>> classes = new LinkedHashMap<>();
    private final List<Field> statics = new ArrayList<>();

    private PackageCode(Map<String, byte[]> classFiles) {
        this.classFiles = classFiles;
    }

    /** Define and initialize classes; Refusal when one of them is damaged, not allowed, or needs what is not there. */
    static PackageCode define(Map<String, byte[]> files, List<PackageCode> imports) throws Refusal {
        PackageCode code = new PackageCode(new TreeMap<>(files));
        PackageLoader loader = new PackageLoader(code.classFiles, imports);
        code.requireImports(loader);
        for (String name : code.classFiles.keySet()) {
            if (PackageLoader.isPlatform(name)) {
                throw new Refusal(WRONG_DATA, name + " belongs to the platform, a package cannot bring it");
            }
            try {
                Class<?> defined = Class.forName(name, true, loader);
                code.classes.put(name, defined);
                code.collectStatics(defined);
            } catch (ClassNotFoundException | LinkageError error) {
                throw new Refusal(WRONG_DATA, "class " + name + " cannot be loaded: " + reason(error), error);
            }
        }
        return code;
    }

    /** As on a card, everything that a package uses is there when it is loaded (JCVM 3.0.4, 4.5.2). */
    private void requireImports(PackageLoader loader) throws Refusal {
        for (Map.Entry<String, byte[]> file : classFiles.entrySet()) {
            for (String used : ClassFile.usedClasses(file.getValue())) {
                if (!loader.sees(used)) {
                    throw new Refusal(WRONG_DATA,
                            "class " + file.getKey() + " uses " + used + ", which is in no package on this card");
                }
            }
        }
    }

    private static String reason(Throwable error) {
        return error.getCause() == null ? error.toString() : error + ", " + error.getCause();
    }

    /**
     * Constants are left out: their value is in the class file. So is what compilers and instrumentation add, such as
     * JaCoCo's counters, which are no part of the card.
     */
    private void collectStatics(Class<?> defined) {
        for (Field field : defined.getDeclaredFields()) {
            int modifiers = field.getModifiers();
            boolean constant = Modifier.isFinal(modifiers)
                    && (field.getType().isPrimitive() || field.getType() == String.class);
            if (Modifier.isStatic(modifiers) && !field.isSynthetic() && !constant) {
                field.setAccessible(true);
                statics.add(field);
            }
        }
    }

    /** The class of that name, or null when this package has none. */
    Class<?> find(String name) {
        return classes.get(name);
    }

    Collection<Class<?>> classes() {
        return classes.values();
    }

    Map<String, byte[]> classFiles() {
        return classFiles;
    }

    /** Every static field that holds something of the card, final ones included. */
    List<Field> statics() {
        return statics;
    }
}
