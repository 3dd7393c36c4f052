package cardlab.vm.hostile;

import cardlab.vm.Machine;
import cardlab.vm.jcre.Refusal;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Mutated load files on copies of a card that also holds an applet with secrets.
 *
 * <p>Each mutant runs on two cards that differ in the secrets alone: what is the same on both has read none of them. Number
 * and seed decide a mutant and the way it is run, so any of them can be run again.
 */
public final class Campaign {
    /** What a mutant runs on. */
    enum Way {
        /** Both cards interpret. */
        INTERPRETED,
        /** The second card runs translated code. */
        TRANSLATED,
        /** Nothing is checked: the host has to stand, and what becomes of the secrets is counted. */
        UNCHECKED
    }

    private static final long SLOW = 60_000_000_000L; // ns, for a host that has much else to do: a loop in a native method never ends
    private static final int SHOWN = 12;

    private final Card[] first;
    private final Card[] second;
    private final List<Target> targets;
    private final byte[] victim;
    private final long budget;
    private final long seed;

    private final Map<Target, int[]> places = new HashMap<>();

    private record Card(Machine master, Watch watch) {}

    /**
     * A campaign.
     *
     * @param cards for each Way two cards with the same history, in which only the secrets of {@code victim} differ
     * @param budget instructions of one command
     */
    public Campaign(Machine[][] cards, byte[] victim, Target[] targets, long budget, long seed) {
        first = new Card[cards.length];
        second = new Card[cards.length];
        for (int i = 0; i < cards.length; i++) {
            first[i] = new Card(cards[i][0], new Watch(cards[i][0], victim));
            second[i] = new Card(cards[i][1], new Watch(cards[i][1], victim));
        }
        this.targets = List.of(targets);
        this.targets.forEach(one -> places.computeIfAbsent(one, this::instructionsOf));
        this.victim = victim;
        this.budget = budget;
        this.seed = seed;
    }

    /** Where its instructions are, in the Method component's info. */
    private int[] instructionsOf(Target target) {
        Machine card = first[0].master.fork(new OpenChannel());
        try {
            card.load(target.block());
        } catch (Refusal refusal) {
            throw new IllegalArgumentException(target.name() + " is not loaded as it is: " + refusal.getMessage());
        }
        BitSet found = new BitSet();
        card.card().packageWith(target.packageAid()).methods().forEach(one -> found.or(one.instructions()));
        return found.stream().toArray();
    }

    /** Run mutants {@code from} to {@code from + count}. */
    public Tally run(long from, long count) {
        Tally tally = new Tally();
        for (long number = from; number < from + count; number++) {
            one(number, tally);
        }
        return tally;
    }

    /** Every target as it is, on all cards: what it does is no violation, and it runs. */
    public Tally originals() {
        Tally tally = new Tally();
        for (Target target : new java.util.LinkedHashSet<>(targets)) {
            for (Way way : Way.values()) {
                judge(target.name() + " as it is", target, way, new Mutant(target.block(), 0, ""), tally);
            }
        }
        return tally;
    }

    /** What a mutant is and what it did on the first card, line by line. */
    public String[] tell(long number) {
        SplittableRandom random = new SplittableRandom(seed + number);
        Target target = targets.get(random.nextInt(targets.size()));
        Way way = way(random);
        Mutant mutant = Mutant.of(target.block(), places.get(target), random);
        Trial trial = trial(first[way.ordinal()], target);
        trial.run(mutant.block());
        List<String> lines = new java.util.ArrayList<>(trial.story());
        lines.add(0, target.name() + ", " + way + ", component " + mutant.component() + ", " + mutant.change());
        return lines.toArray(new String[0]);
    }

    private static Way way(SplittableRandom random) {
        int chosen = random.nextInt(32);
        return chosen == 0 ? Way.UNCHECKED : chosen == 1 ? Way.TRANSLATED : Way.INTERPRETED;
    }

    private void one(long number, Tally tally) {
        SplittableRandom random = new SplittableRandom(seed + number);
        Target target = targets.get(random.nextInt(targets.size()));
        Way way = way(random);
        Mutant mutant = Mutant.of(target.block(), places.get(target), random);
        String name = number + " (" + target.name() + ", " + way + ", component " + mutant.component() + ", " + mutant.change() + ")";
        judge(name, target, way, mutant, tally);
    }

    private void judge(String name, Target target, Way way, Mutant mutant, Tally tally) {
        long begun = System.nanoTime();
        try {
            Trial one = trial(first[way.ordinal()], target);
            one.run(mutant.block());
            boolean isTwice = one.stage() != Trial.Stage.REFUSED_AT_LOAD;
            count(target, way, mutant, one, tally);
            harmed(name, way, one.harm(), tally);
            if (isTwice) {
                Trial other = trial(second[way.ordinal()], target);
                other.run(mutant.block());
                harmed(name, way, other.harm(), tally);
                harmed(name, way, difference(one.story(), other.story()), tally);
            }
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError fault) {
            tally.violation(name + ": " + described(fault));
        }
        if (System.nanoTime() - begun > SLOW) {
            tally.violation(name + ": took " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        }
    }

    private Trial trial(Card card, Target target) {
        return new Trial(card.master, target, card.watch, victim, budget);
    }

    private static void count(Target target, Way way, Mutant mutant, Trial trial, Tally tally) {
        tally.add("mutants", 1);
        tally.add("way/" + way, 1);
        tally.add("component/" + mutant.component() + "/" + trial.stage(), 1);
        tally.add("target/" + target.name() + "/" + trial.stage(), 1);
        tally.add("instructions", trial.instructions());
        trial.exceptions().forEach(one -> tally.add("exception/" + one, 1));
    }

    /** Without checks an attack that works is counted, not a violation. */
    private static void harmed(String name, Way way, String what, Tally tally) {
        if (what.isEmpty()) {
            return;
        }
        if (way == Way.UNCHECKED) {
            tally.add("unchecked/" + (what.startsWith("it") ? "written" : "read"), 1);
        } else {
            tally.violation(name + ": " + what);
        }
    }

    private static String difference(List<String> one, List<String> other) {
        for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
            String here = i < one.size() ? one.get(i) : "nothing";
            String there = i < other.size() ? other.get(i) : "nothing";
            if (!here.equals(there)) {
                return "step " + i + " differs with the secrets: " + here + " or " + there;
            }
        }
        return "";
    }

    private static String described(Throwable fault) {
        StringBuilder text = new StringBuilder(fault.toString());
        Throwable cause = fault.getCause() == null ? fault : fault.getCause();
        text.append(cause == fault ? "" : ", " + cause);
        StackTraceElement[] trace = cause.getStackTrace();
        for (int i = 0; i < Math.min(SHOWN, trace.length); i++) {
            text.append(" at ").append(trace[i]);
        }
        return text.toString();
    }
}
