package cardlab.vm.link;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A class or interface on the card: of the API, or of a package that was loaded. */
public final class CardClass {
    private static final Method[] NONE = {};
    private static final String HIDDEN = "cardlab/";
    static final byte NEW = (byte) 0xFF;

    public final String name;
    /** Null for the API. */
    public final LoadedPackage home;
    public final boolean isInterface;
    public final boolean isShareable;
    /** Number in object headers, the same through the life of the card. */
    public final int id;
    CardClass superclass;
    /** All interfaces, inherited ones included where the file lists them. */
    final List<CardClass> interfaces = new ArrayList<>();
    /** Tokens of this class's virtual methods by interface, in order of the interface's tokens (JCVM 3.0.5, 6.9.2.4). */
    final Map<CardClass, byte[]> implemented = new HashMap<>();
    Method[] publicTable = NONE;
    Method[] packageTable = NONE;
    /** Of the API: methods declared here by name and descriptor. */
    final Map<String, Method> byName = new HashMap<>();
    /** Of API interfaces: name and descriptor by token. */
    final Map<Integer, String> interfaceTokens = new HashMap<>();
    /** Static methods and constructors that other packages can name, by token. */
    final Map<Integer, Method> staticMethods = new HashMap<>();
    /** Of API classes: names of static fields with a place by token; the card has none of them. */
    final Map<Integer, String> staticFieldNames = new HashMap<>();
    /** Of a loaded package: offsets of static fields by token. */
    int[] staticFields = {};
    /** Whether a cell of an instance holds a reference, superclass's cells first. */
    private boolean[] references = {};
    boolean isAbstract;
    /** For each public token that of the superclass's method, NEW for a new one; null where both have the same numbers. */
    byte[] mapping;
    /** Whether this class, or one above, numbers methods otherwise than its superclass (JCVM 3.1, 6.9). */
    boolean isShifted;
    /** Of API classes: names of constants by value. */
    final Map<Integer, String> constants = new HashMap<>();
    /** Virtual tokens by name and descriptor, as they were asked for: each card that is made asks for some. */
    private final Map<String, Integer> tokens = new ConcurrentHashMap<>();

    CardClass(String name, LoadedPackage home, boolean isInterface, boolean isShareable, int id) {
        this.name = name;
        this.home = home;
        this.isInterface = isInterface;
        this.isShareable = isShareable;
        this.id = id;
    }

    /** The name of the constant with this value, or null. */
    public String constant(int value) {
        return constants.get(value);
    }

    /** Its Java name; of a hidden class, that of the class or interface of the API that applets know its objects by. */
    String apiName() {
        if (!name.startsWith(HIDDEN)) {
            return name.replace('/', '.');
        }
        boolean isByInterface = superclass.superclass == null && !interfaces.isEmpty();
        return (isByInterface ? interfaces.get(0) : superclass).apiName();
    }

    String staticFieldName(int token) {
        return staticFieldNames.getOrDefault(token, Integer.toString(token));
    }

    public CardClass superclass() {
        return superclass;
    }

    /** Add this class's own cells to its superclass's. */
    void layOut(int size, int firstReference, int count) {
        boolean[] inherited = superclass == null ? new boolean[0] : superclass.references;
        references = Arrays.copyOf(inherited, inherited.length + size);
        for (int i = 0; i < count; i++) {
            references[inherited.length + firstReference + i] = true;
        }
    }

    /** Cells of 16 bits in an instance. */
    public int instanceSize() {
        return references.length;
    }

    /** Cells that superclasses take. */
    public int inheritedSize() {
        return superclass == null ? 0 : superclass.references.length;
    }

    public boolean isReference(int cell) {
        return references[cell];
    }

