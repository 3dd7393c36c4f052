package cardlab.vm.faults;

import cardlab.vm.Machine;
import cardlab.vm.jcre.Refusal;

/** What a card is told to do: an applet (empty: whichever is selected), the command, the channel. */
public record Sent(Kind kind, byte[] applet, byte[] command, int channel) {
    /** SELECT of an applet; a command for the selected one; SELECT of something that is no applet. */
    public enum Kind { SELECT, PROCESS, DESELECT }

    /** Have a card do it; returns the answer. */
    byte[] to(Machine card) throws Refusal {
        switch (kind) {
            case SELECT -> card.select(applet, command, channel);
            case PROCESS -> card.process(command, channel);
            case DESELECT -> card.deselect(command, channel);
        }
        return card.lastAnswer();
    }
}
