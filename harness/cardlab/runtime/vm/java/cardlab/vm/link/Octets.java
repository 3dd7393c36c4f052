package cardlab.vm.link;

import java.util.Arrays;

/** A cursor over a component; reading beyond its end is a LinkError. */
final class Octets {
    private final String what;
    private final byte[] data;
    private final int end;
    private int at;

    Octets(String what, byte[] data, int from, int end) {
        this.what = what;
        this.data = data;
        this.at = from;
        this.end = end;
    }

    int left() {
        return end - at;
    }

    int position() {
        return at;
    }

    int u1() throws LinkError {
        need(1);
        return data[at++] & 0xFF;
    }

    int u2() throws LinkError {
        return u1() << 8 | u1();
    }

    int u4() throws LinkError {
        return u2() << 16 | u2();
    }

    byte[] take(int count) throws LinkError {
        need(count);
        at += count;
        return Arrays.copyOfRange(data, at - count, at);
    }

    int[] u2s(int count) throws LinkError {
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = u2();
        }
        return values;
    }

    byte[] aid() throws LinkError {
        byte[] aid = take(u1());
        if (aid.length < 5 || aid.length > 16) {
            throw error("an AID of " + aid.length + " bytes");
        }
        return aid;
    }

    void finish() throws LinkError {
        if (left() != 0) {
            throw error(left() + " bytes too many");
        }
    }

    LinkError error(String message) {
        return new LinkError(what + ": " + message);
    }

    private void need(int count) throws LinkError {
        if (count < 0 || count > end - at) {
            throw error(count + " bytes expected, " + (end - at) + " left");
        }
    }
}
