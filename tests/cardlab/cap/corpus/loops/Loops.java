package loops;

/** Loops whose body comes before the condition, with references in both: the order of the constant pool shows. */
public class Loops {
    static short limit;
    static short counter;
    short field;
    Loops next;

    static short count(byte[] a) {
        short sum = 0;
        for (short i = first(); i < last(a); i = step(i)) {
            sum += body(a, i);
            if (sum > limit) { break; }
        }
        while (more(sum)) {
            counter++;
            try { sum = body(a, sum); } catch (NullPointerException e) { sum = none(); }
        }
        return sum;
    }

    short walk(Loops from) {
        Loops at;
        for (at = from; at != null; at = at.next) { field += at.field; }
        do { field--; } while (field > 0 && from.next != this);
        return field;
    }

    static short first() { return 0; }
    static short last(byte[] a) { return (short) a.length; }
    static short step(short i) { return (short) (i + 2); }
    static short body(byte[] a, short i) { return a[i]; }
    static boolean more(short s) { return s < limit; }
    static short none() { return -1; }
}
