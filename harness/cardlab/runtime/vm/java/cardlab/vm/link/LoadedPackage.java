package cardlab.vm.link;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A package after linking. Nothing of it changes, so copies of a card share it. */
public final class LoadedPackage {
    /** A static field: its package and its offset in the static field image. */
    public record StaticField(LoadedPackage home, int offset) {}

    /** An instance field: its class and cell, counted with the superclass's cells. */
    public record InstanceField(CardClass home, int cell) {}

    /** A virtual method by token; {@code arguments} in cells, `this` among them. */
    public record VirtualMethod(CardClass home, int token, boolean isPackageVisible, int arguments) {}

    public final Cap cap;
    /** Number of the package, and of its context (JCRE 3.0.5, 6.1.2). */
    public final int number;
    /** Code and handlers: the Method component's info. */
    public final byte[] code;
    /** Resolved constant pool entries: CardClass, InstanceField, VirtualMethod, Method, StaticField. */
    public final Object[] pool;
    final List<CardClass> classes = new ArrayList<>();
    final Map<Integer, CardClass> classesByOffset = new TreeMap<>();
    final TreeMap<Integer, Method> methods = new TreeMap<>();

    LoadedPackage(Cap cap, int number) {
        this.cap = cap;
        this.number = number;
        code = cap.code;
        pool = new Object[cap.pool.size()];
    }

    public byte[] aid() {
        return cap.self.aid();
    }

    public Cap.PackageRef self() {
        return cap.self;
    }

    public List<CardClass> classes() {
        return classes;
    }

    public List<Cap.AppletInfo> applets() {
        return cap.applets;
    }

    public List<Cap.PackageRef> imports() {
        return cap.imports;
    }

    /** What the card keeps of the load file data block. */
    public byte[] kept() {
        return cap.kept();
    }

    /** Bytes of the static field image. */
    public int imageSize() {
        return cap.imageSize;
    }

    /** References at the beginning of the image. */
    public int imageReferences() {
        return cap.imageReferences;
    }

    public List<Cap.StaticArray> staticArrays() {
        return cap.staticArrays;
    }

    /** The values at the end of the image. */
    public byte[] imageValues() {
        return cap.imageValues;
    }

    /** The install method of an applet. */
    public Method install(Cap.AppletInfo applet) {
        return methods.get(applet.install());
    }

    /** The class of the Class component at this offset, or null. */
    CardClass classAt(int offset) {
        return classesByOffset.get(offset);
    }

    /** The class with an export token, or null. */
    CardClass exported(int token) {
        return token < cap.exports.size() ? classAt(cap.exports.get(token).offset()) : null;
    }

    /** Every method that something refers to. */
    public Iterable<Method> methods() {
        return methods.values();
    }
}
