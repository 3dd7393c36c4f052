package cardlab.vm.link;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Packages that were linked, for cards that load the same file at the same place: a linked package does not change, so they
 * share it with what its methods were translated to. The least recently used go first.
 */
final class LinkCache {
    private static final int MOST = 64;

    /** All that linking depends on; packages that are imported count as the same when they are the same object. */
    record Key(byte[] kept, int number, int firstClass, boolean hasInt, boolean isChecked, List<LoadedPackage> imports) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(kept, key.kept) && number == key.number
                    && firstClass == key.firstClass && hasInt == key.hasInt && isChecked == key.isChecked
                    && imports.equals(key.imports);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(kept) + 7 * number + firstClass;
        }
    }

    private final Map<Key, LoadedPackage> packages = new LinkedHashMap<>(MOST, 0.75f, true);

    synchronized LoadedPackage get(Key key) {
        return packages.get(key);
    }

    synchronized void put(Key key, LoadedPackage linked) {
        packages.put(key, linked);
        if (packages.size() > MOST) {
            packages.remove(packages.keySet().iterator().next());
        }
    }
}
