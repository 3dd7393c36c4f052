package cardlab.jcardsim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javacard.security.Key;
import javacard.security.KeyPair;

/** What an inspector sees of objects of the API, whose Java fields are jCardSim's own affair. */
final class ApiObjects {
    /** Components of keys, as their getters are named (Java Card API 3.0.5, javacard.security). */
    private static final List<String> COMPONENTS =
            List.of("P", "Q", "DP1", "DQ1", "PQ", "Modulus", "Exponent", "S", "W", "Key");
    private static final int LONGEST = 1024;

    private ApiObjects() {}

    static boolean has(Object object) {
        return object instanceof Key || object instanceof KeyPair;
    }

    /** The fields by name; a component that is not set is null. */
    static Map<String, Object> fields(Object object) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (object instanceof KeyPair pair) {
            fields.put("publicKey", pair.getPublic());
            fields.put("privateKey", pair.getPrivate());
            return fields;
        }
        for (String name : COMPONENTS) {
            for (Method method : object.getClass().getMethods()) {
                if (method.getName().equals("get" + name) && method.getParameterCount() == 2) {
                    fields.put(name, component(object, method));
                }
            }
        }
        return fields;
    }

    private static byte[] component(Object key, Method getter) {
        byte[] value = new byte[LONGEST];
        try {
            Number length = (Number) getter.invoke(key, value, (short) 0);
            return Arrays.copyOf(value, length.shortValue() & 0xFF | length.shortValue() & 0xFF00);
        } catch (InvocationTargetException notSet) {
            return null;
        } catch (IllegalAccessException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
