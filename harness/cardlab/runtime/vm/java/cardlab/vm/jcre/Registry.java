package cardlab.vm.jcre;

import cardlab.vm.link.Cap;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Blocks;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.MemoryFull;
import cardlab.vm.memory.Nvm;
import cardlab.vm.memory.WriteKind;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Packages and applet instances in blocks of persistent memory.
 *
 * <p>Package: state (1), spare (1), number of its first class (2), then what is kept of the load file data block. Instance: state (1),
 * package (1), module (1), AID length (1), AID (16), applet object (2). What is not LIVE is deleted at power up, so loading,
 * installation and deletion each take effect by one write.
 */
final class Registry implements Heap.Contexts {
    static final int GOING = 1;
    static final int LIVE = 2;
    /** Owner numbers: 1 to 127 are instances, 128 and the package's number the objects that a package brings. */
    static final int MOST = 127;
    static final int PACKAGE_OWNER = 128;

    private static final int PACKAGE_HEAD = 4;
    /** Tag and size (JCVM 3.0.5, 6.1). */
    private static final int COMPONENT_HEAD = 3;
    private static final int INSTANCE_SIZE = 22;
    private static final int APPLET = 20;
    private static final int SPACE_FOR_AID = 16;

    private final Map<Integer, LoadedPackage> packages = new LinkedHashMap<>();
    private final Map<Integer, Integer> packageBlocks = new LinkedHashMap<>();
    private final Map<Integer, Instance> instances = new LinkedHashMap<>();
    /** The instances again: looked up for every command. */
    private final Instance[] byNumber = new Instance[256];
    private final int[] contexts = new int[256];

    Registry() {
        for (int i = PACKAGE_OWNER; i < 256; i++) {
            contexts[i] = i - PACKAGE_OWNER;
        }
    }

    Registry fork() {
        Registry other = new Registry();
        other.packages.putAll(packages);
        other.packageBlocks.putAll(packageBlocks);
        instances.values().forEach(one -> other.put(one.copy()));
        System.arraycopy(contexts, 0, other.contexts, 0, contexts.length);
        return other;
    }

    @Override
    public int contextOf(int owner) {
        return contexts[owner];
    }

    Collection<LoadedPackage> packages() {
        return packages.values();
    }

    Collection<Instance> instances() {
        return instances.values();
    }

    LoadedPackage packageWith(byte[] aid) {
        return packages.values().stream().filter(one -> Arrays.equals(one.aid(), aid)).findFirst().orElse(null);
    }

    Instance instanceWith(byte[] aid) {
        return instances.values().stream().filter(one -> Arrays.equals(one.aid, aid)).findFirst().orElse(null);
    }

    /** The instance with a number; null for 0, and when there is none. */
    Instance instance(int number) {
        return byNumber[number];
    }

    private void put(Instance one) {
        instances.put(one.number, one);
        byNumber[one.number] = one;
    }

    int packageBlock(int number) {
        return packageBlocks.get(number);
    }

    int freePackageNumber() {
        return free(packages.keySet());
    }

    int freeInstanceNumber() {
        return free(instances.keySet());
    }

    private static int free(Collection<Integer> used) {
        for (int number = 1; number <= MOST; number++) {
            if (!used.contains(number)) {
                return number;
            }
        }
        throw new MemoryFull(false);
    }

    // Packages

    /** Write a package's block, not yet live. */
    int writePackage(Heap heap, int number, int firstClass, byte[] dataBlock) {
        int content = PACKAGE_HEAD + dataBlock.length;
        int block = heap.blocks().make(content, BlockKind.PACKAGE, number, 0, 0, 0, 0, true);
        int at = block + Blocks.HEADER;
        heap.nvm().put2(at + 2, firstClass, WriteKind.REGISTRY);
        heap.nvm().putPages(at + PACKAGE_HEAD, dataBlock, dataBlock.length, WriteKind.CODE);
        heap.nvm().put1(at, GOING, WriteKind.REGISTRY);
        return block;
    }

    void add(LoadedPackage loaded, int block) {
        packages.put(loaded.number, loaded);
        packageBlocks.put(loaded.number, block);
    }

    void forgetPackage(int number) {
        packages.remove(number);
        packageBlocks.remove(number);
    }

