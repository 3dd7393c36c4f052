package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import java.util.Arrays;
import java.util.List;

/** The classes of a card by the number that object headers have. */
public final class ClassTable {
    private CardClass[] classes = new CardClass[256];
    private int apiCount;
    private final CardClass object;
    private final java.util.Map<String, CardClass> api;

    /** With the classes of the API, whose numbers are their places. */
    public ClassTable(List<CardClass> api, CardClass object) {
        this.object = object;
        this.api = new java.util.HashMap<>();
        api.forEach(one -> {
            if (one != null) {
                put(one);
                this.api.put(one.name, one);
            }
        });
        apiCount = api.size();
    }

    private ClassTable(ClassTable other) {
        classes = other.classes.clone();
        apiCount = other.apiCount;
        object = other.object;
        api = other.api;
    }

    public ClassTable fork() {
        return new ClassTable(this);
    }

    public CardClass object() {
        return object;
    }

    public CardClass get(int id) {
        return classes[id];
    }

    /** The class of the API, or a hidden one, by name; null when there is none. */
    public CardClass named(String name) {
        return api.get(name);
    }

    /** Add a class of a package that was loaded. */
    public void put(CardClass one) {
        if (one.id >= classes.length) {
            classes = Arrays.copyOf(classes, Math.max(one.id + 1, 2 * classes.length));
        }
        classes[one.id] = one;
    }

    public void remove(CardClass one) {
        classes[one.id] = null;
    }

    /** The first of {@code count} numbers in a row that are free. */
    public int freeRun(int count) {
        int run = 0;
        int id = Math.max(apiCount, 1);
        while (run < count) {
            run = id < classes.length && classes[id] != null ? 0 : run + 1;
            id++;
        }
        return id - count;
    }
}
