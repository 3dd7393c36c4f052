package cardlab.vm.faults;

import cardlab.vm.Machine;
import cardlab.vm.interpreter.CardMute;
import cardlab.vm.jcre.CardOff;
import cardlab.vm.jcre.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

/**
 * One command of a card with faults, each on a copy of the card as it was before. Cases that answer the same and leave the
 * same memory are one outcome: who judges looks at one of them.
 */
public final class Faults {
    /** Instructions that a disturbed command may execute beyond three times as many as the undisturbed one. */
    private static final long SLACK = 20_000;

    private final Machine master;
    private final Sent command;
    private final int protocol;
    private final List<Foreseen.Call> calls = new ArrayList<>();
    private final State before;
    private List<Model.Seen> seen = List.of();
    private long budget = Long.MAX_VALUE;
    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
    private final List<Outcome> numbered = new ArrayList<>();
    private long[] cases = {};
    private long[] seconds = {};

    /** What cases came to: the number of the outcome, and the faults of the first of them. */
    private record Outcome(int number, Fault[] first, String key) {}

    /**
     * @param command what it is told to do
     * @param protocol with which the card is reset when it is mute
     */
    public Faults(Machine master, Sent command, int protocol) {
        this.master = master;
        this.command = command;
        this.protocol = protocol;
        before = new State(master);
    }

    /** The card manager was asked this in the undisturbed command, in this order. */
    public void foresee(int service, byte[] argument, byte[] answer) {
        calls.add(new Foreseen.Call(service, argument, answer));
    }

    // The undisturbed command

    /** Run it undisturbed: what it executes is known then. Returns the answer, empty when there was none. */
    public byte[] look() {
        Machine card = fork();
        Looker looker = new Looker();
        card.card().interpreter().meter().disturb(looker);
        String answer = answer(card);
        seen = List.copyOf(looker.seen());
        budget = 3 * card.instructionsOfLastCommand() + SLACK;
        String key = key(card, answer);
        Outcome reference = new Outcome(0, new Fault[0], key);
        outcomes.put(key, reference);
        numbered.add(reference);
        return answer.startsWith("!") ? new byte[0] : HexFormat.of().parseHex(answer);
    }

    /** Instructions that it executes. */
    public int instructions() {
        return seen.size();
    }

    /** Of an instruction: package number, offset of the method, place. */
    public int[] place(int number) {
        Model.Seen one = seen.get(number);
        return new int[] {one.home(), one.method(), one.at()};
    }

    public String opcode(int number) {
        return seen.get(number).opcode().mnemonic();
    }

    /** Instructions that a disturbed command may execute. */
    public long budget() {
        return budget;
    }

    // Cases

