package cardlib;

/** What a package of others can use: static and instance members, and a class to extend. */
public class Tally {
    /** Added at each step. */
    public static short step = 3;

    protected short total;

    public static Tally make() {
        return new Tally();
    }

    public short next() {
        total += step;
        return total;
    }
}
