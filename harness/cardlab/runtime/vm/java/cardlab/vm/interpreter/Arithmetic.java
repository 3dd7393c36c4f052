package cardlab.vm.interpreter;

/** Arithmetic and logic on shorts and ints (JCVM 3.0.5, 7.5); shorts are kept to 16 bits by the stack. */
final class Arithmetic {
    private final Stack s;
    private final Access access;

    Arithmetic(Stack stack, Access access) {
        s = stack;
        this.access = access;
    }

    void sadd() {
        int right = s.popShort();
        s.pushShort(s.popShort() + right);
    }

    void ssub() {
        int right = s.popShort();
        s.pushShort(s.popShort() - right);
    }

    void smul() {
        int right = s.popShort();
        s.pushShort(s.popShort() * right);
    }

    void sdiv() {
        int right = access.divisor(s.popShort());
        s.pushShort(s.popShort() / right);
    }

    void srem() {
        int right = access.divisor(s.popShort());
        s.pushShort(s.popShort() % right);
    }

    void sneg() {
        s.pushShort(-s.popShort());
    }

    /** The distance is the low five bits, as a short is widened first (7.5.88). */
    void sshl() {
        int by = s.popShort();
        s.pushShort(s.popShort() << (by & 0x1F));
    }

    void sshr() {
        int by = s.popShort();
        s.pushShort(s.popShort() >> (by & 0x1F));
    }

    void sushr() {
        int by = s.popShort();
        s.pushShort(s.popShort() >>> (by & 0x1F));
    }

    void sand() {
        int right = s.popShort();
        s.pushShort(s.popShort() & right);
    }

    void sor() {
        int right = s.popShort();
        s.pushShort(s.popShort() | right);
    }

    void sxor() {
        int right = s.popShort();
        s.pushShort(s.popShort() ^ right);
    }

    void s2b() {
        s.pushShort((byte) s.popShort());
    }

    void s2i() {
        s.pushInt(s.popShort());
    }

    void i2b() {
        s.pushShort((byte) s.popInt());
    }

    void i2s() {
        s.pushShort(s.popInt());
    }

    void iadd() {
        int right = s.popInt();
        s.pushInt(s.popInt() + right);
    }

    void isub() {
        int right = s.popInt();
        s.pushInt(s.popInt() - right);
    }

    void imul() {
        int right = s.popInt();
        s.pushInt(s.popInt() * right);
    }

    void idiv() {
        int right = access.divisor(s.popInt());
        s.pushInt(s.popInt() / right);
    }

    void irem() {
        int right = access.divisor(s.popInt());
        s.pushInt(s.popInt() % right);
    }

    void ineg() {
        s.pushInt(-s.popInt());
    }

    void ishl() {
        int by = s.popInt();
        s.pushInt(s.popInt() << by);
    }

    void ishr() {
        int by = s.popInt();
        s.pushInt(s.popInt() >> by);
    }

    void iushr() {
        int by = s.popInt();
        s.pushInt(s.popInt() >>> by);
    }

    void iand() {
        int right = s.popInt();
        s.pushInt(s.popInt() & right);
    }

    void ior() {
        int right = s.popInt();
        s.pushInt(s.popInt() | right);
    }

    void ixor() {
        int right = s.popInt();
        s.pushInt(s.popInt() ^ right);
    }

    void icmp() {
        int right = s.popInt();
        s.pushShort(Integer.compare(s.popInt(), right));
    }
}
