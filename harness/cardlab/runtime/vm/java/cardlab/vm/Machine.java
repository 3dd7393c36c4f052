package cardlab.vm;

import cardlab.vm.faults.Fault;
import cardlab.vm.faults.Faults;
import cardlab.vm.faults.Injection;
import cardlab.vm.faults.Model;
import cardlab.vm.faults.Sent;
import cardlab.vm.framework.Framework;
import cardlab.vm.framework.Language;
import cardlab.vm.jcre.Commands;
import cardlab.vm.jcre.Contents;
import cardlab.vm.jcre.Jcre;
import cardlab.vm.jcre.Properties;
import cardlab.vm.jcre.Refusal;
import cardlab.vm.link.Api;
import cardlab.vm.memory.TornCell;
import cardlab.vm.natives.NativePackage;
import cardlab.vm.tears.Tears;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One card, bytes in and bytes out.
 *
 * <p>Calls are made one after the other. CardOff and CardMute say that the card needs a reset; every other call answers
 * them until then. Refusal leaves the card as it was.
 */
public final class Machine {
    /** Bytes of the longest short command, 4 + 1 + 255 + 1; its answer has 256 + 2 at most, that of an extended one more. */
    private static final int WINDOW = 261;
    private static final byte[] NONE = {};
    private static final byte[] DONE = {(byte) 0x90, 0};

    private final Jcre card;
    private final Contents contents;
    private final Commands commands;
    private ByteBuffer window;
    private byte[] longAnswer;
    private Sent last;
    private byte[] lastAnswer = {};
    private long calls;

    /**
     * A fresh card.
     *
     * @param properties lines {@code name=value}, see cardlab.vm.jcre.Properties
     * @param api the API packages of the card, as {@link #api} makes them; any number of cards share one
     * @param seed at least 32 bytes that decide everything random on the card
     */
    public Machine(String properties, Api api, byte[] seed, Services services) {
        this(new Jcre(new Properties(properties), api, seed, services));
    }

    private Machine(Jcre card) {
        this.card = card;
        contents = new Contents(card);
        commands = new Commands(card);
    }

    /** API packages of token tables (lines, see cardlab.vm.link.Api), with natives besides the framework's by class name. */
    public static Api api(String tables, String[] nativeClasses) throws ReflectiveOperationException {
        List<NativePackage> natives = new ArrayList<>(List.of(new Language(), new Framework()));
        for (String name : nativeClasses) {
            natives.add((NativePackage) Class.forName(name).getConstructor().newInstance());
        }
        return new Api(tables, natives);
    }

    /** Load a load file data block; returns the persistent bytes that it takes. */
    public int load(byte[] dataBlock) throws Refusal {
        return contents.load(dataBlock);
    }

    public void unload(byte[] packageAid) throws Refusal {
        contents.unload(packageAid);
    }

    /** Install an applet; returns the persistent bytes that the instance takes. */
    public int install(byte[] packageAid, byte[] moduleAid, byte[] instanceAid, byte[] parameters) throws Refusal {
        return contents.install(packageAid, moduleAid, instanceAid, parameters);
    }

    public void delete(byte[] instanceAid) throws Refusal {
        contents.delete(instanceAid);
    }

    public byte[] select(byte[] instanceAid, byte[] command, int channel) throws Refusal {
        keep(new Sent(Sent.Kind.SELECT, instanceAid, command, channel));
        lastAnswer = commands.select(instanceAid, command, channel);
        return lastAnswer;
    }

    /** Select an instance on a channel that is opened, without a command: 9000, or 6999 when it does not want to. */
    public byte[] open(byte[] instanceAid, int channel) throws Refusal {
        return commands.open(instanceAid, channel);
    }

    /** Deselect what is selected on a channel: who is told 9000 or something else is the card manager's matter. */
    public void deselect(byte[] command, int channel) throws Refusal {
        keep(new Sent(Sent.Kind.DESELECT, NONE, command, channel));
        commands.deselect(command, channel);
        lastAnswer = DONE;
    }

    public byte[] process(byte[] command, int channel) throws Refusal {
        keep(new Sent(Sent.Kind.PROCESS, NONE, command, channel));
        lastAnswer = commands.process(command, channel);
        return lastAnswer;
    }

    /**
     * Memory that host and card share for short commands and their answers. A byte array costs Python more to make and to
     * read than the command costs the card.
     */
    public ByteBuffer window() {
        if (window == null) {
            window = ByteBuffer.allocateDirect(WINDOW);
        }
        return window;
    }

    /**
     * Process the command of so many bytes in the window, on the basic channel; returns the answer's length there, or -1
     * when it is too long for the window: then {@link #longAnswer} has it.
     */
    public int processInWindow(int length) throws Refusal {
        byte[] command = new byte[length];
        window.get(0, command);
        byte[] answer = process(command, 0);
        if (answer.length > WINDOW) {
            longAnswer = answer;
            return -1;
        }
        window.put(0, answer);
        return answer.length;
    }

    /** What did not fit into the window; it is told once. */
    public byte[] longAnswer() {
        byte[] answer = longAnswer;
        longAnswer = null;
        return answer;
    }

    public byte[] processData(byte[] instanceAid, byte[] data) throws Refusal {
        return commands.processData(instanceAid, data);
    }

    /** Reset or power up with a protocol and media byte (API, APDU.getProtocol()). */
    public void reset(int protocol) {
        card.reset(protocol);
    }

    public int usedMemory(byte[] instanceAid) throws Refusal {
        return contents.usedMemory(instanceAid);
    }

