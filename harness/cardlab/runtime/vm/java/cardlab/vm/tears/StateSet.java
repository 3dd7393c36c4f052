package cardlab.vm.tears;

import java.util.Arrays;

/** Digests, each with the number that it got when it was new: 0, 1, 2, … */
final class StateSet {
    private long[] highs = new long[1 << 12];
    private long[] lows = new long[1 << 12];
    private int[] numbers = new int[1 << 12];
    private int count;

    StateSet() {
        Arrays.fill(numbers, -1);
    }

    int count() {
        return count;
    }

    /** The number of a digest; it is a new one when count() has grown. */
    int add(long high, long low) {
        if (2 * count > numbers.length) {
            grow();
        }
        int at = placeOf(high, low);
        if (numbers[at] < 0) {
            highs[at] = high;
            lows[at] = low;
            numbers[at] = count++;
        }
        return numbers[at];
    }

    private int placeOf(long high, long low) {
        int at = (int) high & numbers.length - 1;
        while (numbers[at] >= 0 && (highs[at] != high || lows[at] != low)) {
            at = at + 1 & numbers.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] oldHighs = highs;
        long[] oldLows = lows;
        int[] oldNumbers = numbers;
        highs = new long[2 * oldNumbers.length];
        lows = new long[2 * oldNumbers.length];
        numbers = new int[2 * oldNumbers.length];
        Arrays.fill(numbers, -1);
        for (int i = 0; i < oldNumbers.length; i++) {
            if (oldNumbers[i] >= 0) {
                int at = placeOf(oldHighs[i], oldLows[i]);
                highs[at] = oldHighs[i];
                lows[at] = oldLows[i];
                numbers[at] = oldNumbers[i];
            }
        }
    }
}
