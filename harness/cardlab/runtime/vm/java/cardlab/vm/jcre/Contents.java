package cardlab.vm.jcre;

import cardlab.vm.interpreter.Thrower;
import cardlab.vm.link.Cap;
import cardlab.vm.link.LinkError;
import cardlab.vm.link.Linker;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Blocks;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.MemoryFull;
import cardlab.vm.memory.Space;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.JavaCardException;
import java.util.Arrays;

/** Loading, installation, deletion (JCRE 3.0.5, 11). */
public final class Contents {
    private static final int SW_CONDITIONS = 0x6985;
    private static final int SW_WRONG_DATA = 0x6A80;
    private static final int SW_NO_INSTANCE = 0x6A82;
    private static final int SW_MEMORY = 0x6A84;
    private static final int SW_REFERENCE = 0x6A88;
    /** Bytes of an element by type of an array_init_info (JCVM 3.0.5, Table 6-18: boolean 2, byte 3, short 4, int 5). */
    private static final int FIRST_STATIC_TYPE = 2;

    private final Jcre card;
    private final Heap heap;
    private final Registry registry;

    public Contents(Jcre card) {
        this.card = card;
        heap = card.heap;
        registry = card.registry;
    }

    /** Load a load file data block; returns the persistent bytes that it takes. */
    public int load(byte[] dataBlock) throws Refusal {
        return card.command(() -> loadNow(dataBlock));
    }

    private int loadNow(byte[] dataBlock) throws Refusal {
        LoadedPackage linked;
        try {
            Cap cap = Cap.read(dataBlock);
            linked = link(cap);
        } catch (LinkError error) {
            throw new Refusal(SW_WRONG_DATA, error.getMessage());
        } catch (MemoryFull full) {
            throw new Refusal(SW_MEMORY, "the card has no room for another package");
        }
        int before = heap.blocks().used();
        try {
            write(linked);
        } catch (MemoryFull full) {
            removePackage(linked.number);
            throw new Refusal(SW_MEMORY, "the package does not fit into memory");
        }
        linked.classes().forEach(card.classes::put);
        return heap.blocks().used() - before;
    }

    private LoadedPackage link(Cap cap) throws LinkError, Refusal {
        Linker linker = new Linker(card.api, registry::packageWith, card.properties.hasInt(), card.properties.isChecked());
        int firstClass = card.classes.freeRun(256);
        LoadedPackage linked = linker.link(cap, registry.freePackageNumber(), firstClass);
        if (registry.packageWith(linked.aid()) != null) {
            throw new Refusal(SW_CONDITIONS, "a package with this AID is loaded");
        }
        return linked;
    }

    private void write(LoadedPackage linked) {
        int number = linked.number;
        int firstClass = linked.classes().isEmpty() ? 0 : linked.classes().get(0).id;
        int block = registry.writePackage(heap, number, firstClass, linked.kept());
        registry.add(linked, block);
        int image = heap.blocks().make(linked.imageSize(), BlockKind.STATICS, number, 0, 0, 0, 0, true) + Blocks.HEADER;
        card.statics[number] = image;
        card.interpreter.setStatics(number, image);
        int place = image;
        for (Cap.StaticArray one : linked.staticArrays()) {
            heap.nvm().put2(place, staticArray(one, Registry.PACKAGE_OWNER + number), WriteKind.STATIC);
            place += 2;
        }
        byte[] values = linked.imageValues();
        heap.nvm().putPages(image + linked.imageSize() - values.length, values, values.length, WriteKind.STATIC);
        Registry.setState(heap, block, Registry.LIVE);
    }

    private int staticArray(Cap.StaticArray initial, int owner) {
        int kind = BlockKind.BOOLEAN_ARRAY + initial.type() - FIRST_STATIC_TYPE;
        int count = initial.values().length >> BlockKind.shift(kind);
        int reference = heap.newArray(kind, 0, count, Space.PERSISTENT, owner);
        heap.nvm().putPages(heap.body(reference), initial.values(), initial.values().length, WriteKind.STATIC);
        return reference;
    }

    /** Forget a package; 6985 while something uses it. */
    public void unload(byte[] aid) throws Refusal {
        card.command(() -> {
            LoadedPackage found = registry.packageWith(aid);
            if (found == null) {
                throw new Refusal(SW_REFERENCE, "no such package");
            }
            boolean isUsed = registry.instances().stream().anyMatch(one -> one.home == found)
                    || registry.packages().stream().anyMatch(one -> imports(one, found)) || card.collector.isUsedElsewhere(found)
                    || card.collector.isReferredTo(Registry.PACKAGE_OWNER + found.number, found);
            if (isUsed) {
                throw new Refusal(SW_CONDITIONS, "the package has instances, or another one uses it");
            }
            Registry.setState(heap, registry.packageBlock(found.number), Registry.GOING);
            removePackage(found.number);
            return null;
        });
    }

