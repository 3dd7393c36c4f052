package cardlab.jcardsim;

import com.licel.jcardsim.bouncycastle.crypto.digests.SHA256Digest;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import javacard.framework.AID;

/** Writes a card as bytes; docs/reference/runtime.md describes the format, ImageReader reads it. */
final class ImageWriter {
    static final byte[] MAGIC = {'J', 'P', 'K', 'I', 'H', 'E', 'A', 'P'};
    static final int VERSION = 2;
    static final int CHECKSUM_BYTES = 32;
    /** The package index of a class that belongs to the platform. */
    static final int PLATFORM = 0xFFFF;
    static final int NULL = 0;

    static final int PLAIN = 0;
    static final int ARRAY = 1;
    static final int INTEGER = 2;
    static final int TEXT = 3;
    static final int CONSTANT = 4;
    static final int CLASS = 5;
    static final int RANDOM = 6;
    static final int INSTANCE_AID = 7;
    static final int TRANSIENT_ARRAY = 8;

    private final TransientStore transients;
    private final List<LoadedPackage> packages = new ArrayList<>();
    private final List<Instance> instances = new ArrayList<>();
    private final Map<Object, Integer> numbers = new IdentityHashMap<>();
    private final List<Object> objects = new ArrayList<>();
    private final Map<Class<?>, Integer> types = new HashMap<>();
    private final List<Class<?>> typeList = new ArrayList<>();

    ImageWriter(TransientStore transients) {
        this.transients = transients;
    }

    byte[] write(Drbg random, CardContents contents) {
        packages.addAll(contents.packages());
        instances.addAll(contents.instances());
        collect();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 16);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeShort(VERSION);
            writeBytes(out, random.state());
            writePackages(out);
            writeTypes(out);
            writeStatics(out);
            writeInstances(out);
            writeObjects(out);
            writeTransients(out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        byte[] content = bytes.toByteArray();
        byte[] image = Arrays.copyOf(content, content.length + CHECKSUM_BYTES);
        System.arraycopy(checksum(content, content.length), 0, image, content.length, CHECKSUM_BYTES);
        return image;
    }

    static byte[] checksum(byte[] bytes, int length) {
        SHA256Digest digest = new SHA256Digest();
        digest.update(bytes, 0, length);
        byte[] sum = new byte[CHECKSUM_BYTES];
        digest.doFinal(sum, 0);
        return sum;
    }

    /** Number every object that the card reaches, from 1; 0 is null. */
    private void collect() {
        for (LoadedPackage loaded : packages) {
            for (Field field : loaded.code().statics()) {
                if (!field.getType().isPrimitive()) {
                    add(Heap.get(field, null));
                }
            }
        }
        for (Instance instance : instances) {
            add(instance.applet);
        }
        for (int next = 0; next < objects.size(); next++) {
            Object object = objects.get(next);
            if (object instanceof Object[] array) {
                type(array.getClass());
                if (!transients.holds(array)) {
                    for (Object element : array) {
                        add(element);
                    }
                }
            } else if (isPlain(object)) {
                type(object.getClass());
                for (Field field : Shape.of(object.getClass()).fields) {
                    if (!field.getType().isPrimitive()) {
                        add(Heap.get(field, object));
                    }
                }
            } else {
                addSpecial(object);
            }
        }
    }

    private void addSpecial(Object object) {
        if (object instanceof Enum<?> constant) {
            type(constant.getDeclaringClass());
        } else if (object instanceof Class<?> type) {
            type(type);
        } else if (object.getClass().isArray()) {
            type(object.getClass());
        } else if (!(object instanceof BigInteger || object instanceof String || object instanceof SecureRandom
                || isInstanceAid(object))) {
            throw new IllegalStateException("an applet holds a " + object.getClass().getName()
                    + ", which is no object of a card and cannot be saved");
        }
    }

    private boolean isPlain(Object object) {
        return object.getClass().getClassLoader() != null && !object.getClass().isArray()
                && !(object instanceof Enum || object instanceof SecureRandom || isInstanceAid(object));
    }

    /** The AID objects that the runtime environment owns are the same ones after a restore. */
    private boolean isInstanceAid(Object object) {
        return object instanceof AID && instanceOf(object) >= 0;
    }

    private int instanceOf(Object aid) {
        for (int i = 0; i < instances.size(); i++) {
            if (instances.get(i).aid == aid) {
                return i;
            }
        }
        return -1;
    }

    private void add(Object object) {
        if (object != null && !numbers.containsKey(object)) {
            objects.add(object);
            numbers.put(object, objects.size());
        }
    }

    private int number(Object object) {
        return object == null ? NULL : numbers.get(object);
    }

