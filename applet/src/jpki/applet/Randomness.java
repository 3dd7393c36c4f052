package jpki.applet;

import javacard.security.RandomData;

/** The card's random numbers (F2): challenges, and the values that replace erased PINs. */
@SuppressWarnings("deprecation") // Java Card 3.0.5 renamed what 3.0.4 knows by these names only.
final class Randomness {

    private final RandomData source = RandomData.getInstance(RandomData.ALG_SECURE_RANDOM);

    void fill(byte[] target, short offset, short length) {
        source.generateData(target, offset, length);
    }
}