    private static boolean imports(LoadedPackage one, LoadedPackage wanted) {
        return one.imports().stream().anyMatch(ref -> Arrays.equals(ref.aid(), wanted.aid()));
    }

    private void removePackage(int number) {
        LoadedPackage gone = registry.packages().stream().filter(one -> one.number == number).findFirst().orElse(null);
        if (gone != null) {
            gone.classes().forEach(card.classes::remove);
            registry.forgetPackage(number);
        }
        card.collector.deleteOwnedBy(Registry.PACKAGE_OWNER + number);
        for (int block : heap.blocks().all()) {
            int kind = heap.blocks().kind(block);
            if ((kind == BlockKind.STATICS || kind == BlockKind.PACKAGE) && heap.blocks().number(block) == number) {
                heap.blocks().release(block);
            }
        }
    }

    /** Applet installation (JCRE 3.1); returns the persistent bytes of the instance. */
    public int install(byte[] packageAid, byte[] moduleAid, byte[] instanceAid, byte[] parameters) throws Refusal {
        return card.command(() -> installNow(packageAid, moduleAid, instanceAid, parameters));
    }

    private int installNow(byte[] packageAid, byte[] moduleAid, byte[] instanceAid, byte[] parameters) throws Refusal {
        LoadedPackage home = registry.packageWith(packageAid);
        Cap.AppletInfo module = home == null ? null : home.applets().stream()
                .filter(one -> Arrays.equals(one.aid(), moduleAid)).findFirst().orElse(null);
        if (module == null) {
            throw new Refusal(SW_REFERENCE, "no such package, or no such module in it");
        }
        if (registry.instanceWith(instanceAid) != null) {
            throw new Refusal(SW_CONDITIONS, "an instance with this AID is installed");
        }
        if (instanceAid.length < 5 || instanceAid.length > 16) {
            throw new Refusal(SW_WRONG_DATA, "an AID has 5 to 16 bytes, not " + instanceAid.length);
        }
        if (parameters.length > Installation.MOST) {
            throw new Refusal(SW_WRONG_DATA, "install data have at most 127 bytes, not " + parameters.length);
        }
        Instance made;
        try {
            made = registry.writeInstance(heap, instanceAid, home, module);
        } catch (MemoryFull full) {
            throw new Refusal(SW_MEMORY, "there is no memory for another instance");
        }
        card.fillAid(made);
        run(made, home.install(module), module.aid(), parameters);
        return memoryOf(made);
    }

    private void run(Instance made, Method install, byte[] moduleAid, byte[] parameters) throws Refusal {
        int content = Installation.OFFSET + parameters.length;
        heap.setSystemLength(SystemObjects.INSTALL_ARRAY, Math.max(content, card.properties.installArray()));
        heap.write(SystemObjects.INSTALL_ARRAY, Installation.OFFSET, parameters, 0, parameters.length);
        byte[][] before = statics();
        card.installation = new Installation(card, made, card.properties.registersModule() ? moduleAid : made.aid);
        try {
            card.interpreter.call(install, made.number, "ASS", SystemObjects.INSTALL_ARRAY, Installation.OFFSET, parameters.length);
            requireRegistered(made);
            Registry.setState(heap, made.block, Registry.LIVE);
        } catch (JavaCardException thrown) {
            Refusal why = refusalFor(thrown.reference());
            takeBack(made, before);
            throw why;
        } catch (Refusal refusal) {
            takeBack(made, before);
            throw refusal;
        } finally {
            card.installation = null;
            int length = heap.length(SystemObjects.INSTALL_ARRAY);
            heap.write(SystemObjects.INSTALL_ARRAY, 0, new byte[length], 0, length);
        }
    }

    private void requireRegistered(Instance made) throws Refusal {
        if (heap.journal().isOpen()) {
            throw new Refusal(SW_CONDITIONS, "install() returned with a transaction in progress");
        }
        if (made.applet == 0) {
            throw new Refusal(SW_CONDITIONS, "install() did not call register()");
        }
    }

