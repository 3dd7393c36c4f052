package cardlab.mutate;

import java.util.Map;
import java.util.function.Supplier;
import org.eclipse.jdt.internal.compiler.lookup.MethodBinding;

/** What is known of methods of the Java Card API (3.0.5); whatever is not listed may do anything. */
final class Library {
    private static final String BYTES = "byte[]";
    private static final Map<String, Supplier<Effects>> KNOWN = Map.ofEntries(
            Map.entry("java.lang.Object.<init>", Effects::new),
            Map.entry("javacard.framework.Applet.<init>", Effects::new),
            Map.entry("javacard.framework.APDU.getBuffer", Effects::new),
            Map.entry("javacard.framework.Util.makeShort", Effects::new),
            Map.entry("javacard.framework.Util.getShort", Library::reading),
            Map.entry("javacard.framework.Util.arrayCompare", Library::reading),
            Map.entry("javacard.framework.Util.setShort", Library::writing),
            Map.entry("javacard.framework.Util.arrayFillNonAtomic", Library::writing),
            Map.entry("javacard.framework.Util.arrayCopyNonAtomic", Library::writing),
            Map.entry("javacard.framework.JCSystem.makeTransientByteArray", Library::making),
            Map.entry("javacard.framework.JCSystem.makeTransientShortArray", Library::making),
            Map.entry("javacard.framework.JCSystem.makeTransientBooleanArray", Library::making),
            Map.entry("javacard.framework.JCSystem.makeTransientObjectArray", Library::making),
            Map.entry("javacard.framework.OwnerPIN.<init>", Library::making),
            Map.entry("javacard.security.KeyBuilder.buildKey", Library::making),
            Map.entry("javacard.security.KeyPair.<init>", Library::making),
            Map.entry("javacard.security.MessageDigest.getInstance", Library::making),
            Map.entry("javacard.security.RandomData.getInstance", Library::making),
            Map.entry("javacard.security.Signature.getInstance", Library::making),
            Map.entry("javacardx.crypto.Cipher.getInstance", Library::making));
    private static final String THROW = "throwIt";

    private Library() {
    }

    /** Of a method, its receiver aside. */
    static Effects of(MethodBinding method) {
        String type = new String(method.declaringClass.readableName());
        String name = new String(method.selector);
        if (name.equals(THROW) && method.isStatic() && type.startsWith("javacard.")) {
            return new Effects().throwing();
        }
        return KNOWN.getOrDefault(type + "." + name, () -> new Effects().unknown()).get();
    }

    /** Whether a constructor gives the object that it makes to nobody. */
    static boolean isQuiet(MethodBinding constructor) {
        String type = new String(constructor.declaringClass.readableName());
        return type.startsWith("java.lang.") || type.startsWith("javacard.framework.");
    }

    private static Effects reading() {
        Effects found = new Effects().failing();
        found.read(BYTES);
        return found;
    }

    private static Effects writing() {
        Effects found = reading().lasting();
        found.write(BYTES);
        return found;
    }

    /** An object of which nobody else knows; memory may be full, an algorithm unknown. */
    private static Effects making() {
        return new Effects().throwing();
    }
}
