package cardlab.vm.link;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.ClassBinder;
import cardlab.vm.natives.NativeMethod;
import cardlab.vm.natives.NativePackage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The API packages of a card: token tables with their natives bound to them.
 *
 * <p>Tables come as lines: {@code package NAME AID MAJOR MINOR}, {@code class TOKEN FLAGS NAME SUPERS INTERFACES} (names
 * separated by commas, - for none; the direct superclass last), {@code method TOKEN FLAGS NAME DESCRIPTOR}; flags are those
 * of export files in decimal (JCVM 3.0.5, 5.7 and 5.9), {@code constant NAME VALUE}, {@code field TOKEN NAME} for static
 * fields with a place.
 */
public final class Api {
    private static final int ACC_STATIC = 0x0008;
    private static final int ACC_INTERFACE = 0x0200;
    private static final int ACC_ABSTRACT = 0x0400;
    private static final int ACC_SHAREABLE = 0x0800;

    /** One API package: its version, and its classes by token. */
    static final class ApiPackage {
        final String name;
        final byte[] aid;
        final int major;
        final int minor;
        final Map<Integer, CardClass> classes = new HashMap<>();

        ApiPackage(String name, byte[] aid, int major, int minor) {
            this.name = name;
            this.aid = aid;
            this.major = major;
            this.minor = minor;
        }
    }

    /** Entry point objects of a class that the card has from the beginning. */
    public record EntryPoints(CardClass type, int first, int count, boolean isTemporary) {}

    private record Row(int token, int flags, String name, String descriptor) {}

    private static final class Shape {
        String superclass;
        String[] interfaces;
        int flags;
        final List<Row> rows = new ArrayList<>();
        int references;
        int shorts;
        boolean isLinked;
        boolean isMissing;
        final Map<String, NativeMethod> natives = new LinkedHashMap<>();
    }

    private final List<ApiPackage> packages = new ArrayList<>();
    private final LinkCache links = new LinkCache();
    private final Coverage coverage = new Coverage();
    private final Map<String, CardClass> classes = new LinkedHashMap<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final List<CardClass> byId = new ArrayList<>();
    private final List<EntryPoints> entryPoints = new ArrayList<>();
    /** Classes that no applet can name. */
    private final List<CardClass> hidden = new ArrayList<>();
    private Shape reading;

    /** Tables as lines, and the natives of as many packages as the card has. */
    public Api(String tables, Iterable<NativePackage> natives) {
        byId.add(null);
        tables.lines().filter(line -> !line.isBlank()).forEach(this::readLine);
        natives.forEach(one -> one.bind(new Binding()));
        shapes.keySet().forEach(this::link);
        if (classes.containsKey("javacardx/security/SensitiveResult")) {
            classes.values().forEach(one -> SensitiveMethods.mark(one, classes));
        }
        shapes.clear();
    }

    /** What cards with these packages executed of others, those that are asked to say. */
    public Coverage coverage() {
        return coverage;
    }

    /** What was linked with these packages. */
    LinkCache links() {
        return links;
    }

    /** The class of the API, or a hidden one, by its name. */
    public CardClass named(String name) {
        CardClass found = classes.get(name);
        if (found == null) {
            throw new IllegalArgumentException("the card has no API class " + name);
        }
        return found;
    }

    public boolean has(String name) {
        return classes.containsKey(name);
    }

    /** The classes by number; 0 is none. */
    public List<CardClass> classes() {
        return byId;
    }

    /** Objects that the card has from the beginning. */
    public List<EntryPoints> entryPoints() {
        return entryPoints;
    }

    /** Methods of the token tables that this card does not have, as {@code class.method descriptor}. */
    public List<String> missing() {
        List<String> found = new ArrayList<>();
        for (CardClass one : byId) {
            if (one != null) {
                one.staticMethods.values().stream().filter(Method::isMissing).forEach(method -> found.add(called(one, method)));
                for (Method method : one.publicTable) {
                    if (method != null && method.isMissing()) {
                        found.add(called(one, method));
                    }
                }
            }
        }
        return found;
    }

