package cardlab.vm.translate;

import cardlab.vm.interpreter.Layout;
import cardlab.vm.link.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeSet;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Writes {@code run} of a translation: arguments are read, blocks follow, each counted at its beginning; then the one
 * handler of the host, which leads to those of the card; then the places where the interpreter takes over.
 */
final class MethodWriter {
    private final Method method;
    private final MethodVisitor mv;
    private final Code code;
    private final Flow flow;
    private final SortedMap<Integer, State> states;
    private final Blocks blocks;
    private final Body body;
    private final Points points;
    private final Map<Integer, Label> labels = new HashMap<>();
    private final Instructions instructions;
    private final Label end = new Label();
    private final int cells;

    MethodWriter(Method method, MethodVisitor mv, Constants constants) {
        this.method = method;
        this.mv = mv;
        code = new Code(method);
        Effects effects = new Effects(code);
        flow = new Flow(code, effects);
        states = flow.states();
        blocks = new Blocks(code, states);
        body = new Body(mv, constants, method.arguments + method.locals);
        points = new Points(body);
        instructions = new Instructions(body, code, effects, points, this::label);
        cells = method.arguments + method.locals + deepest();
    }

    /** Operands at most, one more for each that an instruction leaves beyond what it found. */
    private int deepest() {
        return states.values().stream().mapToInt(State::depth).max().orElse(0) + 8;
    }

    Layout layout() {
        return new Layout(method, points.all(), blocks.uncounted());
    }

    /** Bytes of code; known when the class is. */
    int size() {
        return end.getOffset();
    }

    private Label label(int pc) {
        return labels.computeIfAbsent(pc, unused -> new Label());
    }

    void write() {
        mv.visitCode();
        begin();
        Label from = new Label();
        Label to = new Label();
        Label handler = new Label();
        mv.visitTryCatchBlock(from, to, handler, "java/lang/Throwable");
        mv.visitLabel(from);
        states.forEach((pc, state) -> {
            mv.visitLabel(label(pc));
            if (blocks.isStart(pc)) {
                count(pc, state);
            }
            instructions.translate(state, pc);
        });
        mv.visitLabel(to);
        mv.visitLabel(handler);
        caught();
        points.write(cells);
        mv.visitLabel(end);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
    }

    /** All variables have a value from the beginning, as the host wants it; arguments have theirs. */
    private void begin() {
        body.at(method.start);
        body.number(0);
        body.setVariable(Body.POINT);
        body.op(Opcodes.ACONST_NULL);
        mv.visitVarInsn(Opcodes.ASTORE, exceptionVariable());
        body.vm();
        body.vm("mark", "()I");
        body.setVariable(Body.MARK);
        for (int i = 0; i < cells; i++) {
            body.number(0);
            body.setLocal(i);
        }
        requireArguments();
        for (int i = 0; i < method.arguments; i++) {
            argument(i, states.get(method.start).locals()[i]);
        }
    }

    /** With arguments of other types the interpreter executes the method, and finds what is wrong where it is. */
    private void requireArguments() {
        int[] untouched = new int[method.arguments + method.locals];
        Arrays.fill(untouched, 0, method.arguments, Layout.UNTOUCHED);
        Label interpret = points.add(method.start, new State(untouched, new int[0]), false);
        int[] tags = flow.arguments();
        for (int i = 0; i < tags.length; i++) {
            if (tags[i] != Layout.NONE) {
                body.vm();
                body.cell(i);
                body.number(tags[i]);
                body.vm("holds", "(II)Z");
                mv.visitJumpInsn(Opcodes.IFEQ, interpret);
            }
        }
    }

    private void argument(int index, int tag) {
        String read = switch (tag) {
            case Layout.SHORT -> "shortAt";
            case Layout.REFERENCE -> "referenceAt";
            case Layout.INT -> "intAt";
            default -> null;
        };
        if (read != null) {
            body.vm();
            body.cell(index);
            body.vm(read, "(I)I");
            body.setLocal(index);
        }
    }

    private void count(int pc, State state) {
        body.vm();
        body.number(blocks.length(pc));
        body.vm("take", "(I)Z");
        mv.visitJumpInsn(Opcodes.IFEQ, points.add(pc, state, false));
    }

    /** The host's exception is on the host's stack. */
    private void caught() {
        mv.visitVarInsn(Opcodes.ASTORE, exceptionVariable());
        body.vm();
        body.self();
        mv.visitVarInsn(Opcodes.ALOAD, exceptionVariable());
        body.variable(Body.AT);
        body.variable(Body.LEVEL);
        body.vm("handler", "(" + Translator.TRANSLATION_TYPE + "Ljava/lang/Throwable;II)I");
        TreeSet<Integer> targets = new TreeSet<>();
        method.handlers().stream().filter(one -> states.containsKey(one.target())).forEach(one -> targets.add(one.target()));
        Label nobody = new Label();
        Label[] places = targets.stream().map(unused -> new Label()).toArray(Label[]::new);
        mv.visitLookupSwitchInsn(nobody, targets.stream().mapToInt(Integer::intValue).toArray(), places);
        int number = 0;
        for (int target : targets) {
            mv.visitLabel(places[number++]);
            enterHandler(target);
        }
        mv.visitLabel(nobody);
        mv.visitVarInsn(Opcodes.ALOAD, exceptionVariable());
        body.op(Opcodes.ATHROW);
    }

    private void enterHandler(int target) {
        body.vm();
        body.vm("caught", "()I");
        body.setOperand(0);
        body.vm();
        body.variable(Body.MARK);
        body.vm("isKept", "(I)Z");
        mv.visitJumpInsn(Opcodes.IFEQ, points.add(target, states.get(target), false));
        mv.visitJumpInsn(Opcodes.GOTO, label(target));
    }

    private int exceptionVariable() {
        return Body.CELLS + cells;
    }
}