    /** All single faults of these models are the cases, or one in so many by the seed; returns how many. */
    public int single(String[] models, int oneIn, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] all = Arrays.stream(models).map(Model::valueOf).flatMapToLong(this::of)
                .filter(one -> oneIn == 1 || random.nextInt(oneIn) == 0).toArray();
        return take(all, new long[all.length]);
    }

    /**
     * Pairs of faults of these models, drawn; the second is at an instruction after the first. Each model is as likely as any
     * other: nine of ten faults change an operand, and most of these make the card mute.
     */
    public int pairs(String[] models, int count, long seed) {
        long[][] all = Arrays.stream(models).map(Model::valueOf).map(one -> of(one).toArray())
                .filter(one -> one.length > 0).toArray(long[][]::new);
        if (Arrays.stream(all).flatMapToLong(Arrays::stream).mapToInt(one -> (int) one).distinct().count() < 2) {
            return take(new long[0], new long[0]);
        }
        SplittableRandom random = new SplittableRandom(seed);
        long[] first = new long[count];
        long[] second = new long[count];
        for (int i = 0; i < count; i++) {
            do {
                first[i] = drawn(all, random);
                second[i] = drawn(all, random);
            } while ((int) first[i] >= (int) second[i]);
            second[i]++; // zero says: no second one
        }
        return take(first, second);
    }

    private static long drawn(long[][] all, SplittableRandom random) {
        long[] ofModel = all[random.nextInt(all.length)];
        return ofModel[random.nextInt(ofModel.length)];
    }

    /** In how many ways a model disturbs the instruction with this number. */
    public int ways(String model, int number) {
        return Model.valueOf(model).ways(seen.get(number));
    }

    /** One case: model, number and way of one fault or of two. */
    public int chosen(String[] models, int[] numbers, int[] ways) {
        long first = new Fault(Model.valueOf(models[0]), numbers[0], ways[0]).packed();
        long second = models.length == 1 ? 0 : new Fault(Model.valueOf(models[1]), numbers[1], ways[1]).packed() + 1;
        return take(new long[] {first}, new long[] {second});
    }

    private int take(long[] first, long[] second) {
        cases = first;
        seconds = second;
        return first.length;
    }

    private java.util.stream.LongStream of(Model model) {
        return IntStream.range(0, seen.size()).boxed().flatMapToLong(number -> IntStream.range(0, model.ways(seen.get(number)))
                .mapToLong(way -> new Fault(model, number, way).packed()));
    }

    /** Of a case: model (its ordinal), number, way; and the same of a second fault if it has one. */
    public int[] fault(int number) {
        return numbers(faults(number));
    }

    private static int[] numbers(Fault[] faults) {
        return Arrays.stream(faults).flatMapToInt(one -> IntStream.of(one.model().ordinal(), one.number(), one.way())).toArray();
    }

    private Fault[] faults(int number) {
        Fault first = Fault.of(cases[number]);
        return seconds[number] == 0 ? new Fault[] {first} : new Fault[] {first, Fault.of(seconds[number] - 1)};
    }

    // Running them

    /** Run cases on so many threads; returns the number of the outcome of each. */
    public int[] run(int from, int count, int threads) throws InterruptedException {
        int[] found = new int[count];
        AtomicInteger next = new AtomicInteger();
        List<Thread> others = new ArrayList<>();
        AtomicReference<Throwable> failed = new AtomicReference<>();
        for (int i = 0; i < threads; i++) {
            Machine own = fork();
            Thread one = new Thread(() -> work(own, from, found, next, failed), "faults");
            one.setDaemon(true);
            one.start();
            others.add(one);
        }
        for (Thread one : others) {
            one.join();
        }
        if (failed.get() != null) {
            throw new IllegalStateException("a case failed: " + failed.get(), failed.get());
        }
        return found;
    }

    private void work(Machine own, int from, int[] found, AtomicInteger next, AtomicReference<Throwable> failed) {
        try {
            for (int i = next.getAndIncrement(); i < found.length && failed.get() == null; i = next.getAndIncrement()) {
                found[i] = one(own, from + i);
            }
        } catch (RuntimeException | Error wrong) {
            failed.set(wrong);
        }
    }

    private int one(Machine own, int number) {
        Machine card = own.fork(new Foreseen(calls));
        card.setBudget(budget);
        card.card().interpreter().meter().disturb(new Injection(faults(number)));
        String key = key(card, answer(card));
        // What only the real card manager knows is looked at one by one.
        Outcome known = key == null ? null : outcomes.get(key);
        return known != null ? known.number() : add(key, number);
    }

    private synchronized int add(String key, int first) {
        String name = key == null ? "?" + numbered.size() : key;
        Outcome known = outcomes.get(name);
        if (known == null) {
            known = new Outcome(numbered.size(), faults(first), name);
            numbered.add(known);
            outcomes.put(name, known);
        }
        return known.number();
    }

    private Machine fork() {
        return master.fork(new Foreseen(calls));
    }

    /** Hexadecimal digits; what begins with {@code !} says why there is none. */
    private String answer(Machine card) {
        try {
            return HexFormat.of().formatHex(command.to(card));
        } catch (Foreseen.UnforeseenException unforeseen) {
            return "!unforeseen";
        } catch (Refusal refusal) {
            return String.format("%04x", refusal.statusWord());
        } catch (CardMute | CardOff silent) {
            return "!mute";
        } catch (RuntimeException | StackOverflowError wrong) {
            return "!mute"; // the host's own checks take the place of the card's
        }
    }

    /** Null when the real card manager has to answer. */
    private String key(Machine card, String answer) {
        card.card().interpreter().meter().disturb(null);
        if (answer.equals("!unforeseen")) {
            return null;
        }
        boolean isMute = answer.startsWith("!");
        if (isMute) {
            try {
                card.reset(protocol);
            } catch (RuntimeException dead) {
                return "!dead";
            }
        }
        return answer + " " + Long.toHexString(before.differences(card, !isMute));
    }

    // What was found

    /** Distinct outcomes so far; 0 is that of the undisturbed command. */
    public int outcomes() {
        return numbered.size();
    }

    /** A case that came to an outcome, as {@link #fault} has it; empty: the undisturbed command. */
    public int[] first(int outcome) {
        return numbers(numbered.get(outcome).first());
    }

    /** Of an outcome: answer, or {@code !} and why there is none, or {@code ?}; a space; a digest of memory. */
    public String told(int outcome) {
        return numbered.get(outcome).key();
    }
}
