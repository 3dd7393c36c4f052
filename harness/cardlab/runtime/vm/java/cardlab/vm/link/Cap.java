package cardlab.vm.link;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The components of a load file data block as values (JCVM 3.0.5, 6; formats 2.1, 2.2 and 2.3 compact). */
public final class Cap {
    /** Package flags (JCVM 3.0.5, Table 6-4); 8 is ACC_EXTENDED of 3.1. */
    static final int ACC_INT = 1;
    static final int ACC_EXTENDED = 8;
    private static final int STATIC_RESOURCE = 13;
    /** In a load file: package flags of the header. */
    private static final int FLAGS_AT = 9;
    private static final java.util.Set<Integer> DROPPED = java.util.Set.of(2, 9, 11, 12);

    /** package_info (6.3). */
    public record PackageRef(byte[] aid, int major, int minor) {
        @Override
        public String toString() {
            return HexFormat.of().withUpperCase().formatHex(aid) + " " + major + "." + minor;
        }
    }

    /** An applet and the offset of its install method in the Method component. */
    public record AppletInfo(byte[] aid, int install) {}

    /** cp_info: three bytes as one number. */
    record PoolItem(PoolTag tag, int info) {
        boolean isExternal() {
            return (info & 0x800000) != 0;
        }

        int classRef() {
            return info >> 8;
        }

        int token() {
            return info & 0xFF;
        }
    }

    /** implemented_interface_info. */
    record Implemented(int ref, byte[] tokens) {}

    /** interface_info and class_info. */
    record ClassInfo(int offset, int flags, int[] supers, int size, int firstReference, int references, int publicBase,
            int[] publicTable, int packageBase, int[] packageTable, List<Implemented> interfaces, byte[] mapping) {
        boolean isInterface() {
            return (flags & 0x80) != 0;
        }

        boolean isShareable() {
            return (flags & 0x40) != 0;
        }
    }

    /** exception_handler_info; offsets in the Method component's info. */
    public record Handler(int start, int end, int target, int catchType) {}

    /** array_init_info. */
    public record StaticArray(int type, byte[] values) {}

    /** class_export_info. */
    record ExportedClass(int offset, int[] fields, int[] methods) {}

    final byte[] dataBlock;
    /** Made when it is asked for; a card asks at each power up. */
    private volatile byte[] kept;
    final PackageRef self;
    final int flags;
    final List<PackageRef> imports = new ArrayList<>();
    final List<AppletInfo> applets = new ArrayList<>();
    final List<ClassInfo> classes = new ArrayList<>();
    final List<PoolItem> pool = new ArrayList<>();
    final List<Handler> handlers = new ArrayList<>();
    final List<ExportedClass> exports = new ArrayList<>();
    final List<StaticArray> staticArrays = new ArrayList<>();
    final byte[] code;
    final int firstMethod;
    int imageSize;
    int imageReferences;
    byte[] imageValues = {};
    int imageDefaults;
    /** Static resources by number: where they are in the data block, and their lengths. */
    final java.util.Map<Integer, byte[]> resources = new java.util.TreeMap<>();
    private final int minor;
    private final Octets[] parts = new Octets[14];

    private Cap(byte[] dataBlock) throws LinkError {
        this.dataBlock = dataBlock;
        split();
        Octets header = part(1, "Header");
        if (header.u4() != 0xDECAFFED) {
            throw header.error("magic is not DECAFFED");
        }
        minor = header.u1();
        int major = header.u1();
        if (major != 2 || minor < 1 || minor > 3) {
            throw header.error("CAP format " + major + "." + minor + " is not supported (2.1 to 2.3 are)");
        }
        flags = header.u1();
        if ((flags & ~7) != 0) {
            throw header.error("package flags " + flags + " are not supported");
        }
        self = packageInfo(header);
        readImports();
        readApplets();
        readPool();
        readClasses();
        Octets method = part(7, "Method");
        int start = method.position();
        readHandlers(method);
        firstMethod = method.position() - start;
        code = java.util.Arrays.copyOfRange(dataBlock, start, start + firstMethod + method.left());
        readStatics();
        readExports();
        readResources();
    }

