package cardlab.vm.translate;

import cardlab.vm.interpreter.Layout;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Label;
import org.objectweb.asm.Opcodes;

/** The places at which the interpreter may have to go on, each with the label of the code that lets it. */
final class Points {
    private final Body body;
    private final List<Layout.Point> points = new ArrayList<>();
    private final List<Label> labels = new ArrayList<>();

    Points(Body body) {
        this.body = body;
    }

    Label add(int pc, State state, boolean isReturn) {
        points.add(new Layout.Point(pc, state.locals().clone(), state.operands().clone(), isReturn));
        Label label = new Label();
        labels.add(label);
        return label;
    }

    Layout.Point[] all() {
        return points.toArray(new Layout.Point[0]);
    }

    /** The code behind the labels: all cells are handed over, and the interpreter finishes the method. */
    void write(int cells) {
        Label common = new Label();
        for (int i = 0; i < labels.size(); i++) {
            body.mv.visitLabel(labels.get(i));
            body.number(i);
            body.setVariable(Body.POINT);
            body.mv.visitJumpInsn(Opcodes.GOTO, common);
        }
        body.mv.visitLabel(common);
        for (int i = 0; i < cells; i++) {
            body.vm();
            body.number(i);
            body.local(i);
            body.vm("spill", "(II)V");
        }
        body.vm();
        body.self();
        body.variable(Body.POINT);
        body.variable(Body.BASE);
        body.variable(Body.LEVEL);
        body.variable(Body.MARK);
        body.vm("interpret", "(" + Translator.TRANSLATION_TYPE + "IIII)V");
        body.op(Opcodes.RETURN);
    }
}
