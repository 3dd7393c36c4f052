package cardlab.vm.link;

import java.util.Map;
import java.util.Set;

/** Methods whose results the card keeps to be asserted (Java Card API 3.0.5, SensitiveResult, "See Also"). */
final class SensitiveMethods {
    private static final Map<String, Set<String>> NAMES = Map.ofEntries(
            Map.entry("javacard/framework/SensitiveArrays",
                    Set.of("isIntegritySensitive", "isIntegritySensitiveArraysSupported", "clearArray")),
            Map.entry("javacard/framework/AID", Set.of("equals", "partialEquals", "RIDEquals")),
            Map.entry("javacard/framework/JCSystem",
                    Set.of("getAID", "lookupAID", "getPreviousContextAID", "getAppletShareableInterfaceObject")),
            Map.entry("javacard/framework/PIN", Set.of("check", "getTriesRemaining", "isValidated")),
            Map.entry("javacard/framework/OwnerPIN", Set.of("getValidatedFlag")),
            Map.entry("javacard/framework/OwnerPINxWithPredecrement", Set.of("check", "decrementTriesRemaining")),
            Map.entry("javacard/framework/Util",
                    Set.of("arrayCompare", "arrayCopy", "arrayCopyNonAtomic", "arrayFill", "arrayFillNonAtomic")),
            Map.entry("javacard/security/Checksum", Set.of("doFinal")),
            Map.entry("javacard/security/KeyAgreement", Set.of("generateSecret")),
            Map.entry("javacard/security/MessageDigest", Set.of("doFinal")),
            Map.entry("javacard/security/RandomData", Set.of("nextBytes")),
            Map.entry("javacard/security/Signature",
                    Set.of("sign", "verify", "signPreComputedHash", "verifyPreComputedHash")),
            Map.entry("javacardx/crypto/Cipher", Set.of("update", "doFinal", "retrieveTag", "verifyTag")),
            Map.entry("javacardx/framework/math/BigNumber", Set.of("compareTo")));

    private SensitiveMethods() {}

    /** Mark them among the methods of a class. */
    static void mark(CardClass one, Map<String, CardClass> classes) {
        NAMES.forEach((name, methods) -> {
            CardClass declaring = classes.get(name);
            if (declaring != null && one.isA(declaring)) {
                one.staticMethods.values().forEach(method -> mark(method, methods));
                one.byName.values().forEach(method -> mark(method, methods));
                for (Method method : one.publicTable) {
                    mark(method, methods);
                }
            }
        });
    }

    private static void mark(Method method, Set<String> names) {
        if (method != null && names.contains(method.name)) {
            method.keepsResult = true;
        }
    }
}