    /** The applet's own status word when it names an error, 6A84 when memory was short, else 6985 (GPCS Table 11-54). */
    private Refusal refusalFor(int reference) {
        Explanation why = Explanation.of(card.interpreter, reference);
        card.setUnknown(why);
        String type = card.classes.get(heap.classId(reference)).name;
        if (type.equals("javacard/framework/ISOException")) {
            int sw = heap.getReference(reference, 0);
            boolean isError = sw >= 0x6400 && sw <= 0x6FFF;
            return new Refusal(isError ? sw : SW_CONDITIONS, String.format("install() threw ISOException %04X", sw));
        }
        int reason = type.equals(Thrower.SYSTEM) ? heap.get2(reference, 0) : 0;
        if (reason == Thrower.NO_RESOURCE || reason == Thrower.NO_TRANSIENT_SPACE) {
            return new Refusal(SW_MEMORY, "install() found no memory: " + why.text());
        }
        return new Refusal(SW_CONDITIONS, "install() threw " + why.text());
    }

    /** The static field images of all packages, by their numbers. */
    private byte[][] statics() {
        byte[][] images = new byte[Registry.MOST + 1][];
        registry.packages().forEach(one -> images[one.number] = Arrays.copyOfRange(heap.nvm().bytes(), card.statics[one.number],
                card.statics[one.number] + one.imageSize()));
        return images;
    }

    private void restoreStatics(byte[][] images) {
        for (LoadedPackage one : registry.packages()) {
            for (int i = 0; i < one.imageSize(); i++) {
                int address = card.statics[one.number] + i;
                if (heap.nvm().bytes()[address] != images[one.number][i]) {
                    heap.nvm().put1(address, images[one.number][i], WriteKind.STATIC);
                }
            }
        }
    }

    /** All that a failed installation made is gone, and static fields hold what they held before it. */
    private void takeBack(Instance made, byte[][] before) {
        if (heap.journal().isOpen()) {
            card.abortTransaction();
        }
        restoreStatics(before);
        card.collector.clearReferencesTo(made.number);
        remove(made);
    }

    private void remove(Instance gone) {
        card.collector.deleteOwnedBy(gone.number);
        heap.blocks().release(gone.block);
        registry.forgetInstance(gone.number);
    }

    /**
     * Applet deletion (JCRE 11.3.4.1): refused while something else refers to its objects. What static fields of its package
     * refer to goes with the last instance: the fields are null then, as when applet and package are deleted together.
     */
    public void delete(byte[] instanceAid) throws Refusal {
        card.command(() -> {
            Instance gone = instance(instanceAid);
            boolean isLast = registry.instances().stream().noneMatch(one -> one != gone && one.home == gone.home);
            if (card.collector.isReferredTo(gone.number, isLast ? gone.home : null)) {
                throw new Refusal(SW_CONDITIONS, "another instance or a static field refers to this instance");
            }
            Commands commands = new Commands(card);
            commands.deselectEverywhere(gone);
            commands.uninstall(gone);
            Registry.setState(heap, gone.block, Registry.GOING);
            card.collector.clearReferencesTo(gone.number);
            remove(gone);
            return null;
        });
    }

    /** Persistent bytes of an instance's block and objects. */
    public int usedMemory(byte[] instanceAid) throws Refusal {
        return memoryOf(instance(instanceAid));
    }

    /** Persistent bytes of a package with its static fields and what they brought; 0: it is not loaded. */
    public int packageMemory(byte[] aid) {
        LoadedPackage found = registry.packageWith(aid);
        if (found == null) {
            return 0;
        }
        int size = card.collector.bytesOf(Registry.PACKAGE_OWNER + found.number);
        for (int block : heap.blocks().all()) {
            int kind = heap.blocks().kind(block);
            boolean isOwn = kind == BlockKind.STATICS || kind == BlockKind.PACKAGE;
            size += isOwn && heap.blocks().number(block) == found.number ? heap.blocks().size(block) : 0;
        }
        return size;
    }

    /** All that survives power-off, as bytes. */
    public byte[] save() throws Refusal {
        return card.command(() -> new Image(card).write());
    }

    /** Become the card of an image. Throws DamagedMemory, and IllegalStateException when this card is not fresh. */
    public void restore(byte[] image) throws Refusal {
        if (heap.blocks().used() != 0) {
            throw new IllegalStateException("only a fresh card can be restored");
        }
        card.command(() -> {
            new Image(card).read(image);
            return null;
        });
    }

    private int memoryOf(Instance instance) {
        return card.collector.bytesOf(instance.number) + heap.blocks().size(instance.block);
    }

    private Instance instance(byte[] aid) throws Refusal {
        Instance found = registry.instanceWith(aid);
        if (found == null) {
            throw new Refusal(SW_NO_INSTANCE, "no such instance");
        }
        return found;
    }
}