    /**
     * What classes of the card's own leave open of the methods that they inherit or that their interfaces have, as
     * {@code class: class.method descriptor}: calling it would be no code, which LOAD cannot see. There should be none.
     */
    public List<String> unimplemented() {
        List<String> found = new ArrayList<>();
        for (CardClass one : hidden) {
            for (Method method : one.publicTable) {
                if (method != null && method.isAbstract && method.code == null) {
                    found.add(one.name + ": " + method.name + method.signature);
                }
            }
            for (CardClass above : one.interfaces) {
                above.interfaceTokens.values().stream().filter(key -> !isThere(one.named(key)))
                        .forEach(key -> found.add(one.name + ": " + above.name + "." + key));
            }
        }
        return found;
    }

    private static boolean isThere(Method found) {
        return found != null && !found.isMissing();
    }

    private static String called(CardClass owner, Method method) {
        return owner.name + "." + method.name + method.signature;
    }

    ApiPackage withAid(byte[] aid) {
        return packages.stream().filter(one -> Arrays.equals(one.aid, aid)).findFirst().orElse(null);
    }

    private void readLine(String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "package" -> packages.add(new ApiPackage(words[1], HexFormat.of().parseHex(words[2]),
                    Integer.parseInt(words[3]), Integer.parseInt(words[4])));
            case "class" -> readClass(words);
            case "method" -> reading.rows.add(new Row(Integer.parseInt(words[1]), Integer.parseInt(words[2]),
                    words[3], words[4]));
            case "constant" -> byId.get(byId.size() - 1).constants.putIfAbsent(Integer.parseInt(words[2]), words[1]);
            case "field" -> byId.get(byId.size() - 1).staticFieldNames.put(Integer.parseInt(words[1]), words[2]);
            default -> throw new IllegalArgumentException("no line of a token table: " + line);
        }
    }

    private void readClass(String[] words) {
        Shape shape = new Shape();
        shape.flags = Integer.parseInt(words[2]);
        String[] supers = names(words[4]);
        shape.superclass = supers.length == 0 ? null : supers[supers.length - 1];
        shape.interfaces = names(words[5]);
        CardClass made = define(words[3], shape);
        packages.get(packages.size() - 1).classes.put(Integer.parseInt(words[1]), made);
    }

    private static String[] names(String word) {
        return word.equals("-") ? new String[0] : word.split(",");
    }

    private CardClass define(String name, Shape shape) {
        boolean shareable = (shape.flags & ACC_SHAREABLE) != 0;
        CardClass made = new CardClass(name, null, (shape.flags & ACC_INTERFACE) != 0, shareable, byId.size());
        made.isAbstract = (shape.flags & ACC_ABSTRACT) != 0;
        byId.add(made);
        classes.put(name, made);
        shapes.put(name, shape);
        reading = shape;
        return made;
    }

    /** Superclasses are linked before their subclasses. */
    private void link(String name) {
        CardClass self = classes.get(name);
        Shape shape = shapes.get(name);
        if (shape.isLinked) {
            return;
        }
        shape.isLinked = true;
        if (shape.superclass != null && !self.isInterface) {
            link(shape.superclass);
            self.superclass = named(shape.superclass);
        }
        for (String one : shape.interfaces) {
            self.interfaces.add(named(one));
        }
        self.layOut(shape.references + shape.shorts, 0, shape.references);
        if (self.isInterface) {
            shape.rows.forEach(row -> self.interfaceTokens.put(row.token, row.name + row.descriptor));
        } else {
            bindMethods(self, shape);
        }
    }

    private void bindMethods(CardClass self, Shape shape) {
        if (self.superclass != null) {
            self.setMapping(mapping(self.superclass, shape.rows));
            self.publicTable = inherited(self);
        }
        Map<String, NativeMethod> left = new LinkedHashMap<>(shape.natives);
        for (Row row : shape.rows) {
            String key = row.name + row.descriptor;
            boolean isStatic = (row.flags & ACC_STATIC) != 0;
            NativeMethod code = left.remove(key);
            if (isStatic || row.name.equals("<init>")) {
                self.staticMethods.put(row.token, method(self, row, isStatic, code));
            } else {
                placeVirtual(self, row, code, shape.isMissing);
            }
        }
        overrideInherited(self, left);
    }

    /** Where a class's table has the methods of its superclass: at the same tokens, unless its rows say otherwise. */
    private static byte[] mapping(CardClass above, List<Row> rows) {
        List<Row> virtual = rows.stream()
                .filter(row -> (row.flags & ACC_STATIC) == 0 && !row.name.equals("<init>")).toList();
        int count = virtual.stream().mapToInt(row -> row.token + 1).max().orElse(0);
        byte[] tokens = new byte[Math.max(count, above.publicTable.length)];
        for (int token = 0; token < tokens.length; token++) {
            tokens[token] = token < above.publicTable.length ? (byte) token : CardClass.NEW;
        }
        for (Row row : virtual) {
            tokens[row.token] = (byte) above.tokenOf(row.name + row.descriptor);
        }
        return tokens;
    }

    private static Method[] inherited(CardClass self) {
        Method[] above = self.superclass.publicTable;
        if (self.mapping == null) {
            return above.clone();
        }
        Method[] table = new Method[self.mapping.length];
        for (int token = 0; token < table.length; token++) {
            table[token] = self.mapping[token] == CardClass.NEW ? null : above[self.mapping[token] & 0xFF];
        }
        return table;
    }

    private static Method method(CardClass self, Row row, boolean isStatic, NativeMethod code) {
        boolean isAbstract = (row.flags & ACC_ABSTRACT) != 0 && code == null;
        return Method.ofApi(self, row.name, new Signature(row.descriptor), isStatic, isAbstract, code);
    }

    private static void placeVirtual(CardClass self, Row row, NativeMethod code, boolean isMissing) {
        if (row.token >= self.publicTable.length) {
            self.publicTable = Arrays.copyOf(self.publicTable, row.token + 1);
        }
        Method inherited = self.publicTable[row.token];
        boolean isReplaced = isMissing && inherited != null && inherited.declaring.superclass != null; // all but Object's
        if (inherited == null || code != null || inherited.isMissing() || isReplaced) {
            self.publicTable[row.token] = method(self, row, false, code);
        }
        self.byName.put(row.name + row.descriptor, self.publicTable[row.token]);
    }

    /** What a hidden class does in place of its superclass, or for an interface. */
    private static void overrideInherited(CardClass self, Map<String, NativeMethod> natives) {
        natives.forEach((key, code) -> {
            int at = key.indexOf('(');
            Method made = Method.ofApi(self, key.substring(0, at), new Signature(key.substring(at)), false, false, code);
            int token = self.tokenOf(key);
            if (token >= 0) {
                self.publicTable[token] = made;
            }
            self.byName.put(key, made);
        });
    }

    /** Binds natives to the shapes that the tables gave. */
    private final class Binding implements Binder {
        @Override
        public boolean has(String name) {
            return classes.containsKey(name);
        }

        @Override
        public ClassBinder type(String name) {
            Shape shape = shapes.get(name);
            return new Filling(shape == null ? new Shape() : shape, classes.get(name));
        }

        @Override
        public ClassBinder hidden(String name, String superclass, String... interfaces) {
            Shape shape = new Shape();
            shape.superclass = superclass;
            shape.interfaces = Arrays.stream(interfaces).filter(classes::containsKey).toArray(String[]::new);
            if (classes.containsKey(superclass)) {
                hidden.add(define(name, shape));
            }
            return new Filling(shape, classes.get(name));
        }
    }

    private final class Filling implements ClassBinder {
        private final Shape shape;
        /** Null for a class that this version of the package does not have. */
        private final CardClass type;

        Filling(Shape shape, CardClass type) {
            this.shape = shape;
            this.type = type;
        }

        @Override
        public ClassBinder entryPoints(int first, int count, boolean isTemporary) {
            if (type != null) {
                entryPoints.add(new EntryPoints(type, first, count, isTemporary));
            }
            return this;
        }

        @Override
        public ClassBinder fields(int references, int shorts) {
            shape.references = references;
            shape.shorts = shorts;
            return this;
        }

        @Override
        public ClassBinder missing() {
            shape.isMissing = true;
            return this;
        }

        @Override
        public ClassBinder method(String name, String descriptor, NativeMethod code) {
            shape.natives.put(name + descriptor, code);
            return this;
        }
    }
}
