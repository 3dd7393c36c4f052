package wide;

/** Long branches, far fields and many locals: the wide forms. */
public class Wide {
    static short many(short a, short b, short c, short d, short e, short f) {
        short g = a, h = b, i = c, j = d, k = e, l = f, m = a, n = b, o = c, p = d, q = e, r = f;
        byte[] x = null;
        g += 300;
        h += 5;
        r++;
        Object y = x;
        return (short) (g + h + i + j + k + l + m + n + o + p + q + r + x.length);
    }
    static byte[] refs(byte[] a, byte[] b, byte[] c, byte[] d, byte[] e) {
        byte[] f = a; byte[] g = b; f = e; e = g; a = b; b = c; c = d; d = f;
        return e;
    }
    static short far(short a) {
        short r = 0;
        while (a > 0) {
            r += 1; if (a == 1) { r += 1000; } r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            if (r == a) { break; }
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            a--;
        }
        return r;
    }
    static boolean farRef(Object o, Object p, short a) {
        short r = 0;
        if (o == null) { r = 1; } 
        while (o != p && p != null && a >= r && r != 0) {
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
            r += 1000; r += 1001; r += 1002; r += 1003; r += 1004; r += 1005;
        }
        return r == 0;
    }
}
