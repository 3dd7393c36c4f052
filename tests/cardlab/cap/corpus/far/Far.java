package far;

/** Every conditional branch, over more code than one byte can jump. */
public class Far {
    static short sum;

    static void whenZero(short a, short b, Object o, Object p) {
        if (a == 0) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenNonZero(short a, short b, Object o, Object p) {
        if (a != 0) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenNegative(short a, short b, Object o, Object p) {
        if (a < 0) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenNotNegative(short a, short b, Object o, Object p) {
        if (a >= 0) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenPositive(short a, short b, Object o, Object p) {
        if (a > 0) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenNotPositive(short a, short b, Object o, Object p) {
        if (a <= 0) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenNull(short a, short b, Object o, Object p) {
        if (o == null) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenNotNull(short a, short b, Object o, Object p) {
        if (o != null) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenSame(short a, short b, Object o, Object p) {
        if (o == p) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenOther(short a, short b, Object o, Object p) {
        if (o != p) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenEqual(short a, short b, Object o, Object p) {
        if (a == b) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenUnequal(short a, short b, Object o, Object p) {
        if (a != b) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenLess(short a, short b, Object o, Object p) {
        if (a < b) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenAtLeast(short a, short b, Object o, Object p) {
        if (a >= b) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenGreater(short a, short b, Object o, Object p) {
        if (a > b) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }

    static void whenAtMost(short a, short b, Object o, Object p) {
        if (a <= b) {
            sum += 1000; sum += 1001; sum += 1002; sum += 1003; sum += 1004; sum += 1005; sum += 1006; sum += 1007;
            sum += 1008; sum += 1009; sum += 1010; sum += 1011; sum += 1012; sum += 1013; sum += 1014; sum += 1015;
        }
    }
}
