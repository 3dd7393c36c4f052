package cardlab.vm.link;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/** Links a load file with the API and the packages loaded before, by tokens (JCVM 3.0.5, 4.3 to 4.5). */
public final class Linker {
    private static final int NO_SUPERCLASS = 0xFFFF;
    private static final int INHERITED = 0xFFFF;
    private static final int PACKAGE_TOKEN = 0x80;

    private final Api api;
    private final Function<byte[], LoadedPackage> loaded;
    private final boolean hasInt;
    private final boolean isChecked;
    private Object[] imports;
    private LoadedPackage self;

    /**
     * For a card.
     *
     * @param loaded finds a package on the card by its AID, or null
     * @param hasInt whether the card has the type int
     * @param isChecked whether code is checked at LOAD; without it a hostile file gets as far as it can
     */
    public Linker(Api api, Function<byte[], LoadedPackage> loaded, boolean hasInt, boolean isChecked) {
        this.api = api;
        this.loaded = loaded;
        this.hasInt = hasInt;
        this.isChecked = isChecked;
    }

    /**
     * Link, unless that was done before for another card; the package gets this number, and its classes numbers from
     * {@code firstClass} on.
     */
    public LoadedPackage link(Cap cap, int number, int firstClass) throws LinkError {
        if (!hasInt && (cap.flags & Cap.ACC_INT) != 0) {
            throw new LinkError("Header: the package uses int, which this card does not have");
        }
        imports = new Object[cap.imports.size()];
        for (int i = 0; i < imports.length; i++) {
            imports[i] = imported(cap.imports.get(i));
        }
        LinkCache.Key key = new LinkCache.Key(cap.kept(), number, firstClass, hasInt, isChecked, importedPackages());
        LoadedPackage known = api.links().get(key);
        if (known == null) {
            known = make(cap, number, firstClass);
            api.links().put(key, known);
        }
        return known;
    }

    private List<LoadedPackage> importedPackages() {
        return Arrays.stream(imports).filter(one -> one instanceof LoadedPackage).map(one -> (LoadedPackage) one).toList();
    }

    private LoadedPackage make(Cap cap, int number, int firstClass) throws LinkError {
        self = new LoadedPackage(cap, number);
        makeClasses(firstClass);
        for (Cap.ClassInfo info : cap.classes) {
            fill(info, self.classAt(info.offset()));
        }
        for (Cap.ClassInfo info : cap.classes) {
            fillTables(info, self.classAt(info.offset()));
        }
        export();
        for (Cap.AppletInfo applet : cap.applets) {
            method(applet.install());
        }
        for (int i = 0; i < self.pool.length; i++) {
            self.pool[i] = resolve(i, cap.pool.get(i));
        }
        new CodeCheck(self, hasInt, isChecked).run();
        return self;
    }

    private Object imported(Cap.PackageRef wanted) throws LinkError {
        Api.ApiPackage table = api.withAid(wanted.aid());
        LoadedPackage other = table == null ? loaded.apply(wanted.aid()) : null;
        if (table == null && other == null) {
            throw new LinkError("Import: package " + wanted + " is not on this card");
        }
        int major = table != null ? table.major : other.self().major();
        int minor = table != null ? table.minor : other.self().minor();
        if (major != wanted.major() || minor < wanted.minor()) {
            throw new LinkError("Import: package " + wanted + " is wanted, this card has " + major + "." + minor);
        }
        return table != null ? table : other;
    }

    private void makeClasses(int firstClass) throws LinkError {
        String aid = HexFormat.of().withUpperCase().formatHex(self.aid());
        for (Cap.ClassInfo info : self.cap.classes) {
            String name = aid + "/class" + self.classes.size();
            int id = firstClass + self.classes.size();
            CardClass made = new CardClass(name, self, info.isInterface(), info.isShareable(), id);
            self.classes.add(made);
            self.classesByOffset.put(info.offset(), made);
        }
    }

    private void fill(Cap.ClassInfo info, CardClass made) throws LinkError {
        if (made.isInterface) {
            for (int ref : info.supers()) {
                made.interfaces.add(wanted(ref, true));
            }
            return;
        }
        if (info.supers()[0] == NO_SUPERCLASS) {
            throw new LinkError("Class: only java.lang.Object has no superclass");
        }
        made.superclass = wanted(info.supers()[0], false);
        requireLinkedFirst(made);
        for (Cap.Implemented one : info.interfaces()) {
            CardClass implemented = wanted(one.ref(), true);
            made.interfaces.add(implemented);
            made.implemented.put(implemented, one.tokens());
        }
        int first = info.references() == 0 ? 0 : info.firstReference();
        if (first + info.references() > info.size()) {
            throw new LinkError("Class: the references of " + made + " are outside its " + info.size() + " cells");
        }
        made.layOut(info.size(), first, info.references());
    }

