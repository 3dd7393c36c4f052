package cardlab.vm;

import cardlab.vm.interpreter.ClassTable;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.link.CardClass;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.Space;
import java.util.ArrayList;
import java.util.List;

/** Looks into a card's memories. It changes nothing. */
public final class Inspector {
    private static final String[] SPACES = {"EEPROM", "RAM until reset", "RAM until deselection", "runtime environment"};

    private final Jcre card;
    private final Heap heap;
    private final ClassTable classes;

    Inspector(Jcre card) {
        this.card = card;
        heap = card.heap();
        classes = card.interpreter().classes();
    }

    /** The address of a persistent object's content. */
    public int address(int reference) {
        return heap.body(reference);
    }

    /** Where bytes are, in any memory: space, and the object with the offset in its content, or an address outside objects. */
    public String[] find(byte[] wanted) {
        List<String> found = new ArrayList<>();
        for (int reference = 1; reference < heap.limit(); reference++) {
            if (heap.isThere(reference)) {
                byte[] content = heap.read(reference, 0, heap.contentBytes(reference));
                for (int at = indexOf(content, wanted, 0); at >= 0; at = indexOf(content, wanted, at + 1)) {
                    found.add(SPACES[heap.space(reference)] + ": object " + reference + " (" + describe(reference) + ") + " + at);
                }
            }
        }
        findOutside(wanted, found);
        return found.toArray(new String[0]);
    }

    /** Persistent bytes that are in no object: code, journal, free memory. */
    private void findOutside(byte[] wanted, List<String> found) {
        byte[] bytes = heap.nvm().bytes();
        for (int at = indexOf(bytes, wanted, 0); at >= 0; at = indexOf(bytes, wanted, at + 1)) {
            if (!isInObject(at)) {
                found.add("EEPROM: address " + at + " (" + blockAt(at) + ")");
            }
        }
    }

    private boolean isInObject(int address) {
        for (int reference = Heap.FIRST_HANDLE; reference < heap.limit(); reference++) {
            if (heap.isThere(reference) && heap.isPersistent(reference) && address >= heap.body(reference)
                    && address < heap.body(reference) + heap.contentBytes(reference)) {
                return true;
            }
        }
        return false;
    }

    private String blockAt(int address) {
        for (int block : heap.blocks().all()) {
            if (address >= block && address < block + heap.blocks().size(block)) {
                return kindName(heap.blocks().kind(block)) + " " + heap.blocks().number(block);
            }
        }
        return address < heap.blocks().first() ? "journal" : "free memory";
    }

    private static String kindName(int kind) {
        return switch (kind) {
            case BlockKind.PACKAGE -> "package";
            case BlockKind.INSTANCE -> "instance";
            case BlockKind.STATICS -> "static fields of package";
            case BlockKind.TABLE -> "object table page";
            default -> "object";
        };
    }

