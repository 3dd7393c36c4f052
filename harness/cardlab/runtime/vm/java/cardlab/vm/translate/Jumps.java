package cardlab.vm.translate;

import cardlab.vm.link.Opcode;
import java.util.Collection;
import java.util.Map;
import java.util.function.IntFunction;
import org.objectweb.asm.Label;
import org.objectweb.asm.Opcodes;

/** Branches, switches, returns, athrow. */
final class Jumps {
    private static final int MOST_GAPS = 4;

    private final Body body;
    private final Code code;
    private final IntFunction<Label> labels;

    /** {@code labels} gives the label of an instruction. */
    Jumps(Body body, Code code, IntFunction<Label> labels) {
        this.body = body;
        this.code = code;
        this.labels = labels;
    }

    /** ifeq to ifle, ifnull, ifnonnull: compare with zero. */
    void ifZero(int depth, int pc, int opcode) {
        body.operand(depth - 1);
        body.mv.visitJumpInsn(opcode, labels.apply(code.target(pc)));
    }

    /** if_acmp, if_scmp. */
    void ifCompare(int depth, int pc, int opcode) {
        body.operand(depth - 2);
        body.operand(depth - 1);
        body.mv.visitJumpInsn(opcode, labels.apply(code.target(pc)));
    }

    void gotoTarget(int pc) {
        body.mv.visitJumpInsn(Opcodes.GOTO, labels.apply(code.target(pc)));
    }

    void tableswitch(int depth, int pc, boolean isInt) {
        choose(depth - (isInt ? 2 : 1), code.tableswitch(pc, isInt));
    }

    void lookupswitch(int depth, int pc, boolean isInt) {
        choose(depth - (isInt ? 2 : 1), code.lookupswitch(pc, isInt));
    }

    private void choose(int operand, Code.Switch table) {
        Map<Integer, Integer> targets = table.targets();
        Label otherwise = labels.apply(table.otherwise());
        body.operand(operand);
        int[] keys = targets.keySet().stream().mapToInt(Integer::intValue).toArray();
        Label[] places = labels(targets.values());
        if (keys.length > MOST_GAPS && (long) keys[keys.length - 1] - keys[0] == keys.length - 1) {
            body.mv.visitTableSwitchInsn(keys[0], keys[keys.length - 1], otherwise, places);
        } else {
            body.mv.visitLookupSwitchInsn(otherwise, keys, places);
        }
    }

    private Label[] labels(Collection<Integer> places) {
        return places.stream().map(labels::apply).toArray(Label[]::new);
    }

    /** areturn, sreturn, ireturn. */
    void returnValue(int depth, Opcode opcode) {
        body.vm();
        body.variable(Body.BASE);
        body.operand(depth - (opcode == Opcode.IRETURN ? 2 : 1));
        body.vm(opcode.mnemonic(), "(II)V");
        body.op(Opcodes.RETURN);
    }

    void returnNothing() {
        body.vm();
        body.variable(Body.BASE);
        body.vm("leave", "(I)V");
        body.op(Opcodes.RETURN);
    }

    void athrow(int depth, int pc) {
        body.at(pc);
        body.vm();
        body.operand(depth - 1);
        body.vm("athrow", "(I)Lcardlab/vm/natives/JavaCardException;");
        body.op(Opcodes.ATHROW);
    }
}
