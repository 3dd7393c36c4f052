package cardlab.mutate;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.jdt.internal.compiler.batch.FileSystem;

/** What is compiled against, opened once for each class path: to open jars takes longer than to compile a class. */
final class Libraries {
    private final Map<String, FileSystem> known = new HashMap<>();

    /** {@code entries} are those of the class path named; nothing of them may change. */
    FileSystem of(String path, FileSystem.Classpath[] entries) {
        return known.computeIfAbsent(path, one -> new Open(entries));
    }

    private static final class Open extends FileSystem {
        Open(Classpath[] entries) {
            super(entries, new String[0], false, (Set<String>) null);
        }

        @Override
        public void cleanup() {
            // The next compilation looks into the same.
        }
    }
}