    /** A superclass of the same package comes first in the component, so there are no circles (JCVM 3.0.5, 6.9). */
    private static void requireLinkedFirst(CardClass made) throws LinkError {
        if (made.superclass.home == made.home && made.superclass.id >= made.id) {
            throw new LinkError("Class: " + made + " comes before its superclass");
        }
    }

    private CardClass wanted(int ref, boolean asInterface) throws LinkError {
        CardClass found = classOf(ref);
        if (found.isInterface != asInterface) {
            throw new LinkError("Class: " + found + (asInterface ? " is no interface" : " is an interface"));
        }
        return found;
    }

    private CardClass classOf(int ref) throws LinkError {
        CardClass found;
        if ((ref & 0x8000) == 0) {
            found = self.classAt(ref);
        } else {
            found = external(ref >> 8 & 0x7F, ref & 0xFF);
        }
        if (found == null) {
            throw new LinkError(String.format("class reference %04X leads to no class%s", ref, packageName(ref >> 8 & 0x7F, ref)));
        }
        return found;
    }

    private String packageName(int token, int ref) {
        if ((ref & 0x8000) == 0 || token >= imports.length) {
            return "";
        }
        return imports[token] instanceof Api.ApiPackage table ? " of " + table.name
                : " of package " + ((LoadedPackage) imports[token]).self();
    }

    private CardClass external(int packageToken, int classToken) {
        if (packageToken >= imports.length) {
            return null;
        }
        return imports[packageToken] instanceof Api.ApiPackage table ? table.classes.get(classToken)
                : ((LoadedPackage) imports[packageToken]).exported(classToken);
    }

    private void fillTables(Cap.ClassInfo info, CardClass made) throws LinkError {
        if (made.isInterface) {
            return;
        }
        CardClass above = made.superclass;
        if (info.mapping() != null) {
            made.setMapping(info.mapping());
        }
        made.isShifted |= above.isShifted;
        made.publicTable = table(info.publicBase(), info.publicTable(), above.publicTable, made.mapping, made);
        boolean sameHome = above.home == self;
        made.packageTable = table(info.packageBase(), info.packageTable(), sameHome ? above.packageTable : new Method[0], null,
                made);
    }

    /** A class's own rows of a table upon those of its superclass (JCVM 3.0.5, 6.9.2.3). */
    private Method[] table(int base, int[] own, Method[] above, byte[] mapping, CardClass made) throws LinkError {
        Method[] table = mapping == null ? Arrays.copyOf(above, Math.max(base + own.length, above.length))
                : mapped(above, mapping, made);
        if (base > above.length) {
            throw new LinkError("Class: the method table of " + made + " begins at " + base + ", its superclass ends at "
                    + above.length);
        }
        for (int i = 0; i < own.length; i++) {
            if (own[i] != INHERITED) {
                table[base + i] = method(own[i]);
                continue;
            }
            if (mapping == null) {
                table[base + i] = base + i < above.length ? above[base + i] : null;
            }
        }
        return table;
    }

    /** The superclass's methods at the tokens that the class gives them (JCVM 3.1, 6.9). */
    private static Method[] mapped(Method[] above, byte[] mapping, CardClass made) throws LinkError {
        Method[] table = new Method[mapping.length];
        for (int token = 0; token < table.length; token++) {
            int from = mapping[token] & 0xFF;
            if (mapping[token] != CardClass.NEW && from >= above.length) {
                throw new LinkError("Class: " + made + " maps method " + token + " to " + from + ", its superclass ends at "
                        + above.length);
            }
            table[token] = mapping[token] == CardClass.NEW ? null : above[from];
        }
        return table;
    }

    private Method method(int offset) throws LinkError {
        Method known = self.methods.get(offset);
        if (known == null) {
            if (offset < self.cap.firstMethod) {
                throw new LinkError("Method: no method begins at " + offset);
            }
            known = Method.read(self, self.code, offset);
            if (isChecked && known.hasReservedFlags()) {
                throw new LinkError("Method: the header at " + offset + " has flags that do not exist (JCVM 3.0.5, Table 6-15)");
            }
            self.methods.put(offset, known);
        }
        return known;
    }

