package cardlab.vm.jcre;

import cardlab.vm.link.Cap;
import cardlab.vm.link.LinkError;
import cardlab.vm.link.Linker;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Blocks;
import cardlab.vm.memory.DamagedMemory;
import cardlab.vm.memory.Heap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a card does when it gets power after it had lost it: the transaction is undone, and loading, installation and
 * deletion that were under way are taken back or finished. Each step is a persistent write, so the power may fail again.
 */
final class PowerUp {
    private final Jcre card;
    private final Heap heap;
    private final Blocks blocks;
    private final Registry registry;
    private final Set<Integer> livePackages = new HashSet<>();
    private final Set<Integer> liveInstances = new HashSet<>();

    PowerUp(Jcre card) {
        this.card = card;
        heap = card.heap;
        blocks = heap.blocks();
        registry = card.registry;
    }

    void run() {
        heap.undo();
        heap.journal().wipe();
        blocks.walk(null);
        findLive();
        registry.readContexts(heap);
        heap.powerUp(this::isGone);
        heap.settleRam();
        releaseGone();
        forgetPackages();
        loadPackages();
        registry.readInstances(heap);
        registry.instances().forEach(card::fillAid);
        card.collector.clearDangling();
    }

    private void findLive() {
        for (int block : blocks.all()) {
            boolean isLive = Registry.isLive(heap.nvm(), block);
            if (blocks.kind(block) == BlockKind.PACKAGE && isLive) {
                livePackages.add(blocks.number(block));
            }
        }
        for (int block : blocks.all()) {
            if (blocks.kind(block) == BlockKind.INSTANCE && Registry.isLive(heap.nvm(), block)
                    && livePackages.contains(heap.nvm().get1(block + Blocks.HEADER + 1))) {
                liveInstances.add(blocks.number(block));
            }
        }
    }

    private boolean isGone(int owner) {
        return owner >= Registry.PACKAGE_OWNER ? !livePackages.contains(owner - Registry.PACKAGE_OWNER)
                : owner != 0 && !liveInstances.contains(owner);
    }

    private void releaseGone() {
        for (int block : blocks.all()) {
            int kind = blocks.kind(block);
            boolean ofPackage = kind == BlockKind.PACKAGE || kind == BlockKind.STATICS;
            if (ofPackage && !livePackages.contains(blocks.number(block))
                    || kind == BlockKind.INSTANCE && !liveInstances.contains(blocks.number(block))) {
                blocks.release(block);
            }
        }
    }

    private void forgetPackages() {
        for (LoadedPackage one : List.copyOf(registry.packages())) {
            if (!livePackages.contains(one.number)) {
                one.classes().forEach(card.classes::remove);
                registry.forgetPackage(one.number);
            }
        }
    }

    /** Link what is in memory and not known yet: after restore(). A package may lie before one that it uses. */
    private void loadPackages() {
        List<Integer> open = new ArrayList<>();
        for (int block : blocks.all()) {
            if (blocks.kind(block) == BlockKind.STATICS) {
                setStatics(blocks.number(block), block + Blocks.HEADER);
            }
            if (blocks.kind(block) == BlockKind.PACKAGE && !isKnown(blocks.number(block))) {
                open.add(block);
            }
        }
        String problem = "";
        for (int round = open.size(); round > 0 && !open.isEmpty(); round--) {
            for (int block : List.copyOf(open)) {
                try {
                    link(block);
                    open.remove((Integer) block);
                } catch (LinkError error) {
                    problem = error.getMessage();
                }
            }
        }
        if (!open.isEmpty()) {
            throw new DamagedMemory("a package cannot be linked: " + problem);
        }
    }

    private void setStatics(int number, int address) {
        card.statics[number] = address;
        card.interpreter.setStatics(number, address);
    }

    private boolean isKnown(int number) {
        return registry.packages().stream().anyMatch(one -> one.number == number);
    }

    private void link(int block) throws LinkError {
        Linker linker = new Linker(card.api, registry::packageWith, card.properties.hasInt(), card.properties.isChecked());
        Cap cap = Cap.read(Registry.dataBlock(heap, block));
        LoadedPackage linked = linker.link(cap, blocks.number(block), Registry.firstClass(heap.nvm(), block));
        linked.classes().forEach(card.classes::put);
        registry.add(linked, block);
    }
}
