package cardlab.vm.link;

import cardlab.vm.natives.NativeMethod;
import java.util.List;

/** A method: code of a loaded package, a native one of the API, or an abstract one. */
public final class Method {
    /** method_header flags (JCVM 3.0.5, Table 6-15). */
    private static final int ACC_ABSTRACT = 4;
    /** The other two bits, in the first byte of a header. */
    private static final int RESERVED = 0x30;

    public final LoadedPackage home;
    /** Offset of the header in the Method component's info; -1 for the API. */
    public final int offset;
    /** Arguments in cells, `this` among them. */
    public final int arguments;
    /** Local variables in cells without the arguments. */
    public final int locals;
    public final int maxStack;
    /** Where the code begins, in the Method component's info. */
    public final int start;
    public final boolean isAbstract;
    public final NativeMethod code;
    /** Of the API: its signature, and the class that declares it. */
    public final Signature signature;
    public final CardClass declaring;
    public final String name;
    List<Cap.Handler> handlers = List.of();
    /** Instruction starts, by place in the Method component's info. */
    java.util.BitSet instructions = new java.util.BitSet();
    /** Whether a branch leads back. */
    boolean hasLoop;
    /** Of the API: whether SensitiveResult can assert what it returned. */
    public boolean keepsResult;
    /** How often it was called, until it is translated; cards that share the package count together. */
    public int calls;
    /** What it was translated to; null before. */
    public volatile Translated translated;

    private Method(LoadedPackage home, int offset, int arguments, int locals, int maxStack, int start, boolean isAbstract,
            NativeMethod code, Signature signature, CardClass declaring, String name) {
        this.home = home;
        this.offset = offset;
        this.arguments = arguments;
        this.locals = locals;
        this.maxStack = maxStack;
        this.start = start;
        this.isAbstract = isAbstract;
        this.code = code;
        this.signature = signature;
        this.declaring = declaring;
        this.name = name;
    }

    /** The method whose header (6.10.2) is at {@code offset}. */
    static Method read(LoadedPackage home, byte[] info, int offset) throws LinkError {
        if (offset + 2 > info.length || (info[offset] & 0x80) != 0 && offset + 4 > info.length) {
            throw new LinkError("Method: no method header at " + offset);
        }
        int flags = info[offset] >> 4 & 0x0F;
        boolean extended = (flags & 8) != 0;
        int stack = extended ? info[offset + 1] & 0xFF : info[offset] & 0x0F;
        int arguments = extended ? info[offset + 2] & 0xFF : info[offset + 1] >> 4 & 0x0F;
        int locals = extended ? info[offset + 3] & 0xFF : info[offset + 1] & 0x0F;
        int start = offset + (extended ? 4 : 2);
        String name = "method at " + offset;
        return new Method(home, offset, arguments, locals, stack, start, (flags & ACC_ABSTRACT) != 0, null, null, null, name);
    }

    /** Whether its header has flags besides ACC_EXTENDED and ACC_ABSTRACT. */
    boolean hasReservedFlags() {
        return (home.code[offset] & RESERVED) != 0;
    }

    /** A method of the API; {@code code} null for an abstract one and for one that the card does not have. */
    static Method ofApi(CardClass declaring, String name, Signature signature, boolean isStatic, boolean isAbstract,
            NativeMethod code) {
        int arguments = signature.cells() + (isStatic ? 0 : 1);
        return new Method(null, -1, arguments, 0, 0, -1, isAbstract, code, signature, declaring, name);
    }

    /** Of the API: {@code javacard.framework.APDU.setOutgoingAndSend}, for people. */
    public String apiName() {
        return declaring.apiName() + "." + name;
    }

    /** Of the API: whether it is called on an object; the header of a loaded method does not tell. */
    public boolean hasReceiver() {
        return signature != null && arguments > signature.cells();
    }

    public boolean isNative() {
        return signature != null;
    }

    /** Whether it can be called at all. */
    public boolean isMissing() {
        return signature != null && code == null && !isAbstract;
    }

    public List<Cap.Handler> handlers() {
        return handlers;
    }

    public boolean hasLoop() {
        return hasLoop;
    }

    /** Places of instructions that can be reached, in the Method component's info; nobody changes them. */
    public java.util.BitSet instructions() {
        return instructions;
    }

    @Override
    public String toString() {
        return name;
    }
}