    private void export() throws LinkError {
        for (Cap.ExportedClass one : self.cap.exports) {
            CardClass exported = self.classAt(one.offset());
            if (exported == null) {
                throw new LinkError("Export: no class is at " + one.offset());
            }
            exported.staticFields = one.fields();
            for (int token = 0; token < one.methods().length; token++) {
                exported.staticMethods.put(token, method(one.methods()[token]));
            }
        }
    }

    private Object resolve(int index, Cap.PoolItem item) throws LinkError {
        try {
            return switch (item.tag()) {
                case CLASS -> classOf(item.classRef());
                case INSTANCE_FIELD -> instanceField(item);
                case VIRTUAL_METHOD -> virtualMethod(item);
                case SUPER_METHOD -> superMethod(item);
                case STATIC_FIELD -> staticField(item);
                case STATIC_METHOD -> staticMethod(item);
                case SPECIAL -> throw new LinkError("no such tag");
            };
        } catch (LinkError error) {
            throw new LinkError("ConstantPool: entry " + index + ": " + error.getMessage());
        }
    }

    private Object instanceField(Cap.PoolItem item) throws LinkError {
        CardClass home = classOf(item.classRef());
        int cell = home.inheritedSize() + item.token();
        if (home.home == null || isChecked && cell >= home.instanceSize()) {
            throw new LinkError(home + " has no field with token " + item.token());
        }
        return new LoadedPackage.InstanceField(home, cell);
    }

    private Object virtualMethod(Cap.PoolItem item) throws LinkError {
        CardClass home = classOf(item.classRef());
        boolean isPackageVisible = (item.token() & PACKAGE_TOKEN) != 0;
        int token = item.token() & ~PACKAGE_TOKEN;
        if (isPackageVisible && home.home != self) {
            throw new LinkError("a package-visible method of another package");
        }
        Method found = present(home, isPackageVisible ? home.packageVirtual(token) : home.virtual(token), item.token());
        return new LoadedPackage.VirtualMethod(home, token, isPackageVisible, found.arguments);
    }

    private Object superMethod(Cap.PoolItem item) throws LinkError {
        CardClass home = classOf(item.classRef());
        if (home.home != self || home.isInterface) {
            throw new LinkError("a super call from a class that is not the package's");
        }
        int token = item.token() & ~PACKAGE_TOKEN;
        CardClass above = home.superclass;
        boolean isPackageVisible = (item.token() & PACKAGE_TOKEN) != 0;
        return present(above, isPackageVisible ? above.packageVirtual(token) : above.virtual(token), item.token());
    }

    private static Method present(CardClass home, Method found, int token) throws LinkError {
        if (found == null) {
            throw new LinkError(home + " has no virtual method with token " + token);
        }
        if (found.isMissing()) {
            throw new LinkError("this card does not have " + home + "." + found.name + found.signature);
        }
        return found;
    }

    private Object staticField(Cap.PoolItem item) throws LinkError {
        if (!item.isExternal()) {
            return field(self, item.info() & 0xFFFF);
        }
        CardClass home = classOf(item.classRef());
        if (home.home == null || item.token() >= home.staticFields.length) {
            throw new LinkError("this card does not have static field " + home.staticFieldName(item.token()) + " of " + home);
        }
        return field(home.home, home.staticFields[item.token()]);
    }

    private Object field(LoadedPackage home, int offset) throws LinkError {
        if (isChecked && offset >= home.imageSize()) {
            throw new LinkError("static field at " + offset + " of an image of " + home.imageSize() + " bytes");
        }
        return new LoadedPackage.StaticField(home, offset);
    }

    private Object staticMethod(Cap.PoolItem item) throws LinkError {
        if (!item.isExternal()) {
            return method(item.info() & 0xFFFF);
        }
        CardClass home = classOf(item.classRef());
        Method found = home.staticMethods.get(item.token());
        if (found == null) {
            throw new LinkError(home + " has no static method or constructor with token " + item.token());
        }
        return present(home, found, item.token());
    }

    /** The packages of the card that this one uses. */
    static List<Object> importsOf(Linker linker) {
        return Arrays.asList(linker.imports);
    }
}
