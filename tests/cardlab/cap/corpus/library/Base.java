package library;

import javacard.framework.*;

/** A library: everything that another package can reach. */
public abstract class Base implements Counter {
    public static final short VERSION = 0x0102;
    public static short shared;
    protected static Object cache;
    public short visible;
    protected Object reference;
    short hidden;

    protected Base(short start) { visible = start; hidden = start; }
    public static Base last(Base a) { cache = a; return a; }
    public abstract short next(byte by);
    protected void touch() { hidden++; }
    void internal() { touch(); }
    public short count() { internal(); return hidden; }
    public final boolean same(Object o) { return o == reference; }
}
