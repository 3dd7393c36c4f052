package cardlab.jcardsim;

import com.licel.jcardsim.crypto.SecureRandomNullProvider;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javacard.framework.AID;
import javacard.framework.Applet;
import sun.reflect.ReflectionFactory;

/** Reads a card that ImageWriter wrote. Nothing outside of this object changes, and nothing but cards' classes is made. */
final class ImageReader {
    private static final List<String> PLATFORM_CLASSES =
            List.of("com.licel.jcardsim.", "javacard.", "javacardx.", "org.globalplatform.", "cardlab.jcardsim.");
    private static final List<Class<?>> ELEMENTS = List.of(boolean.class, byte.class, short.class, char.class,
            int.class, long.class, Object.class, BigInteger.class, String.class);

    /** An instance before its objects are there. */
    private record Registration(byte[] aidBytes, AID aid, LoadedPackage from, byte[] moduleAid, int number) {}

    private record StaticField(Field field, Object value) {}

    private final byte[] image;
    private final CardContents contents;
    private final List<LoadedPackage> packages = new ArrayList<>();
    private final List<Class<?>> types = new ArrayList<>();
    private final List<StaticField> statics = new ArrayList<>();
    private final Map<Integer, Object> made = new HashMap<>();
    private final List<Registration> registrations = new ArrayList<>();
    private final List<Instance> instances = new ArrayList<>();
    private final List<TransientStore.Entry> transients = new ArrayList<>();
    private Object[] objects;
    private boolean[] cleared;
    private Drbg random;

    /** {@code contents} is only asked to define packages. */
    ImageReader(byte[] image, CardContents contents) {
        this.image = image;
        this.contents = contents;
    }

    Drbg random() {
        return random;
    }

    List<LoadedPackage> packages() {
        return packages;
    }

    List<Instance> instances() {
        return instances;
    }

    List<TransientStore.Entry> transients() {
        return transients;
    }

