package cardlab.jcardsim;

import com.licel.jcardsim.bouncycastle.crypto.AsymmetricCipherKeyPairGenerator;
import com.licel.jcardsim.bouncycastle.crypto.KeyGenerationParameters;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.security.Checksum;
import javacard.security.KeyAgreement;
import javacard.security.MessageDigest;
import javacard.security.RandomData;
import javacard.security.Signature;
import javacardx.crypto.Cipher;

/** What there is in the objects of one class, looked up once: the fields that are part of the card's memory. */
final class Shape {
    private static final ClassValue<Shape> SHAPES = new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
            return new Shape(type);
        }
    };

    private static final Class<?>[] ENGINES = {
        Signature.class, MessageDigest.class, Cipher.class, RandomData.class, KeyAgreement.class, Checksum.class
    };

    private static final Class<?>[] WHOLES = {AID.class, APDU.class, Throwable.class};

    /** Every field of the card's memory, superclasses first. */
    final Field[] fields;
    /** Those among them that can change. */
    final Field[] variables;
    /** Those among them that refer to objects. */
    final Field[] references;
    /** A cryptographic engine: its inner state is no business of transactions, and its size on a card is fixed. */
    final boolean engine;
    /** Its fields take no part in transactions and lead nowhere. */
    final boolean leaf;

    private Shape(Class<?> type) {
        engine = isAny(type, ENGINES);
        leaf = engine || isAny(type, WHOLES) || type.getClassLoader() == null && !type.isArray();
        fields = type.isArray() ? new Field[0] : fieldsOf(type);
        variables = select(field -> !Modifier.isFinal(field.getModifiers()));
        references = select(field -> !field.getType().isPrimitive());
    }

    static Shape of(Class<?> type) {
        return SHAPES.get(type);
    }

    private static boolean isAny(Class<?> type, Class<?>[] kinds) {
        for (Class<?> kind : kinds) {
            if (kind.isAssignableFrom(type)) {
                return true;
            }
        }
        return false;
    }

    private static Field[] fieldsOf(Class<?> type) {
        List<Field> found = new ArrayList<>();
        // What java.base declares (in Object and Throwable) is no part of a card, and closed to reflection.
        if (type != null && type.getClassLoader() != null) {
            found.addAll(List.of(fieldsOf(type.getSuperclass())));
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !isScratch(field)) {
                    field.setAccessible(true);
                    found.add(field);
                }
            }
        }
        return found.toArray(new Field[0]);
    }

    /** Made anew when needed: the machinery of key generation, the caches of curve points, counters of coverage. */
    private static boolean isScratch(Field field) {
        Class<?> type = field.getType();
        return AsymmetricCipherKeyPairGenerator.class.isAssignableFrom(type)
                || KeyGenerationParameters.class.isAssignableFrom(type)
                || Map.class.isAssignableFrom(type)
                || field.getName().startsWith("$jacoco");
    }

    private Field[] select(Predicate<Field> wanted) {
        List<Field> found = new ArrayList<>(List.of(fields));
        found.removeIf(wanted.negate());
        return found.toArray(new Field[0]);
    }
}
