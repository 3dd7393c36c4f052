package cardlab.vm.interpreter;

import cardlab.vm.link.CardClass;
import cardlab.vm.link.LoadedPackage;

/** The instructions that {@link Access} carries out, with their operands and results on the stack. */
final class Operations {
    private final Stack s;
    private final Access access;

    Operations(Stack stack, Access access) {
        s = stack;
        this.access = access;
    }

    void getfield_a(Object entry, int reference) {
        s.pushReference(access.getfield_a((LoadedPackage.InstanceField) entry, reference));
    }

    void getfield_b(Object entry, int reference) {
        s.pushShort(access.getfield_b((LoadedPackage.InstanceField) entry, reference));
    }

    void getfield_s(Object entry, int reference) {
        s.pushShort(access.getfield_s((LoadedPackage.InstanceField) entry, reference));
    }

    void getfield_i(Object entry, int reference) {
        s.pushInt(access.getfield_i((LoadedPackage.InstanceField) entry, reference));
    }

    void putfield_a(Object entry) {
        int value = s.popReference();
        access.putfield_a((LoadedPackage.InstanceField) entry, s.popReference(), value);
    }

    void putfield_b(Object entry) {
        int value = s.popShort();
        access.putfield_b((LoadedPackage.InstanceField) entry, s.popReference(), value);
    }

    void putfield_s(Object entry) {
        int value = s.popShort();
        access.putfield_s((LoadedPackage.InstanceField) entry, s.popReference(), value);
    }

    void putfield_i(Object entry) {
        int value = s.popInt();
        access.putfield_i((LoadedPackage.InstanceField) entry, s.popReference(), value);
    }

    void putfield_a_this(Object entry, int self) {
        access.putfield_a((LoadedPackage.InstanceField) entry, self, s.popReference());
    }

    void putfield_b_this(Object entry, int self) {
        access.putfield_b((LoadedPackage.InstanceField) entry, self, s.popShort());
    }

    void putfield_s_this(Object entry, int self) {
        access.putfield_s((LoadedPackage.InstanceField) entry, self, s.popShort());
    }

    void putfield_i_this(Object entry, int self) {
        access.putfield_i((LoadedPackage.InstanceField) entry, self, s.popInt());
    }

    void getstatic_a(Object entry) {
        s.pushReference(access.getstatic_a((LoadedPackage.StaticField) entry));
    }

    void getstatic_b(Object entry) {
        s.pushShort(access.getstatic_b((LoadedPackage.StaticField) entry));
    }

    void getstatic_s(Object entry) {
        s.pushShort(access.getstatic_s((LoadedPackage.StaticField) entry));
    }

    void getstatic_i(Object entry) {
        s.pushInt(access.getstatic_i((LoadedPackage.StaticField) entry));
    }

    void putstatic_a(Object entry) {
        access.putstatic_a((LoadedPackage.StaticField) entry, s.popReference());
    }

    void putstatic_b(Object entry) {
        access.putstatic_b((LoadedPackage.StaticField) entry, s.popShort());
    }

    void putstatic_s(Object entry) {
        access.putstatic_s((LoadedPackage.StaticField) entry, s.popShort());
    }

    void putstatic_i(Object entry) {
        access.putstatic_i((LoadedPackage.StaticField) entry, s.popInt());
    }

    void aaload() {
        int index = s.popShort();
        s.pushReference(access.aaload(s.popReference(), index));
    }

    void baload() {
        int index = s.popShort();
        s.pushShort(access.baload(s.popReference(), index));
    }

    void saload() {
        int index = s.popShort();
        s.pushShort(access.saload(s.popReference(), index));
    }

    void iaload() {
        int index = s.popShort();
        s.pushInt(access.iaload(s.popReference(), index));
    }

    void aastore() {
        int value = s.popReference();
        int index = s.popShort();
        access.aastore(s.popReference(), index, value);
    }

    void bastore() {
        int value = s.popShort();
        int index = s.popShort();
        access.bastore(s.popReference(), index, value);
    }

    void sastore() {
        int value = s.popShort();
        int index = s.popShort();
        access.sastore(s.popReference(), index, value);
    }

    void iastore() {
        int value = s.popInt();
        int index = s.popShort();
        access.iastore(s.popReference(), index, value);
    }

    void arraylength() {
        s.pushShort(access.arraylength(s.popReference()));
    }

    void newObject(Object entry) {
        s.pushReference(access.newObject((CardClass) entry));
    }

    void newarray(int type) {
        s.pushReference(access.newarray(type, s.popShort()));
    }

    void anewarray(Object entry) {
        s.pushReference(access.anewarray((CardClass) entry, s.popShort()));
    }

    void checkcast(int type, int index, Object[] pool) {
        access.checkcast(type, wanted(type, index, pool), s.referenceAt(s.sp - 1));
    }

    void instanceOf(int type, int index, Object[] pool) {
        s.pushShort(access.instanceOf(type, wanted(type, index, pool), s.popReference()));
    }

    private static CardClass wanted(int type, int index, Object[] pool) {
        return Access.namesClass(type) ? (CardClass) pool[index] : null;
    }
}
