package channeltest;

import javacard.framework.MultiSelectable;

/** Can be on several channels; what it was asked with {@code true} is counted apart. */
public class Multi extends Single implements MultiSelectable {
    public static void install(byte[] array, short offset, byte length) {
        new Multi().register();
    }

    @Override
    public boolean select(boolean already) {
        told[(short) (already ? 1 : 0)]++;
        return isWilling();
    }

    @Override
    public void deselect(boolean still) {
        told[(short) (still ? 3 : 2)]++;
    }
}