    void read() throws DamagedImage {
        int length = image.length - ImageWriter.CHECKSUM_BYTES;
        int magic = ImageWriter.MAGIC.length;
        if (length < magic || !Arrays.equals(Arrays.copyOf(image, magic), ImageWriter.MAGIC)) {
            throw new DamagedImage("these bytes are not the heap of a card");
        }
        byte[] sum = Arrays.copyOfRange(image, length, image.length);
        if (!Arrays.equals(sum, ImageWriter.checksum(image, length))) {
            throw new DamagedImage("the heap is damaged: its checksum differs");
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(image, magic, length - magic))) {
            int version = in.readUnsignedShort();
            if (version != ImageWriter.VERSION) {
                throw new DamagedImage("the heap has format version " + version + ", known is " + ImageWriter.VERSION);
            }
            random = Drbg.ofState(readBytes(in));
            readPackages(in);
            readTypes(in);
            readStatics(in);
            readRegistrations(in);
            readObjects(in);
            readTransients(in);
            finish();
        } catch (IOException | ReflectiveOperationException | Refusal | RuntimeException | LinkageError error) {
            throw new DamagedImage("the heap does not describe a card", error);
        }
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("a length is beyond the end");
        }
        return in.readNBytes(length);
    }

    private void readPackages(DataInputStream in) throws IOException, Refusal {
        for (int n = in.readUnsignedShort(); n > 0; n--) {
            byte[] aid = readBytes(in);
            int major = in.readUnsignedByte();
            int minor = in.readUnsignedByte();
            int codeSize = in.readInt();
            if (codeSize < 0) {
                throw new IOException("a size is negative");
            }
            Map<ByteBuffer, String> modules = new LinkedHashMap<>();
            for (int m = in.readUnsignedShort(); m > 0; m--) {
                modules.put(ByteBuffer.wrap(readBytes(in)), in.readUTF());
            }
            Map<String, byte[]> files = new LinkedHashMap<>();
            for (int m = in.readUnsignedShort(); m > 0; m--) {
                files.put(in.readUTF(), readBytes(in));
            }
            packages.add(contents.define(aid, major, minor, codeSize, modules, files, packages));
        }
    }

    private void readTypes(DataInputStream in) throws IOException, ReflectiveOperationException {
        for (int n = in.readUnsignedShort(); n > 0; n--) {
            String name = in.readUTF();
            int home = in.readUnsignedShort();
            Class<?> type = home == ImageWriter.PLATFORM ? platformType(name) : ownType(name, packages.get(home));
            Field[] fields = Shape.of(type).fields;
            boolean same = in.readUnsignedShort() == fields.length;
            for (int i = 0; same && i < fields.length; i++) {
                same = in.readUTF().equals(ImageWriter.signature(fields[i]));
            }
            if (!same) {
                throw new IOException("the fields of " + name + " are others in this version");
            }
            types.add(type);
        }
    }

    private static Class<?> ownType(String name, LoadedPackage home) throws ReflectiveOperationException {
        return Class.forName(name, false, home.code().classes().iterator().next().getClassLoader());
    }

    private static Class<?> platformType(String name) throws ReflectiveOperationException {
        Class<?> type = Class.forName(name, false, ImageReader.class.getClassLoader());
        Class<?> element = type;
        while (element.isArray()) {
            element = element.getComponentType();
        }
        String elementName = element.getName();
        boolean allowed = element != type && ELEMENTS.contains(element)
                || PLATFORM_CLASSES.stream().anyMatch(elementName::startsWith);
        if (!allowed) {
            throw new ClassNotFoundException(name + " is no class of a card");
        }
        return type;
    }

    private void readStatics(DataInputStream in) throws IOException {
        for (LoadedPackage loaded : packages) {
            List<Field> fields = loaded.code().statics();
            if (in.readUnsignedShort() != fields.size()) {
                throw new IOException("the number of static fields differs");
            }
            for (Field field : fields) {
                if (!in.readUTF().equals(ImageWriter.signature(field))) {
                    throw new IOException("a static field is missing");
                }
                Object value = readValue(in, field.getType());
                // A final field keeps the object that its class made; what is in that object is restored.
                if (Modifier.isFinal(field.getModifiers()) && !value.equals(ImageWriter.NULL)) {
                    made.put((Integer) value, Heap.get(field, null));
                } else {
                    statics.add(new StaticField(field, value));
                }
            }
        }
    }

    private void readRegistrations(DataInputStream in) throws IOException {
        for (int n = in.readUnsignedShort(); n > 0; n--) {
            byte[] aidBytes = readBytes(in);
            LoadedPackage from = packages.get(in.readUnsignedShort());
            AID aid = new AID(aidBytes, (short) 0, (byte) aidBytes.length);
            registrations.add(new Registration(aidBytes, aid, from, readBytes(in), in.readInt()));
        }
    }

    private void readObjects(DataInputStream in) throws IOException, ReflectiveOperationException {
        int count = in.readInt();
        if (count < 0 || count > in.available()) {
            throw new IOException("the number of objects is beyond the end");
        }
        objects = new Object[count + 1];
        cleared = new boolean[count + 1];
        boolean[] plain = new boolean[count + 1];
        for (int number = 1; number <= count; number++) {
            int kind = in.readUnsignedByte();
            plain[number] = kind == ImageWriter.PLAIN;
            cleared[number] = kind == ImageWriter.TRANSIENT_ARRAY;
            objects[number] = readHead(in, kind, made.get(number));
        }
        for (int number = 1; number <= count; number++) {
            Object object = objects[number];
            if (object.getClass().isArray() && !cleared[number]) {
                readElements(in, object);
            } else if (plain[number]) {
                for (Field field : Shape.of(object.getClass()).fields) {
                    assign(field, object, readValue(in, field.getType()));
                }
            }
        }
    }

    private Object readHead(DataInputStream in, int kind, Object existing)
            throws IOException, ReflectiveOperationException {
        return switch (kind) {
            case ImageWriter.PLAIN -> plain(types.get(in.readUnsignedShort()), existing);
            case ImageWriter.ARRAY, ImageWriter.TRANSIENT_ARRAY ->
                    array(types.get(in.readUnsignedShort()), in.readInt(), existing);
            case ImageWriter.INTEGER -> new BigInteger(readBytes(in));
            case ImageWriter.TEXT -> in.readUTF();
            case ImageWriter.CONSTANT -> constant(types.get(in.readUnsignedShort()), in.readUTF());
            case ImageWriter.CLASS -> types.get(in.readUnsignedShort());
            case ImageWriter.RANDOM -> new SecureRandomNullProvider();
            case ImageWriter.INSTANCE_AID -> registrations.get(in.readUnsignedShort()).aid();
            default -> throw new IOException("object of unknown kind " + kind);
        };
    }

    /** An object whose fields are all about to be set; no constructor of its class runs. */
    private static Object plain(Class<?> type, Object existing) throws ReflectiveOperationException {
        if (existing != null && existing.getClass() == type) {
            return existing;
        }
        if (existing != null || type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
            throw new InstantiationException(type.getName());
        }
        Constructor<?> constructor = ReflectionFactory.getReflectionFactory()
                .newConstructorForSerialization(type, Object.class.getDeclaredConstructor());
        return constructor.newInstance();
    }

    private static Object array(Class<?> type, int length, Object existing) throws IOException {
        if (length < 0 || length > Short.MAX_VALUE) {
            throw new IOException("an array of " + length + " elements");
        }
        if (existing == null) {
            return Array.newInstance(type.getComponentType(), length);
        }
        if (existing.getClass() != type || Array.getLength(existing) != length) {
            throw new IOException("an array in a final static field has another length");
        }
        return existing;
    }

    private static Object constant(Class<?> type, String name) throws IOException {
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IOException(type.getName() + " has no constant " + name);
    }

    private void readElements(DataInputStream in, Object array) throws IOException {
        if (array instanceof byte[] bytes) {
            in.readFully(bytes);
            return;
        }
        Class<?> type = array.getClass().getComponentType();
        for (int i = 0; i < Array.getLength(array); i++) {
            Object value = readValue(in, type);
            Array.set(array, i, type.isPrimitive() ? value : object(value));
        }
    }

    /** A primitive value, or the number of an object. */
    private static Object readValue(DataInputStream in, Class<?> type) throws IOException {
        if (type == boolean.class) {
            return in.readBoolean();
        }
        if (type == byte.class) {
            return in.readByte();
        }
        if (type == short.class) {
            return in.readShort();
        }
        if (type == char.class) {
            return in.readChar();
        }
        if (type == long.class) {
            return in.readLong();
        }
        return in.readInt();
    }

    private Object object(Object number) {
        return objects[(Integer) number];
    }

    private void assign(Field field, Object owner, Object value) {
        Heap.set(field, owner, field.getType().isPrimitive() ? value : object(value));
    }

    private void readTransients(DataInputStream in) throws IOException {
        for (int n = in.readInt(); n > 0; n--) {
            int number = in.readInt();
            if (!cleared[number]) {
                throw new IOException("object " + number + " is no transient array");
            }
            transients.add(new TransientStore.Entry(objects[number], in.readByte(), in.readInt(), readBytes(in)));
        }
    }

    private void finish() {
        for (StaticField one : statics) {
            assign(one.field(), null, one.value());
        }
        for (Registration one : registrations) {
            instances.add(new Instance(one.aidBytes(), one.aid(), one.from(), one.moduleAid(),
                    (Applet) objects[one.number()]));
        }
    }
}
