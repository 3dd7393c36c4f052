package cardlab.vm.hostile;

import cardlab.vm.Machine;
import cardlab.vm.interpreter.CardMute;
import cardlab.vm.jcre.Refusal;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * One load file on a copy of one card: loaded, installed, selected beside the applet that is watched, given commands, the
 * card reset, the applet deleted. {@link #story} is all that the terminal and the card's memory tell of it.
 */
final class Trial {
    /** How far a load file came. */
    enum Stage { REFUSED_AT_LOAD, REFUSED_AT_INSTALL, NOT_SELECTED, RAN, MUTE }

    private static final int T1 = 1;
    private static final int CHANNEL = 1;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final Machine card;
    private final Target target;
    private final Watch watch;
    private final byte[] victim;
    private final List<String> story = new ArrayList<>();
    private final List<String> exceptions = new ArrayList<>();
    private Stage stage = Stage.REFUSED_AT_LOAD;
    private long instructions;
    private boolean isLoaded;
    private String harm = "";

    Trial(Machine master, Target target, Watch watch, byte[] victim, long budget) {
        card = master.fork(new OpenChannel());
        card.setBudget(budget);
        this.target = target;
        this.watch = watch;
        this.victim = victim;
    }

    Stage stage() {
        return stage;
    }

    long instructions() {
        return instructions;
    }

    List<String> story() {
        return story;
    }

    /** Exceptions that no applet caught, and why the card became mute. */
    List<String> exceptions() {
        return exceptions;
    }

    /** What became of the applet that is watched; empty when nothing did. */
    String harm() {
        return harm;
    }

    /** Everything; whatever the host throws comes out. */
    void run(byte[] block) {
        boolean isAlive = step(() -> {
            card.load(block);
            isLoaded = true;
            return "loaded";
        });
        if (isLoaded) {
            stage = Stage.REFUSED_AT_INSTALL;
            isAlive = isAlive && step(this::install) && stage == Stage.NOT_SELECTED && talk();
            note(Long.toHexString(watch.rest(card)));
        }
        check(true);
        boolean isWhole = !isLoaded && isAlive || reset();
        if (isLoaded && isWhole) {
            step(this::delete);
            isWhole = reset();
        }
        if (isWhole) {
            check(!isLoaded);
            serve();
        } else {
            harm = "it is gone with the card's memory";
        }
    }

    /** False when the card cannot make sense of its own memory any more. */
    private boolean reset() {
        return step(() -> {
            card.reset(T1);
            return "reset";
        });
    }

    private String install() throws Refusal {
        card.install(target.packageAid(), target.moduleAid(), target.moduleAid(), target.parameters());
        stage = Stage.NOT_SELECTED;
        return "installed";
    }

    private boolean talk() {
        byte[] aid = target.moduleAid();
        byte[] select = new byte[5 + aid.length];
        select[0] = CHANNEL;
        select[1] = (byte) 0xA4;
        select[2] = 4;
        select[4] = (byte) aid.length;
        System.arraycopy(aid, 0, select, 5, aid.length);
        boolean isAlive = step(() -> answer(card.select(aid, select, CHANNEL)));
        for (int i = 0; isAlive && i < target.commands().length; i++) {
            byte[] command = target.commands()[i].clone();
            command[0] |= CHANNEL;
            isAlive = step(() -> answer(card.process(command, CHANNEL)));
        }
        return isAlive;
    }

    private String answer(byte[] answer) {
        int sw = (answer[answer.length - 2] & 0xFF) << 8 | answer[answer.length - 1] & 0xFF;
        if (sw != 0x6999) {
            stage = Stage.RAN;
        }
        if (!card.unknownThrown().isEmpty()) {
            exceptions.add(card.unknownThrown().replaceFirst(":.*", ""));
        }
        return HEX.formatHex(answer);
    }

    private String delete() throws Refusal {
        card.delete(target.moduleAid());
        card.unload(target.packageAid());
        return "deleted";
    }

    /** One call of the card; false when the card is mute. */
    private boolean step(Callable<String> call) {
        try {
            note(call.call());
            return true;
        } catch (Refusal refusal) {
            note(String.format("%04X", refusal.statusWord()));
            return true;
        } catch (CardMute mute) {
            note("mute: " + mute.getMessage());
            exceptions.add("mute: " + mute.why());
            stage = isLoaded ? Stage.MUTE : stage;
            return false;
        } catch (RuntimeException fault) {
            throw fault;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            instructions += card.instructionsOfLastCommand();
        }
    }

    private void note(String words) {
        story.add(words + " " + card.instructionsOfLastCommand() + " " + card.writesOfLastCommand());
    }

    private void check(boolean withRam) {
        if (!watch.isIntact(card, withRam)) {
            harm = "its memory is another one";
        }
    }

    /** It answers as before. */
    private void serve() {
        try {
            byte[] select = new byte[5 + victim.length];
            select[1] = (byte) 0xA4;
            select[2] = 4;
            select[4] = (byte) victim.length;
            System.arraycopy(victim, 0, select, 5, victim.length);
            card.setBudget(Long.MAX_VALUE);
            byte[] answer = card.select(victim, select, 0);
            if (answer.length != 2 || answer[0] != (byte) 0x90) {
                harm = "it answers " + HEX.formatHex(answer);
            }
        } catch (Refusal | CardMute gone) {
            harm = "it cannot be selected: " + gone.getMessage();
        }
    }
}
