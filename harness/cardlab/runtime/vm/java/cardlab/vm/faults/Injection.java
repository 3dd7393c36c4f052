package cardlab.vm.faults;

import cardlab.vm.interpreter.Disturbance;
import cardlab.vm.interpreter.Hands;
import cardlab.vm.link.Method;
import cardlab.vm.link.Opcode;

/** Faults in one command, in the order of their instructions. */
public final class Injection implements Disturbance {
    private final Fault[] faults;
    private int index;
    /** The fault that is not over after its instruction began; null: none. */
    private Fault pending;
    private Method method;
    private int behind;
    private int depth;
    private boolean isByte;
    private boolean isPatched;

    public Injection(Fault... faults) {
        this.faults = faults;
    }

    @Override
    public long next() {
        if (pending != null) {
            return pending.number() + 1;
        }
        return index < faults.length ? faults[index].number() : Long.MAX_VALUE;
    }

    @Override
    public void act(Hands hands, long number) {
        if (pending != null && number > pending.number()) {
            finish(hands);
        }
        if (index < faults.length && faults[index].number() <= number) {
            begin(hands, faults[index++]);
        }
    }

    private void begin(Hands hands, Fault fault) {
        Opcode opcode = hands.opcode();
        switch (fault.model()) {
            case SKIP -> hands.skip();
            case INVERT -> {
                if (Model.isConditional(opcode)) {
                    patch(hands, fault, 0, Model.opposite(opcode));
                }
            }
            case OPERAND -> {
                int operand = 1 + fault.way() / Model.BYTES;
                if (operand < hands.length()) {
                    byte there = hands.code()[hands.at() + operand];
                    patch(hands, fault, operand, Model.changedByte(there, fault.way() % Model.BYTES));
                }
            }
            case RETURN -> {
                if (opcode.flow() == Opcode.Flow.ENDS) {
                    hands.changeTop(value -> Model.changedValue(value, fault.way()), false);
                } else {
                    await(hands, fault);
                }
            }
            default -> await(hands, fault);
        }
    }

    private void patch(Hands hands, Fault fault, int operand, byte value) {
        byte[] other = hands.code().clone();
        other[hands.at() + operand] = value;
        await(hands, fault);
        isPatched = true;
        hands.readFrom(other);
    }

    private void await(Hands hands, Fault fault) {
        pending = fault;
        method = hands.method();
        behind = hands.at() + hands.length();
        depth = hands.depth();
        isByte = Model.isByte(hands.opcode());
    }

    /** The next instruction is about to be executed. */
    private void finish(Hands hands) {
        Fault fault = pending;
        pending = null;
        if (isPatched) {
            isPatched = false;
            hands.readFrom(null);
            return;
        }
        boolean isBehind = hands.method() == method && hands.at() == behind;
        if (isBehind && (fault.model() == Model.CELL || fault.model() == Model.RETURN)) {
            hands.changeTop(value -> Model.changedValue(value, fault.way()), isByte);
        }
    }

    @Override
    public Ending thrown(Hands hands, long number) {
        boolean isIt = pending != null && pending.model() == Model.EXCEPTION && pending.number() == number;
        if (!isIt || hands.method() != method) {
            return Ending.THROWN;
        }
        boolean returns = pending.way() == 1;
        pending = null;
        if (returns) {
            return Ending.RETURNS;
        }
        hands.goOn(depth);
        return Ending.GOES_ON;
    }
}