    /** Whether an object of this class can be used as one of {@code other}: same class, subclass, implemented interface. */
    public boolean isA(CardClass other) {
        if (other.isInterface) {
            return hasInterface(other);
        }
        for (CardClass at = this; at != null; at = at.superclass) {
            if (at == other) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is, or is below, the class or interface of this descriptor. */
    public boolean isNamed(String descriptor) {
        for (CardClass at = this; at != null; at = at.superclass) {
            if (at.home == null && descriptor.length() == at.name.length() + 2 && descriptor.startsWith(at.name, 1)) {
                return true;
            }
            for (CardClass one : at.interfaces) {
                if (one.isNamed(descriptor)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean hasInterface(CardClass wanted) {
        for (CardClass at = this; at != null; at = at.superclass) {
            if (at == wanted || at.interfaces.contains(wanted)) {
                return true;
            }
            for (CardClass above : at.interfaces) {
                if (above != at && above.hasInterface(wanted)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether it implements a shareable interface, so that its objects may be called from other contexts (JCRE 6.2.6). */
    public boolean isShareableObject() {
        for (CardClass at = this; at != null; at = at.superclass) {
            if (at.interfaces.stream().anyMatch(CardClass::isShareableInterface)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is Shareable or extends it. */
    public boolean isShareableInterface() {
        return isInterface && (isShareable || interfaces.stream().anyMatch(CardClass::isShareableInterface));
    }

    /** The method with a public or protected virtual token, or null. */
    public Method virtual(int token) {
        return token < publicTable.length ? publicTable[token] : null;
    }

    /** The method that answers to a token as class {@code called}, this one or one above, numbers it; or null. */
    public Method virtual(CardClass called, int token) {
        if (!isShifted || this == called) {
            return virtual(token);
        }
        int own = tokenFrom(called, token);
        return own >= 0 ? virtual(own) : superclass.virtual(called, token);
    }

    /** -1 when a class in between has no number for it: it was converted before the method was there. */
    private int tokenFrom(CardClass called, int token) {
        if (this == called || superclass == null) {
            return token;
        }
        int above = superclass.tokenFrom(called, token);
        return mapping == null || above < 0 ? above : placed(above);
    }

    private int placed(int above) {
        for (int token = 0; token < mapping.length; token++) {
            if ((mapping[token] & 0xFF) == above) {
                return token;
            }
        }
        return -1;
    }

    /** Take another numbering than the superclass's, unless it is the same. */
    void setMapping(byte[] tokens) {
        for (int token = 0; token < tokens.length; token++) {
            boolean same = token < superclass.publicTable.length ? (tokens[token] & 0xFF) == token : tokens[token] == NEW;
            mapping = same ? mapping : tokens;
        }
        isShifted = mapping != null || superclass.isShifted;
    }

    /** The method with a package-visible virtual token (without its high bit), or null. */
    public Method packageVirtual(int token) {
        return token < packageTable.length ? packageTable[token] : null;
    }

    /** The method that answers a call of an interface's method (JCVM 3.0.5, 7.5.52), or null. */
    public Method implementation(CardClass called, int token) {
        for (CardClass at = this; at != null; at = at.superclass) {
            byte[] tokens = at.implemented.get(called);
            if (tokens != null && token < tokens.length) {
                return virtual(at, tokens[token] & 0xFF);
            }
        }
        String wanted = called.interfaceTokens.get(token);
        return wanted == null ? null : overriding(wanted);
    }

    /** The API's method of this name that this class has, or what it has in its place. */
    private Method overriding(String nameAndDescriptor) {
        CardClass at = this;
        while (at != null && !at.byName.containsKey(nameAndDescriptor)) {
            at = at.superclass;
        }
        if (at == null || at == this) {
            return at == null ? null : byName.get(nameAndDescriptor);
        }
        int token = at.tokenOf(nameAndDescriptor);
        return token < 0 ? at.byName.get(nameAndDescriptor) : virtual(at, token);
    }

    /** A method of the API by name and descriptor, in this class or above. */
    public Method named(String nameAndDescriptor) {
        for (CardClass at = this; at != null; at = at.superclass) {
            Method found = at.byName.get(nameAndDescriptor);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Whether the method is one of this class that others can name. */
    public boolean declares(Method method) {
        return Arrays.asList(publicTable).contains(method) || Arrays.asList(packageTable).contains(method)
                || staticMethods.containsValue(method);
    }

    /** The virtual token of an API class's method by name and descriptor, -1 when there is none. */
    public int tokenOf(String nameAndDescriptor) {
        return tokens.computeIfAbsent(nameAndDescriptor, this::findToken);
    }

    private int findToken(String nameAndDescriptor) {
        for (int token = 0; token < publicTable.length; token++) {
            Method at = publicTable[token];
            if (at != null && at.signature != null && nameAndDescriptor.equals(at.name + at.signature)) {
                return token;
            }
        }
        return -1;
    }

    /** Name and descriptor of an API interface's method by token; null of other interfaces. */
    public String interfaceMethod(int token) {
        return interfaceTokens.get(token);
    }

    /** The token of an API interface's method, -1 when there is none. */
    public int interfaceTokenOf(String nameAndDescriptor) {
        return interfaceTokens.entrySet().stream().filter(one -> one.getValue().equals(nameAndDescriptor))
                .mapToInt(Map.Entry::getKey).findFirst().orElse(-1);
    }

    @Override
    public String toString() {
        return name;
    }
}
