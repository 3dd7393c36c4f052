package cardlab.vm.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a campaign counted. */
public final class Tally {
    private final Map<String, Long> counts = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();

    void add(String name, long count) {
        counts.merge(name, count, Long::sum);
    }

    void violation(String what) {
        violations.add(what);
    }

    /** Lines {@code name=count}; names have slashes. */
    public String[] counts() {
        return counts.entrySet().stream().map(one -> one.getKey() + "=" + one.getValue()).toArray(String[]::new);
    }

    /** Numbers of mutants and what they did. */
    public String[] violations() {
        return violations.toArray(new String[0]);
    }
}
