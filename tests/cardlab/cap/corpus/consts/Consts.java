package consts;

import javacard.framework.*;

/** Every size of constant, final statics inlined, static images. */
public class Consts extends Applet {
    public static void install(byte[] b, short o, byte l) {
        new Consts().register();
    }
    public void process(APDU apdu) {
        apdu.setIncomingAndReceive();
    }

    static final short INLINE = 0x1234;
    public static final byte EXPORTED = 5;
    static short s1 = 1;
    static byte b1 = -1;
    static boolean t = true;
    static short zero;
    static byte bz;
    static Object ref;
    static short sneg = -2;
    static byte[] bytes = {1, 2, 3, (byte) 0xff};
    static short[] shorts = {1, -1, 0x1234};
    static boolean[] bools = {true, false};
    static final byte[] FINALS = {9, 8};
    static byte[] empty = {};
    static Object nothing = null;
    static final short[] LATE = null;
    static byte zeroed = 0;

    static short m1() { return -1; }
    static short c0() { return 0; }
    static short c1() { return 1; }
    static short c2() { return 2; }
    static short c3() { return 3; }
    static short c4() { return 4; }
    static short c5() { return 5; }
    static short c6() { return 6; }
    static short c127() { return 127; }
    static short cm128() { return -128; }
    static short c128() { return 128; }
    static short cm129() { return -129; }
    static short cmax() { return 32767; }
    static short cmin() { return -32768; }
    static short inline() { return INLINE; }
    static boolean truth() { return true; }
    static byte exported() { return EXPORTED; }
    static Object none() { return null; }
}

class Other {
    static short first = 7;
    static byte[] data = {5, 4};
    static Other instance;
    static byte flag = 1;
    static short none;
}

interface Numbers {
    short A = 1;
    byte B = 2;
}