    /** Take a load file data block apart. */
    public static Cap read(byte[] dataBlock) throws LinkError {
        return new Cap(dataBlock);
    }

    /**
     * What a card keeps of a load file data block: without Directory, RefLocation, Descriptor and Debug, which have done
     * their work when it is linked.
     */
    public byte[] kept() {
        if (kept == null) {
            kept = withoutDropped();
        }
        return kept.clone();
    }

    private byte[] withoutDropped() {
        java.io.ByteArrayOutputStream kept = new java.io.ByteArrayOutputStream();
        for (int at = 0; at < dataBlock.length; ) {
            int size = sizeAt(at);
            if (!DROPPED.contains((int) dataBlock[at])) {
                kept.write(dataBlock, at, size);
            }
            at += size;
        }
        return kept.toByteArray();
    }

    /** Bytes of the component at an offset: sizes have two bytes, that of static resources four (JCVM 3.1, 6.16). */
    private int sizeAt(int at) {
        int size = 0;
        int head = dataBlock[at] == STATIC_RESOURCE ? 5 : 3;
        for (int i = 1; i < head; i++) {
            size = size << 8 | dataBlock[at + i] & 0xFF;
        }
        return head + size;
    }

    /** The header comes first (JCVM 3.1, 6.3); components of the extended format have sizes of their own. */
    private void refuseExtended() throws LinkError {
        boolean isNew = dataBlock.length > FLAGS_AT && dataBlock[0] == 1 && dataBlock[7] >= 3;
        if (isNew && (dataBlock[FLAGS_AT] & ACC_EXTENDED) != 0) {
            throw new LinkError("Header: the extended format of Java Card 3.1 is not supported (the compact format is)");
        }
    }

    private void split() throws LinkError {
        refuseExtended();
        Octets all = new Octets("load file", dataBlock, 0, dataBlock.length);
        while (all.left() > 0) {
            int tag = all.u1();
            int size = tag == STATIC_RESOURCE ? all.u4() : all.u2();
            if (tag >= parts.length && tag < 128) {
                throw all.error("unknown component " + tag);
            }
            if (tag < parts.length) {
                if (parts[tag] != null) {
                    throw all.error("component " + tag + " comes twice");
                }
                parts[tag] = new Octets("component " + tag, dataBlock, all.position(), all.position() + size);
            }
            all.take(size);
        }
    }

    private Octets part(int tag, String name) throws LinkError {
        if (parts[tag] == null) {
            throw new LinkError("the " + name + " component is missing");
        }
        return parts[tag];
    }

    private static PackageRef packageInfo(Octets d) throws LinkError {
        int minor = d.u1();
        int major = d.u1();
        return new PackageRef(d.aid(), major, minor);
    }

    private void readImports() throws LinkError {
        Octets d = part(4, "Import");
        for (int count = d.u1(); count > 0; count--) {
            imports.add(packageInfo(d));
        }
        d.finish();
    }

    private void readApplets() throws LinkError {
        Octets d = parts[3];
        if (d != null) {
            for (int count = d.u1(); count > 0; count--) {
                byte[] aid = d.aid();
                applets.add(new AppletInfo(aid, d.u2()));
            }
            d.finish();
        }
    }

    private void readPool() throws LinkError {
        Octets d = part(5, "ConstantPool");
        for (int count = d.u2(); count > 0; count--) {
            PoolTag tag = PoolTag.of(d.u1());
            pool.add(new PoolItem(tag, d.u1() << 16 | d.u2()));
        }
        d.finish();
    }

    private void readClasses() throws LinkError {
        Octets d = part(6, "Class");
        int start = d.position();
        if (minor >= 2) {
            d.take(d.u2());
        }
        while (d.left() > 0) {
            classes.add(classInfo(d, d.position() - start));
        }
    }

