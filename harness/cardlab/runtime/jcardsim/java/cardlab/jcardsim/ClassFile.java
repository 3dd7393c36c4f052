package cardlab.jcardsim;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Looks into the constant pool of a class file (JVMS 17, 4.4). */
final class ClassFile {
    private static final int HEADER = 8;
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int STRING = 8;
    private static final int METHOD_HANDLE = 15;
    private static final int METHOD_TYPE = 16;
    private static final int MODULE = 19;
    private static final int PACKAGE = 20;

    private ClassFile() {}

    /** Binary names of the classes that the code refers to; none for bytes that are no class file. */
    static Set<String> usedClasses(byte[] file) {
        Set<String> used = new TreeSet<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(file))) {
            in.skipNBytes(HEADER);
            int count = in.readUnsignedShort();
            String[] texts = new String[count];
            List<Integer> classes = new ArrayList<>();
            for (int i = 1; i < count; i++) {
                int tag = in.readUnsignedByte();
                switch (tag) {
                    case UTF8 -> texts[i] = in.readUTF();
                    case CLASS -> classes.add(in.readUnsignedShort());
                    case STRING, METHOD_TYPE, MODULE, PACKAGE -> in.skipNBytes(2);
                    case METHOD_HANDLE -> in.skipNBytes(3);
                    case LONG, DOUBLE -> {
                        in.skipNBytes(8);
                        i++; // takes two places
                    }
                    default -> in.skipNBytes(4);
                }
            }
            for (int index : classes) {
                String name = element(texts[index]);
                if (!name.isEmpty()) {
                    used.add(name.replace('/', '.'));
                }
            }
        } catch (IOException | RuntimeException damaged) {
            used.clear(); // defining the class will say what is wrong
        }
        return used;
    }

    /** The class of an array's elements; empty when they are primitive. */
    private static String element(String name) {
        if (!name.startsWith("[")) {
            return name;
        }
        int start = name.lastIndexOf('[') + 1;
        return name.charAt(start) == 'L' ? name.substring(start + 1, name.length() - 1) : "";
    }
}
