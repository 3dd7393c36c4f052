package cardlab.vm.translate;

import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.link.Opcode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads the instructions of a method that was checked at LOAD; {@code pc} is the place in the Method component's info. */
final class Code {
    private final Method method;
    private final LoadedPackage home;
    private final byte[] bytes;

    Code(Method method) {
        this.method = method;
        home = method.home;
        bytes = home.code;
    }

    Method method() {
        return method;
    }

    Opcode opcode(int pc) {
        return Opcode.of(bytes[pc] & 0xFF);
    }

    /** The next instruction, in order. */
    int after(int pc) {
        return method.instructions().nextSetBit(pc + 1);
    }

    int s1(int at) {
        return bytes[at];
    }

    int u1(int at) {
        return bytes[at] & 0xFF;
    }

    int s2(int at) {
        return bytes[at] << 8 | bytes[at + 1] & 0xFF;
    }

    int u2(int at) {
        return s2(at) & 0xFFFF;
    }

    int s4(int at) {
        return s2(at) << 16 | u2(at + 2);
    }

    Object entry(int index) {
        return home.pool[index];
    }

    /** The constant pool entry of a field instruction: one byte, or two where the name says so. */
    LoadedPackage.InstanceField field(int pc) {
        boolean isWide = opcode(pc).name().endsWith("_W");
        return (LoadedPackage.InstanceField) entry(isWide ? u2(pc + 1) : u1(pc + 1));
    }

    /** The local variable of a load, store or increment. */
    int local(int pc) {
        String name = opcode(pc).name();
        char last = name.charAt(name.length() - 1);
        return last >= '0' && last <= '3' ? last - '0' : u1(pc + 1);
    }

    /** Where a branch leads when it is taken. */
    int target(int pc) {
        return pc + (opcode(pc).name().endsWith("_W") ? s2(pc + 1) : s1(pc + 1));
    }

    /** Targets of a switch by value, the first of each counts; null is the default. */
    record Switch(Map<Integer, Integer> targets, int otherwise) {}

    Switch tableswitch(int pc, boolean isInt) {
        int width = isInt ? 4 : 2;
        int low = value(pc + 3, isInt);
        int high = value(pc + 3 + width, isInt);
        Map<Integer, Integer> targets = new TreeMap<>();
        for (int i = 0; i <= high - low; i++) {
            targets.put(low + i, pc + s2(pc + 3 + 2 * width + 2 * i));
        }
        return new Switch(targets, pc + s2(pc + 1));
    }

    Switch lookupswitch(int pc, boolean isInt) {
        int width = isInt ? 4 : 2;
        Map<Integer, Integer> targets = new TreeMap<>();
        for (int i = 0; i < u2(pc + 3); i++) {
            int at = pc + 5 + i * (width + 2);
            targets.putIfAbsent(value(at, isInt), pc + s2(at + width));
        }
        return new Switch(targets, pc + s2(pc + 1));
    }

    private int value(int at, boolean isInt) {
        return isInt ? s4(at) : s2(at);
    }

    /** Where control can go from an instruction, exceptions apart. */
    List<Integer> successors(int pc) {
        Opcode opcode = opcode(pc);
        List<Integer> next = new ArrayList<>();
        switch (opcode) {
            case STABLESWITCH, ITABLESWITCH -> addAll(next, tableswitch(pc, opcode == Opcode.ITABLESWITCH));
            case SLOOKUPSWITCH, ILOOKUPSWITCH -> addAll(next, lookupswitch(pc, opcode == Opcode.ILOOKUPSWITCH));
            case GOTO, GOTO_W -> next.add(target(pc));
            default -> {
                if (opcode.flow() == Opcode.Flow.BRANCHES) {
                    next.add(target(pc));
                }
                if (opcode.flow() != Opcode.Flow.ENDS) {
                    next.add(after(pc));
                }
            }
        }
        return next;
    }

    private static void addAll(List<Integer> next, Switch table) {
        next.addAll(table.targets().values());
        next.add(table.otherwise());
    }

    /** Whether a count of instructions ends here: what follows can be reached from elsewhere, or other code runs meanwhile. */
    boolean endsBlock(int pc) {
        return opcode(pc).flow() != Opcode.Flow.GOES_ON || isCall(pc);
    }

    boolean isCall(int pc) {
        return switch (opcode(pc)) {
            case INVOKEVIRTUAL, INVOKESPECIAL, INVOKESTATIC, INVOKEINTERFACE -> true;
            default -> false;
        };
    }
}
