package cardlab.vm.faults;

import cardlab.vm.interpreter.Disturbance;
import cardlab.vm.interpreter.Hands;
import cardlab.vm.link.Opcode;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a command executes, and disturbs nothing. */
final class Looker implements Disturbance {
    private final List<Model.Seen> seen = new ArrayList<>();

    List<Model.Seen> seen() {
        return seen;
    }

    @Override
    public long next() {
        return 0;
    }

    @Override
    public void act(Hands hands, long number) {
        Opcode opcode = hands.opcode();
        String result = Model.result(hands, opcode);
        int home = hands.method().home.number;
        seen.add(new Model.Seen(home, hands.method().offset, hands.at(), opcode, hands.length(), false, result));
    }

    @Override
    public Ending thrown(Hands hands, long number) {
        seen.set((int) number, seen.get((int) number).thrown());
        return Ending.THROWN;
    }
}