    private static int indexOf(byte[] in, byte[] wanted, int from) {
        for (int at = from; at + wanted.length <= in.length; at++) {
            if (java.util.Arrays.equals(in, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    /** References of the objects of a class by its name ({@code javacard/framework/OwnerPIN}, {@code AID/classN}). */
    public int[] objectsOf(String className) {
        List<Integer> found = new ArrayList<>();
        for (int reference = 1; reference < heap.limit(); reference++) {
            if (heap.isThere(reference) && typeName(reference).equals(className)) {
                found.add(reference);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The class of an object, or the type of an array. */
    public String typeName(int reference) {
        return switch (heap.kind(reference)) {
            case BlockKind.OBJECT -> classes.get(heap.classId(reference)).name;
            case BlockKind.BOOLEAN_ARRAY -> "boolean[]";
            case BlockKind.BYTE_ARRAY -> "byte[]";
            case BlockKind.SHORT_ARRAY -> "short[]";
            case BlockKind.INT_ARRAY -> "int[]";
            default -> elementName(reference) + "[]";
        };
    }

    private String elementName(int reference) {
        CardClass element = classes.get(Math.max(heap.classId(reference), 1));
        return heap.classId(reference) == 0 ? "java/lang/Object" : element.name;
    }

    private String describe(int reference) {
        boolean isArray = BlockKind.isArray(heap.kind(reference));
        return typeName(reference) + (isArray ? " of " + heap.length(reference) : "") + ", owner " + heap.owner(reference);
    }

    /** Every object, the runtime environment's own too. */
    public int[] objects() {
        List<Integer> found = new ArrayList<>();
        for (int reference = 1; reference < heap.limit(); reference++) {
            if (heap.isThere(reference)) {
                found.add(reference);
            }
        }
        return found.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The AID of a package by its number; empty when it is not loaded, or not yet. */
    public byte[] packageAid(int number) {
        return card.packageAid(number);
    }

    /** Where the journal ends and blocks may begin. */
    public int journalEnd() {
        return heap.blocks().first();
    }

    /** Every block: address, length with the header, kind (cardlab.vm.memory.BlockKind), number. */
    public int[] blocks() {
        return java.util.Arrays.stream(heap.blocks().all())
                .flatMap(at -> java.util.stream.IntStream.of(at, heap.blocks().size(at), heap.blocks().kind(at),
                        heap.blocks().number(at)))
                .toArray();
    }

    /** Pieces of persistent memory that hold no objects: journal, packages, static fields, free memory. */
    private List<int[]> pieces() {
        List<int[]> found = new ArrayList<>(List.of(new int[] {0, heap.blocks().first()}));
        int end = heap.blocks().first();
        for (int block : heap.blocks().all()) {
            if (block > end) {
                found.add(new int[] {end, block});
            }
            end = block + heap.blocks().size(block);
            int kind = heap.blocks().kind(block);
            if (kind != BlockKind.OBJECT && !BlockKind.isArray(kind)) {
                found.add(new int[] {block, end});
            }
        }
        found.add(new int[] {end, heap.nvm().bytes().length});
        return found;
    }

    /** Their names. */
    public String[] outsideNames() {
        return pieces().stream().map(one -> blockAt(one[0])).toArray(String[]::new);
    }

    /** The bytes of one of them. */
    public byte[] outside(int number) {
        int[] piece = pieces().get(number);
        return java.util.Arrays.copyOfRange(heap.nvm().bytes(), piece[0], piece[1]);
    }

    /**
     * A digest of all that can be asked here but addresses, and the code of packages: objects with their classes, places
     * and content, what is selected, and what lies outside objects, without the zeros at the ends of its pieces.
     */
    public byte[] digest() throws java.security.NoSuchAlgorithmException {
        var digest = java.security.MessageDigest.getInstance("SHA-256");
        for (int reference : objects()) {
            update(digest, reference + " " + typeName(reference) + " " + space(reference) + " " + heap.owner(reference));
            update(digest, heap.length(reference) + " ");
            digest.update(content(reference));
        }
        update(digest, "selected " + applet(new byte[0]));
        String[] names = outsideNames();
        for (int i = 0; i < names.length; i++) {
            update(digest, names[i]);
            if (!names[i].startsWith(kindName(BlockKind.PACKAGE))) {
                byte[] piece = outside(i);
                int end = piece.length;
                while (end > 0 && piece[end - 1] == 0) {
                    end--;
                }
                digest.update(piece, 0, end);
            }
        }
        return digest.digest();
    }

    private static void update(java.security.MessageDigest digest, String text) {
        digest.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** The applet object of an instance, of the selected one without AID; 0 when there is none. */
    public int applet(byte[] aid) {
        int instance = aid.length == 0 ? card.selectedOn(0) : card.instanceWith(aid);
        return instance == 0 ? 0 : card.appletOf(instance);
    }

    /** Where its content is: Space's numbers. */
    public int space(int reference) {
        return heap.space(reference);
    }

    /** Cells of an object. */
    public int cells(int reference) {
        return heap.length(reference);
    }

    /** For each cell of an object: the class that declares it and its number there, which is the field's token. */
    public String[] layout(int reference) {
        String[] lines = new String[heap.length(reference)];
        for (CardClass at = classes.get(heap.classId(reference)); at != null; at = at.superclass()) {
            for (int cell = at.inheritedSize(); cell < at.instanceSize(); cell++) {
                lines[cell] = at.name + " " + (cell - at.inheritedSize());
            }
        }
        return lines;
    }

    /** Whether a cell of an object holds a reference. */
    public boolean isReference(int reference, int cell) {
        return classes.get(heap.classId(reference)).isReference(cell);
    }

    /** The object that a cell refers to. */
    public int target(int reference, int cell) {
        return isReference(reference, cell) ? heap.getReference(reference, 2 * cell) : 0;
    }

    /** The first object that refers to this one and the cell in which it does; 0 and 0 when none does. */
    public int[] referrer(int to) {
        for (int other : objects()) {
            if (heap.kind(other) == BlockKind.OBJECT) {
                for (int cell = 0; cell < heap.length(other); cell++) {
                    if (target(other, cell) == to) {
                        return new int[] {other, cell};
                    }
                }
            }
        }
        return new int[2];
    }

    /** The class of the first object that refers to this one; empty when none does. */
    public String holder(int reference) {
        int holder = referrer(reference)[0];
        return holder == 0 ? "" : typeName(holder);
    }

    /** Change the bytes of an array past all transactions and without a persistent write. */
    public void put(int reference, byte[] content) {
        System.arraycopy(content, 0, heap.memory(reference), heap.body(reference), content.length);
    }

    /** The content of an object or array. */
    public byte[] content(int reference) {
        return heap.read(reference, 0, heap.contentBytes(reference));
    }

    /** Whether an object's content survives a reset. */
    public boolean isPersistent(int reference) {
        return heap.space(reference) == Space.PERSISTENT;
    }

    /** Persistent memory as lines: address, bytes, what it is. */
    public String[] map() {
        List<String> lines = new ArrayList<>();
        for (int block : heap.blocks().all()) {
            int number = heap.blocks().number(block);
            int kind = heap.blocks().kind(block);
            boolean isObject = kind == BlockKind.OBJECT || BlockKind.isArray(kind);
            String what = isObject ? "object " + number + ": " + describe(number) : kindName(kind) + " " + number;
            lines.add(block + " " + heap.blocks().size(block) + " " + what);
        }
        return lines.toArray(new String[0]);
    }
}
