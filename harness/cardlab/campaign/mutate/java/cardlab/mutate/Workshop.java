package cardlab.mutate;

import java.util.HashMap;
import java.util.Map;

/** Compiles sources again and again, in memory. */
public final class Workshop {
    private final Libraries libraries = new Libraries();

    /**
     * Compiles.
     *
     * @param arguments those of the compiler's command line
     * @param files which of them are sources
     * @param texts what stands in these
     */
    public Compiled compile(String[] arguments, String[] files, String[] texts) {
        return new Memory(libraries, named(files, texts)).result(arguments);
    }

    /** Looks for what the operators can change, in sources that compile. */
    public Found find(String[] arguments, String[] files, String[] texts) {
        Found found = new Found(libraries, named(files, texts));
        found.compile(arguments);
        return found;
    }

    private static Map<String, String> named(String[] files, String[] texts) {
        Map<String, String> found = new HashMap<>();
        for (int i = 0; i < files.length; i++) {
            found.put(files[i], texts[i]);
        }
        return found;
    }
}
