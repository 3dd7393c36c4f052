package cardlab.jcardsim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javacard.framework.AID;
import javacard.framework.Applet;

/** The packages and instances of one card, in the order they came, and the memory that they take. */
final class CardContents {
    private static final int SW_CONDITIONS = 0x6985;
    private static final int SW_WRONG_DATA = 0x6A80;
    private static final int SW_NOT_FOUND = 0x6A82;
    private static final int SW_MEMORY = 0x6A84;
    private static final int SW_REFERENCE = 0x6A88;

    private final Map<ByteBuffer, LoadedPackage> packages = new LinkedHashMap<>();
    private final Map<ByteBuffer, Instance> instances = new LinkedHashMap<>();
    private final TransientStore transients;
    private final Limits limits;

    CardContents(TransientStore transients, Limits limits) {
        this.transients = transients;
        this.limits = limits;
    }

    static ByteBuffer key(byte[] aid) {
        return ByteBuffer.wrap(aid);
    }

    boolean isEmpty() {
        return packages.isEmpty();
    }

    void clear() {
        packages.clear();
        instances.clear();
    }

    Collection<LoadedPackage> packages() {
        return packages.values();
    }

    Collection<Instance> instances() {
        return instances.values();
    }

    // Packages

    /** Define the classes of a package, which may use those of the packages {@code before} it. */
    LoadedPackage define(byte[] aid, int major, int minor, int codeSize, Map<ByteBuffer, String> modules,
            Map<String, byte[]> files, Collection<LoadedPackage> before) throws Refusal {
        List<PackageCode> imports = new ArrayList<>();
        for (LoadedPackage one : before) {
            imports.add(one.code());
        }
        PackageCode code = PackageCode.define(files, imports);
        for (String name : modules.values()) {
            Class<?> type = code.find(name);
            if (type == null || !Applet.class.isAssignableFrom(type)) {
                throw new Refusal(SW_WRONG_DATA, name + " is not an applet class of this package");
            }
        }
        return new LoadedPackage(aid, major, minor, codeSize, modules, code, staticMemory(code));
    }

    void requireNew(byte[] packageAid) throws Refusal {
        if (packages.containsKey(key(packageAid))) {
            throw new Refusal(SW_CONDITIONS, "a package with this AID is loaded");
        }
    }

    /** Take a package in when there is room for it. */
    void addWithinQuota(LoadedPackage loaded) throws Refusal {
        add(loaded);
        if (usedMemory() > limits.persistent()) {
            packages.remove(key(loaded.aid()));
            throw new Refusal(SW_MEMORY, "the package does not fit into persistent memory");
        }
    }

    void add(LoadedPackage loaded) {
        packages.put(key(loaded.aid()), loaded);
    }

    LoadedPackage packageOf(byte[] aid) throws Refusal {
        LoadedPackage loaded = packages.get(key(aid));
        if (loaded == null) {
            throw new Refusal(SW_REFERENCE, "no such package");
        }
        return loaded;
    }

    /** Forget a package without instances. */
    void unload(byte[] aid) throws Refusal {
        LoadedPackage loaded = packageOf(aid);
        for (Instance instance : instances.values()) {
            if (instance.from == loaded) {
                throw new Refusal(SW_CONDITIONS, "the package has instances");
            }
        }
        packages.remove(key(aid));
    }

    // Instances

    void add(Instance instance) {
        instances.put(key(instance.aidBytes), instance);
    }

    void remove(byte[] instanceAid) {
        instances.remove(key(instanceAid));
    }

    boolean has(byte[] instanceAid) {
        return instances.containsKey(key(instanceAid));
    }

    /** The instance with this AID, or null. */
    Instance find(byte[] aid) {
        return instances.get(key(aid));
    }

    Instance instance(byte[] aid) throws Refusal {
        Instance instance = find(aid);
        if (instance == null) {
            throw new Refusal(SW_NOT_FOUND, "no such instance");
        }
        return instance;
    }

    /** The instance that an AID object names, or null. */
    Instance named(AID aid) {
        for (Instance instance : instances.values()) {
            if (instance.aid.equals(aid)) {
                return instance;
            }
        }
        return null;
    }

    /** Whether another instance or a static field leads to this instance (JCRE 3.0.4, 11.3.4.1). */
    boolean isReferredTo(Instance instance) {
        Heap others = new Heap();
        for (Instance one : instances.values()) {
            if (one != instance) {
                others.add(one.applet);
            }
        }
        for (LoadedPackage loaded : packages.values()) {
            others.addStatics(loaded.code());
        }
        others.follow();
        return others.knows(instance.applet);
    }

    // Memory

    /** Every object of the card. */
    Heap heap() {
        Heap heap = new Heap();
        for (Instance instance : instances.values()) {
            heap.add(instance.applet);
        }
        for (LoadedPackage loaded : packages.values()) {
            heap.addStatics(loaded.code());
        }
        heap.follow();
        return heap;
    }

    /** The card as it is now, and the way back to it. */
    Transaction snapshot() {
        List<PackageCode> codes = new ArrayList<>(packages.size());
        for (LoadedPackage loaded : packages.values()) {
            codes.add(loaded.code());
        }
        return new Transaction(heap(), codes, transients);
    }

    int freeMemory() {
        return limits.persistent() - usedMemory();
    }

    void requireWithinQuota() throws Refusal {
        if (freeMemory() < 0) {
            throw new Refusal(SW_MEMORY, "the instance does not fit into persistent memory");
        }
    }

    private int usedMemory() {
        int used = MemoryModel.objects(heap().objects(), transients) + MemoryModel.instance() * instances.size();
        for (LoadedPackage loaded : packages.values()) {
            used += loaded.codeSize();
        }
        return used;
    }

    /** What an instance takes: its objects, without those that an earlier instance or a static field leads to. */
    int memoryOf(Instance wanted) {
        Heap heap = heapWithoutApplets();
        for (LoadedPackage loaded : packages.values()) {
            heap.addStatics(loaded.code());
        }
        heap.follow();
        for (Instance one : instances.values()) {
            int before = heap.objects().size();
            heap.include(one.applet);
            heap.follow();
            if (one == wanted) {
                List<Object> own = heap.objects().subList(before, heap.objects().size());
                return MemoryModel.instance() + MemoryModel.objects(own, transients) + staticGrowth(wanted);
            }
        }
        throw new IllegalStateException("the instance is not on this card");
    }

    /** What the static fields of a package lead to, short of applets. */
    private int staticMemory(PackageCode code) {
        Heap heap = heapWithoutApplets();
        heap.addStatics(code);
        heap.follow();
        return MemoryModel.objects(heap.objects(), transients);
    }

    /** What was put into static fields since the package was loaded is counted with its first instance. */
    private int staticGrowth(Instance instance) {
        for (Instance one : instances.values()) {
            if (one.from == instance.from) {
                return one == instance ? staticMemory(one.from.code()) - one.from.staticMemory() : 0;
            }
        }
        return 0;
    }

    private Heap heapWithoutApplets() {
        Heap heap = new Heap();
        for (Instance one : instances.values()) {
            heap.exclude(one.applet);
        }
        return heap;
    }
}
