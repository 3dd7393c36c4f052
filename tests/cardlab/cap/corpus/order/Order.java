package order;

/** Classes, interfaces and members in an order that conversion has to change. */
public abstract class Order extends Zeta {
    public Object second;
    short hiddenNumber;
    protected byte first;
    Object hiddenReference;
    static short number = 3;
    public static short exported = 4;
    public static Object exportedReference;
    public static final short CONSTANT = 5;

    public abstract void late();
    public void plain() { }
    void packaged() { plain(); late(); }
    public final void early() { packaged(); new Inner().go(); }
    final void packagedFinal() { }
    private void hidden() { }
    public static void exportedStatic() { }
    protected static final short exportedFinal(short a) { return a; }

    class Inner extends Alpha {
        void go() { hidden(); hiddenNumber++; f1(); }
        class Deep {
            short reach() { return hiddenNumber; }
        }
    }

    interface Nested extends Bface {
    }
}

class Alpha extends Mid {
    public boolean equals(Object o) { return super.equals(o) || o instanceof Nothing; }
}

class Mid extends Zeta implements Aface, Iface1 {
    public void f1() { }
    public void f2() { f1(); }
    public void a() { f2(); equals(this); }
}

class Zeta {
}

abstract class Nothing implements Bface {
}

interface Iface1 extends Iface2 {
    void f1();
}

interface Iface2 {
    void f2();
}

interface Aface {
    void a();
}

interface Bface extends Zface, Aface {
}

interface Zface {
    short q(byte z);
}