    private ClassInfo classInfo(Octets d, int offset) throws LinkError {
        int bits = d.u1();
        int count = bits & 0x0F;
        if ((bits & 0x80) != 0) {
            int[] supers = d.u2s(count);
            if ((bits & 0x20) != 0) {
                d.take(d.u1());
            }
            return new ClassInfo(offset, bits & 0xF0, supers, 0, 0, 0, 0, null, 0, null, List.of(), null);
        }
        int[] parent = {d.u2()};
        int size = d.u1();
        int first = d.u1();
        int references = d.u1();
        int publicBase = d.u1();
        int publics = d.u1();
        int packageBase = d.u1();
        int packages = d.u1();
        int[] publicTable = d.u2s(publics);
        int[] packageTable = d.u2s(packages);
        List<Implemented> interfaces = new ArrayList<>();
        for (; count > 0; count--) {
            int ref = d.u2();
            interfaces.add(new Implemented(ref, d.take(d.u1())));
        }
        if ((bits & 0x20) != 0) {
            skipRemote(d);
        }
        byte[] mapping = minor < 3 ? null : d.take(publicBase + publics);
        if (mapping != null) {
            d.u1();
        }
        return new ClassInfo(offset, bits & 0xF0, parent, size, first, references, publicBase, publicTable, packageBase,
                packageTable, interfaces, mapping);
    }

    /** remote_interface_info (6.9.2.5): Java Card RMI is not offered, so it is read over. */
    private static void skipRemote(Octets d) throws LinkError {
        d.take(5 * d.u1());
        d.take(d.u1());
        d.take(d.u1());
        d.take(2 * d.u1());
    }

    private void readHandlers(Octets d) throws LinkError {
        for (int count = d.u1(); count > 0; count--) {
            int start = d.u2();
            int length = d.u2() & 0x7FFF;
            int target = d.u2();
            handlers.add(new Handler(start, start + length, target, d.u2()));
        }
    }

    private void readStatics() throws LinkError {
        Octets d = part(8, "StaticField");
        imageSize = d.u2();
        imageReferences = d.u2();
        for (int count = d.u2(); count > 0; count--) {
            int type = d.u1();
            if (type < 2 || type > 5) {
                throw d.error("an array of type " + type);
            }
            staticArrays.add(new StaticArray(type, d.take(d.u2())));
        }
        imageDefaults = d.u2();
        imageValues = d.take(d.u2());
        d.finish();
        if (staticArrays.size() > imageReferences || 2 * imageReferences + imageDefaults + imageValues.length != imageSize) {
            throw d.error("the segments do not make up the image (JCVM 3.0.5, 6.11)");
        }
    }

    /** static_resource_component_compact (JCVM 3.1, 6.16). */
    private void readResources() throws LinkError {
        Octets d = parts[STATIC_RESOURCE];
        if (d == null) {
            return;
        }
        if (minor < 3) {
            throw d.error("only format 2.3 has static resources");
        }
        java.util.Map<Integer, Integer> lengths = new java.util.LinkedHashMap<>();
        for (int count = d.u2(); count > 0; count--) {
            if (lengths.put(d.u2(), d.u4()) != null) {
                throw d.error("two static resources have the same number");
            }
        }
        for (java.util.Map.Entry<Integer, Integer> one : lengths.entrySet()) {
            resources.put(one.getKey(), d.take(one.getValue()));
        }
        d.finish();
    }

    private void readExports() throws LinkError {
        Octets d = parts[10];
        if (d == null) {
            return;
        }
        for (int count = d.u1(); count > 0; count--) {
            int offset = d.u2();
            int fields = d.u1();
            int methods = d.u1();
            int[] fieldOffsets = d.u2s(fields);
            exports.add(new ExportedClass(offset, fieldOffsets, d.u2s(methods)));
        }
        d.finish();
    }
}