    /** Persistent bytes of a package with its static fields and what they brought; 0: it is not loaded. */
    public int packageMemory(byte[] packageAid) {
        return contents.packageMemory(packageAid);
    }

    /** Persistent bytes that are in use, and that there are. */
    public int[] memory() {
        int used = card.heap().blocks().used();
        return new int[] {used, used + card.heap().blocks().available()};
    }

    /** Persistent writes of the last command. */
    public long writesOfLastCommand() {
        return card.gate().writes();
    }

    /** Instructions of the last command. */
    public long instructionsOfLastCommand() {
        return card.interpreter().meter().executed();
    }

    /** Instructions that one command may execute. */
    public void setBudget(long instructions) {
        card.interpreter().meter().setBudget(instructions);
    }

    public long budget() {
        return card.interpreter().meter().budget();
    }

    /** Cut the power at the n-th persistent write of the next command, or of the next reset; 0 takes it back. */
    public void cutPowerAt(long write, String torn, long seed) {
        card.gate().cutAt(write, TornCell.valueOf(torn), seed);
    }

    /** The same in a later call, when so many that write have been made. */
    public void cutPowerAfter(int calls, long write, String torn, long seed) {
        card.gate().cutAt(calls, write, TornCell.valueOf(torn), seed);
    }

    /** Add up from now on what commands cost, beginning with nothing: returns where; or stop it, and return null. */
    public Costs keepCosts(boolean wanted) {
        Costs costs = wanted ? new Costs() : null;
        card.keepCosts(costs);
        return costs;
    }

    public void observe(Observer observer) {
        card.observe(observer);
    }

    public String unknownCause() {
        return card.unknownCause();
    }

    /** Class and reason of the exception that nobody named. */
    public String unknownThrown() {
        return card.unknownThrown();
    }

    /** Where it was thrown, innermost first: {@code AID offset-of-method place}, or {@code - name} of a native method. */
    public String[] unknownPlaces() {
        return card.unknownPlaces().toArray(new String[0]);
    }

    /** What a test should be told about the last command. */
    public String[] warnings() {
        return card.warnings().toArray(new String[0]);
    }

    /** What is kept of the load file data block of a package; empty when it is not loaded. */
    public byte[] kept(byte[] packageAid) {
        return card.kept(packageAid);
    }

    public byte[] save() throws Refusal {
        return contents.save();
    }

    /** Become the card that save() described; this one must be fresh. Throws DamagedMemory. */
    public void restore(byte[] image) throws Refusal {
        contents.restore(image);
    }

    /** Another card in the same state. */
    public Machine fork(Services services) {
        return new Machine(card.fork(services));
    }

    /** Every power cut of a command that this card is about to do: see cardlab.vm.tears.Tears; the card is used up. */
    public Tears tears(int protocol, byte[] applet, byte[] select, long seed, int chances, int firstIn, int oneIn) {
        return new Tears(card, protocol, applet, select, seed, chances, firstIn, oneIn);
    }

    private void keep(Sent sent) {
        last = sent;
        lastAnswer = NONE;
        calls++;
    }

    /** How often something was selected or deselected, or a command processed. */
    public long calls() {
        return calls;
    }

    /** What the last of them answered; empty when it did not. */
    public byte[] lastAnswer() {
        return lastAnswer;
    }

    /** The last of them with faults, on copies of this card, which is as it was before: see cardlab.vm.faults.Faults. */
    public Faults faults(Machine other, int protocol) {
        return new Faults(this, other.last, protocol);
    }

    /** The AID of the package with this number. */
    public byte[] packageAid(int number) {
        return card.packageNumbered(number).aid();
    }

    /** Disturb commands from now on by these faults, until {@link #undisturb}. */
    public void disturb(String[] models, int[] numbers, int[] ways) {
        Fault[] faults = new Fault[models.length];
        for (int i = 0; i < faults.length; i++) {
            faults[i] = new Fault(Model.valueOf(models[i]), numbers[i], ways[i]);
        }
        card.interpreter().clearStack(); // as on the copies that Faults makes
        card.interpreter().meter().disturb(new Injection(faults));
    }

    public void undisturb() {
        card.interpreter().meter().disturb(null);
    }

    /** This card and its copies make the same key of the same random numbers but once. */
    public void rememberDrawn() {
        card.rememberDrawn();
    }

    /** And so do these two, of which the other one remembers already. */
    public void rememberDrawnWith(Machine other) {
        card.rememberDrawnWith(other.card);
    }

    /** Be a card whose power was cut and that has these bytes in persistent memory. */
    public void failWith(byte[] memory) {
        card.failWith(memory);
    }

    /** All that persistent memory holds, whether something leads to it or not. */
    public byte[] persistentMemory() {
        return card.heap().nvm().bytes().clone();
    }

    /** What a card of this kind has in use of these bytes in persistent memory; zeros in the place of the others. */
    public byte[] inUse(byte[] memory) {
        byte[] left = memory.clone();
        card.heap().blocks().clearFree(left);
        return left;
    }

    /** Whether persistent memory holds these bytes. */
    public boolean holds(byte[] memory) {
        return Tears.isSame(memory, card);
    }

    /** The AID of the instance that is active at this moment: for observers; empty for the runtime environment. */
    public byte[] activeInstance() {
        return card.activeInstance();
    }

    /** Methods of the card's packages that were translated, and that cannot be. */
    public int[] translated() {
        return card.translated();
    }

    /** The runtime environment, for what looks at a card as a whole (cardlab.vm.hostile). */
    public Jcre card() {
        return card;
    }

    public Inspector inspector() {
        return new Inspector(card);
    }
}