    private int type(Class<?> type) {
        Integer known = types.putIfAbsent(type, typeList.size());
        if (known == null) {
            typeList.add(type);
            return typeList.size() - 1;
        }
        return known;
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private void writePackages(DataOutputStream out) throws IOException {
        out.writeShort(packages.size());
        for (LoadedPackage loaded : packages) {
            writeBytes(out, loaded.aid());
            out.writeByte(loaded.major());
            out.writeByte(loaded.minor());
            out.writeInt(loaded.codeSize());
            out.writeShort(loaded.modules().size());
            for (Map.Entry<ByteBuffer, String> module : loaded.modules().entrySet()) {
                writeBytes(out, module.getKey().array());
                out.writeUTF(module.getValue());
            }
            out.writeShort(loaded.code().classFiles().size());
            for (Map.Entry<String, byte[]> file : loaded.code().classFiles().entrySet()) {
                out.writeUTF(file.getKey());
                writeBytes(out, file.getValue());
            }
        }
    }

    private void writeTypes(DataOutputStream out) throws IOException {
        out.writeShort(typeList.size());
        for (Class<?> type : typeList) {
            out.writeUTF(type.getName());
            out.writeShort(packageOf(type));
            Field[] fields = Shape.of(type).fields;
            out.writeShort(fields.length);
            for (Field field : fields) {
                out.writeUTF(signature(field));
            }
        }
    }

    /** What makes a field the same one when the card is restored. */
    static String signature(Field field) {
        return field.getDeclaringClass().getName() + "." + field.getName() + ":" + field.getType().getName();
    }

    private int packageOf(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        for (int i = 0; i < packages.size(); i++) {
            if (packages.get(i).code().find(element.getName()) == element) {
                return i;
            }
        }
        return PLATFORM;
    }

    private void writeStatics(DataOutputStream out) throws IOException {
        for (LoadedPackage loaded : packages) {
            out.writeShort(loaded.code().statics().size());
            for (Field field : loaded.code().statics()) {
                out.writeUTF(signature(field));
                writeValue(out, field.getType(), Heap.get(field, null));
            }
        }
    }

    private void writeInstances(DataOutputStream out) throws IOException {
        out.writeShort(instances.size());
        for (Instance instance : instances) {
            writeBytes(out, instance.aidBytes);
            out.writeShort(packages.indexOf(instance.from));
            writeBytes(out, instance.moduleAid);
            out.writeInt(number(instance.applet));
        }
    }

    private void writeObjects(DataOutputStream out) throws IOException {
        out.writeInt(objects.size());
        for (Object object : objects) {
            writeHead(out, object);
        }
        for (Object object : objects) {
            if (object.getClass().isArray()) {
                writeElements(out, object);
            } else if (isPlain(object)) {
                for (Field field : Shape.of(object.getClass()).fields) {
                    writeValue(out, field.getType(), Heap.get(field, object));
                }
            }
        }
    }

    private void writeHead(DataOutputStream out, Object object) throws IOException {
        if (object.getClass().isArray()) {
            out.writeByte(transients.holds(object) ? TRANSIENT_ARRAY : ARRAY);
            out.writeShort(type(object.getClass()));
            out.writeInt(Array.getLength(object));
        } else if (isPlain(object)) {
            out.writeByte(PLAIN);
            out.writeShort(type(object.getClass()));
        } else if (object instanceof BigInteger integer) {
            out.writeByte(INTEGER);
            writeBytes(out, integer.toByteArray());
        } else if (object instanceof String text) {
            out.writeByte(TEXT);
            out.writeUTF(text);
        } else if (object instanceof Enum<?> constant) {
            out.writeByte(CONSTANT);
            out.writeShort(type(constant.getDeclaringClass()));
            out.writeUTF(constant.name());
        } else if (object instanceof Class<?> type) {
            out.writeByte(CLASS);
            out.writeShort(type(type));
        } else if (object instanceof SecureRandom) {
            out.writeByte(RANDOM);
        } else {
            out.writeByte(INSTANCE_AID);
            out.writeShort(instanceOf(object));
        }
    }

    /** Of a transient array nothing is written: it comes back cleared. */
    private void writeElements(DataOutputStream out, Object array) throws IOException {
        if (transients.holds(array)) {
            return;
        }
        if (array instanceof byte[] bytes) {
            out.write(bytes);
            return;
        }
        Class<?> type = array.getClass().getComponentType();
        for (int i = 0; i < Array.getLength(array); i++) {
            writeValue(out, type, Array.get(array, i));
        }
    }

    private void writeValue(DataOutputStream out, Class<?> type, Object value) throws IOException {
        if (!type.isPrimitive()) {
            out.writeInt(number(value));
        } else if (value instanceof Boolean flag) {
            out.writeBoolean(flag);
        } else if (value instanceof Byte small) {
            out.writeByte(small);
        } else if (value instanceof Short half) {
            out.writeShort(half);
        } else if (value instanceof Character letter) {
            out.writeChar(letter);
        } else if (value instanceof Integer whole) {
            out.writeInt(whole);
        } else if (value instanceof Long wide) {
            out.writeLong(wide);
        } else {
            throw new IllegalStateException("an applet holds a " + type.getName() + ", which is no type of a card");
        }
    }

    private void writeTransients(DataOutputStream out) throws IOException {
        List<TransientStore.Entry> reached = new ArrayList<>(transients.entries());
        reached.removeIf(entry -> !numbers.containsKey(entry.array()));
        out.writeInt(reached.size());
        for (TransientStore.Entry entry : reached) {
            out.writeInt(number(entry.array()));
            out.writeByte(entry.event());
            out.writeInt(entry.bytes());
            writeBytes(out, entry.owner());
        }
    }
}