    static int firstClass(Nvm nvm, int block) {
        return nvm.get2(block + Blocks.HEADER + 2);
    }

    /** Its components, up to the zeros of a block that was made in a gap of a little more (Blocks): no tag is zero. */
    static byte[] dataBlock(Heap heap, int block) {
        byte[] memory = heap.nvm().bytes();
        int end = block + heap.blocks().size(block);
        int from = block + Blocks.HEADER + PACKAGE_HEAD;
        int to = from;
        while (to + COMPONENT_HEAD <= end && memory[to] != 0) {
            to += COMPONENT_HEAD + heap.nvm().get2(to + 1);
        }
        return Arrays.copyOfRange(memory, from, Math.min(to, end));
    }

    /** Whether memory holds a package where it was loaded. */
    boolean isIn(Heap heap, LoadedPackage loaded) {
        int block = packageBlocks.get(loaded.number);
        Nvm nvm = heap.nvm();
        return nvm.get1(block) == BlockKind.PACKAGE && heap.blocks().number(block) == loaded.number
                && firstClass(nvm, block) == (loaded.classes().isEmpty() ? 0 : loaded.classes().get(0).id)
                && Arrays.equals(dataBlock(heap, block), loaded.kept());
    }

    // Instances

    /** Write an instance's block, not yet live; its objects get its number as owner. */
    Instance writeInstance(Heap heap, byte[] aid, LoadedPackage home, Cap.AppletInfo module) {
        int number = freeInstanceNumber();
        int block = heap.blocks().make(INSTANCE_SIZE, BlockKind.INSTANCE, number, number, 0, 0, 0, true);
        int at = block + Blocks.HEADER;
        Nvm nvm = heap.nvm();
        nvm.put1(at + 1, home.number, WriteKind.REGISTRY);
        nvm.put1(at + 2, home.applets().indexOf(module), WriteKind.REGISTRY);
        nvm.put1(at + 3, aid.length, WriteKind.REGISTRY);
        nvm.putPages(at + 4, aid, aid.length, WriteKind.REGISTRY);
        nvm.put1(at, GOING, WriteKind.REGISTRY);
        Instance made = new Instance(number, block, aid, home, module);
        put(made);
        contexts[number] = home.number;
        return made;
    }

    void setApplet(Heap heap, Instance instance, int applet) {
        instance.applet = applet;
        heap.nvm().put2(instance.block + Blocks.HEADER + APPLET, applet, WriteKind.REGISTRY);
    }

    /** One write that makes a package or an instance live, or lets it go at the next power up. */
    static void setState(Heap heap, int block, int state) {
        heap.nvm().put1(block + Blocks.HEADER, state, WriteKind.REGISTRY);
    }

    static boolean isLive(Nvm nvm, int block) {
        return nvm.get1(block + Blocks.HEADER) == LIVE;
    }

    void forgetInstance(int number) {
        instances.remove(number);
        byNumber[number] = null;
        contexts[number] = 0;
    }

    /** The contexts of owners, as blocks say; needed before objects are read. */
    void readContexts(Heap heap) {
        for (int block : heap.blocks().all()) {
            if (heap.blocks().kind(block) == BlockKind.INSTANCE) {
                contexts[heap.blocks().number(block)] = heap.nvm().get1(block + Blocks.HEADER + 1);
            }
        }
    }

    /** The instances that are live, of packages that are there. */
    void readInstances(Heap heap) {
        instances.clear();
        Arrays.fill(byNumber, null);
        Nvm nvm = heap.nvm();
        for (int block : heap.blocks().all()) {
            if (heap.blocks().kind(block) == BlockKind.INSTANCE && isLive(nvm, block)) {
                int at = block + Blocks.HEADER;
                LoadedPackage home = packages.get(nvm.get1(at + 1));
                byte[] aid = Arrays.copyOfRange(nvm.bytes(), at + 4, at + 4 + Math.min(SPACE_FOR_AID, nvm.get1(at + 3)));
                Instance found = new Instance(heap.blocks().number(block), block, aid, home, home.applets().get(nvm.get1(at + 2)));
                found.applet = nvm.get2(at + APPLET);
                put(found);
            }
        }
    }
}
