package cardlab.vm.jcre;

import cardlab.vm.Costs;
import cardlab.vm.Observer;
import cardlab.vm.Services;
import cardlab.vm.interpreter.CardMute;
import cardlab.vm.interpreter.ClassTable;
import cardlab.vm.interpreter.Environment;
import cardlab.vm.interpreter.Interpreter;
import cardlab.vm.interpreter.Places;
import cardlab.vm.interpreter.Thrower;
import cardlab.vm.interpreter.Trace;
import cardlab.vm.link.Api;
import cardlab.vm.link.LoadedPackage;
import cardlab.vm.link.Method;
import cardlab.vm.link.Translated;
import cardlab.vm.memory.BlockKind;
import cardlab.vm.memory.Heap;
import cardlab.vm.memory.Journal;
import cardlab.vm.memory.Nvm;
import cardlab.vm.memory.PowerCut;
import cardlab.vm.memory.WriteGate;
import cardlab.vm.memory.WriteKind;
import cardlab.vm.natives.Peer;
import cardlab.vm.translate.Translator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** One card's runtime environment (JCRE 3.0.5): what it is made of, its power, and the frame around each command. */
public final class Jcre implements Environment {
    public static final int CHANNELS = 20;
    private static final int JOURNAL_BASE = 16;
    private static final String AID_CLASS = "javacard/framework/AID";

    final Properties properties;
    final Api api;
    final WriteGate gate;
    final Nvm nvm;
    final Heap heap;
    final ClassTable classes;
    final Interpreter interpreter;
    final Registry registry;
    final Collector collector;
    final int[] statics;
    final Apdu apdu;
    /** What is kept of the load file data block of a package; empty when it is not loaded. */
    public byte[] kept(byte[] packageAid) {
        LoadedPackage found = registry.packageWith(packageAid);
        return found == null ? new byte[0] : found.kept();
    }

    /** A package that is loaded; null when it is not. */
    public LoadedPackage packageWith(byte[] aid) {
        return registry.packageWith(aid);
    }

    /** The package with a number; IllegalArgumentException when there is none. */
    public LoadedPackage packageNumbered(int number) {
        return registry.packages().stream().filter(one -> one.number == number).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no package has the number " + number));
    }

    /** The AID of the package with a number; empty when it is not loaded, or no longer, or not yet. */
    public byte[] packageAid(int number) {
        return registry.packages().stream().filter(one -> one.number == number).findFirst().map(LoadedPackage::aid)
                .orElse(new byte[0]);
    }

    /** The AID of the active instance; empty for the runtime environment. */
    public byte[] activeInstance() {
        Instance active = registry.instance(interpreter.firewall().owner());
        return active == null ? new byte[0] : active.aid;
    }

    /** The instance that is selected on each channel; 0 for none. */
    final int[] selected = new int[CHANNELS];
    Drbg random;
    private Remembered remembered;
    Services services;
    Observer observer;
    private Costs costs;
    /** The channel of the command in progress. */
    int channel;
    boolean isSelecting;
    boolean isReselecting;
    boolean isDeselecting;
    Installation installation;

    boolean isDeletionRequested;
    private final List<String> warnings = new ArrayList<>();
    private Trace.Place transactionBegun;
    private String unknownCause = "";
    private String unknownThrown = "";
    private List<String> unknownPlaces = List.of();
    private boolean isOff;
    private boolean needsPowerUp;
    private CardMute mute;
    private int globalArrays;
    private int globalMark;

    /** A fresh card. */
    public Jcre(Properties properties, Api api, byte[] seed, Services services) {
        this.properties = properties;
        this.api = api;
        this.services = services;
        random = new Drbg(seed);
        gate = new WriteGate();
        int first = JOURNAL_BASE + Journal.size(properties.commit());
        nvm = new Nvm(first + properties.persistent(), gate);
        registry = new Registry();
        statics = new int[256];
        Journal journal = new Journal(nvm, JOURNAL_BASE, properties.commit());
        heap = new Heap(nvm, journal, first, properties.transientReset(), properties.transientDeselect(), registry);
        classes = new ClassTable(api.classes(), api.named("java/lang/Object"));
        defineSystemObjects();
        Thrower thrower = new Thrower(heap, api, SystemObjects.EXCEPTIONS);
        interpreter = new Interpreter(heap, classes, thrower, this, properties.stack(), properties.isChecked());
        translate();
        collector = new Collector(heap, classes, registry, statics);
        apdu = new Apdu(properties);
        apdu.clear();
        globalMark = heap.systemMark();
    }

    private Jcre(Jcre other, Services services) {
        properties = other.properties;
        api = other.api;
        this.services = services;
        random = Drbg.ofState(other.random.state());
        remembered = other.remembered;
        gate = new WriteGate();
        nvm = new Nvm(other.nvm.size(), gate, other.nvm.bytes().clone());
        registry = other.registry.fork();
        statics = other.statics.clone();
        Journal journal = new Journal(nvm, JOURNAL_BASE, properties.commit());
        heap = other.heap.fork(nvm, journal, registry, peer -> ((Peer) peer).fork());
        classes = other.classes.fork();
        Thrower thrower = other.interpreter.thrower().forkFor(heap);
        interpreter = new Interpreter(heap, classes, thrower, this, properties.stack(), properties.isChecked());
        translate();
        interpreter.meter().setBudget(other.interpreter.meter().budget());
        interpreter.setStatics(statics);
        collector = new Collector(heap, classes, registry, statics);
        apdu = new Apdu(properties);
        apdu.clear();
        apdu.setProtocol(other.apdu.protocol());
        System.arraycopy(other.selected, 0, selected, 0, CHANNELS);
        isOff = other.isOff;
        mute = other.mute;
        needsPowerUp = other.needsPowerUp;
        isDeletionRequested = other.isDeletionRequested;
        globalMark = other.globalMark;
    }

    /** Another card in the same state, down to what is in RAM. */
    public Jcre fork(Services otherServices) {
        return new Jcre(this, otherServices);
    }

    /** Methods that were translated, and that cannot be. */
    public int[] translated() {
        int[] counts = new int[2];
        for (LoadedPackage one : registry.packages()) {
            for (Method method : one.methods()) {
                if (method.translated != null) {
                    counts[method.translated == Translated.NOT ? 1 : 0]++;
                }
            }
        }
        return counts;
    }

    private void translate() {
        if (api.coverage().isOn()) {
            interpreter.meter().cover(api.coverage());
        }
        if (properties.translatedAt() > 0) {
            interpreter.translations().use(Translator::translate, properties.translatedAt());
        }
    }

    private void defineSystemObjects() {
        int apduClass = api.named("javacard/framework/APDU").id;
        heap.defineSystem(SystemObjects.APDU, BlockKind.OBJECT, apduClass, 0, Heap.TEMPORARY_ENTRY_POINT);
        heap.defineSystem(SystemObjects.APDU_BUFFER, BlockKind.BYTE_ARRAY, 0, properties.apduBuffer(), Heap.GLOBAL_ARRAY);
        heap.defineSystem(SystemObjects.INSTALL_ARRAY, BlockKind.BYTE_ARRAY, 0,
                Math.max(properties.installArray(), Installation.OFFSET + Installation.MOST), Heap.GLOBAL_ARRAY);
        heap.defineSystem(SystemObjects.OUTPUT, BlockKind.BYTE_ARRAY, 0, Commands.OUTPUT_SIZE, Heap.GLOBAL_ARRAY);
        for (Api.EntryPoints one : api.entryPoints()) {
            int flag = one.isTemporary() ? Heap.TEMPORARY_ENTRY_POINT : Heap.PERMANENT_ENTRY_POINT;
            for (int i = 0; i < one.count(); i++) {
                heap.defineSystem(one.first() + i, BlockKind.OBJECT, one.type().id, one.type().instanceSize(), flag);
            }
        }
        int aidClass = api.named(AID_CLASS).id;
        int cells = api.named(AID_CLASS).instanceSize();
        for (int number = 1; number <= Registry.MOST; number++) {
            heap.defineSystem(SystemObjects.AIDS + number, BlockKind.OBJECT, aidClass, cells, Heap.PERMANENT_ENTRY_POINT);
        }
    }

    // For native methods and the parts of the runtime environment

    public Heap heap() {
        return heap;
    }

    public Interpreter interpreter() {
        return interpreter;
    }

    public Apdu apdu() {
        return apdu;
    }

    public Properties properties() {
        return properties;
    }

    public int channel() {
        return channel;
    }

    public boolean isSelecting() {
        return isSelecting;
    }

    /** Whether a deselect() runs. */
    public boolean isDeselecting() {
        return isDeselecting;
    }

    public boolean isReselecting() {
        return isReselecting;
    }

    /** The AID object of an instance; 0 for none. */
    public int aidObject(int instance) {
        return instance == 0 || registry.instance(instance) == null ? 0 : SystemObjects.AIDS + instance;
    }

    /** The AID of an instance; empty for the runtime environment and for one that is not there. */
    public byte[] aidOf(int instance) {
        Instance found = registry.instance(instance);
        return found == null ? new byte[0] : found.aid.clone();
    }

    /** Fill the AID object of an instance: the length, then the bytes, in its cells. */
    void fillAid(Instance instance) {
        int reference = SystemObjects.AIDS + instance.number;
        heap.put2(reference, 0, instance.aid.length, WriteKind.FIELD);
        for (int i = 0; i < instance.aid.length; i++) {
            heap.put1(reference, 2 + i, instance.aid[i], WriteKind.FIELD);
        }
    }

    /** The instance with an AID; 0 for none. */
    public int instanceWith(byte[] aid) {
        Instance found = registry.instanceWith(aid);
        return found == null ? 0 : found.number;
    }

    /** The instance that is selected on a channel; 0 for none. */
    public int selectedOn(int ofChannel) {
        return selected[ofChannel];
    }

    /** The applet object of an instance; 0 before it is registered. */
    public int appletOf(int instance) {
        return registry.instance(instance).applet;
    }

    /** Whether an instance is selected on some channel (JCSystem.isAppletActive). */
    public boolean isActive(int instance) {
        for (int one : selected) {
            if (one == instance) {
                return true;
            }
        }
        return false;
    }

    /** Applet.register(); false when it may not be done. */
    public boolean register(int applet, byte[] aid) {
        return installation != null && installation.register(applet, aid);
    }

    public void requestDeletion() {
        isDeletionRequested = true;
    }

    /** Abort the transaction: objects made meanwhile are gone, and whatever led to them is null (JCRE 7.6.3). */
    public void abortTransaction() {
        interpreter.forget(heap.undo());
    }

    /** A global array for the rest of the command (JCSystem.makeGlobalArray); 0 when there is no room. */
    public int makeGlobalArray(int arrayKind, int count) {
        int bytes = count << BlockKind.shift(arrayKind);
        if (SystemObjects.GLOBAL_ARRAYS + globalArrays > SystemObjects.LAST
                || heap.systemMark() - globalMark + bytes > properties.transientReset()) {
            return 0;
        }
        int reference = SystemObjects.GLOBAL_ARRAYS + globalArrays++;
        heap.defineSystem(reference, arrayKind, 0, count, Heap.GLOBAL_ARRAY);
        return reference;
    }

    // Environment

    @Override
    public void random(byte[] into) {
        random.generate(into);
    }

    /** Key and V of the generator of random numbers: the same when nothing was drawn meanwhile. */
    public byte[] randomState() {
        return random.state();
    }

    @Override
    public void seed(byte[] from) {
        random.seed(from);
    }

    @Override
    public <T> T drawn(String what, java.util.function.Supplier<T> work) {
        return remembered == null ? work.get() : remembered.of(what, this, work);
    }

    /** From now on this card and its copies make the same of the same random numbers but once: see Remembered. */
    public void rememberDrawn() {
        remembered = new Remembered();
    }

    /** From now on it shares what another card remembers. */
    public void rememberDrawnWith(Jcre other) {
        remembered = other.remembered;
    }

    @Override
    public String property(String name, String otherwise) {
        return properties.get(name, otherwise);
    }

    @Override
    public void crypto(String algorithm, int length) {
        if (observer != null) {
            observer.crypto(algorithm, length);
        }
        if (costs != null) {
            costs.crypto(algorithm, length);
        }
    }

    @Override
    public void warn(String message) {
        warn(message, interpreter.here());
    }

    /** Once for each message in a command: the test is told, with the place in the applet's code. */
    void warn(String message, Trace.Place at) {
        if (warnings.contains(message)) {
            return;
        }
        warnings.add(message);
        if (services != null) {
            services.warned(message, at == null ? "" : Places.locate(at.method(), at.offset()));
        }
        if (observer != null) {
            observer.warning(message);
        }
    }

    /** An exception ends here though the card goes on as if there was none: the test is told, with the place. */
    public void warnThrown(String where, int reference, String whatFollows) {
        Explanation thrown = Explanation.of(interpreter, reference);
        Trace.Place at = interpreter.trace().places().stream().filter(one -> !one.method().isNative()).findFirst().orElse(null);
        warn(where + " threw " + thrown.thrown() + ", " + whatFollows, at);
    }

    /** A transaction begins here, which the test is told when it is left open. */
    public void beginTransaction() {
        heap.begin();
        transactionBegun = interpreter.here();
    }

    @Override
    public byte[] service(int instance, int service, byte[] argument) {
        Instance caller = registry.instance(instance);
        return services.call(caller == null ? new byte[0] : caller.aid, service, argument);
    }

    @Override
    public void poll() {
        services.poll();
    }

    @Override
    public boolean isSelectedContext(int context) {
        return installation != null && installation.context() == context
                || selected[channel] != 0 && registry.contextOf(selected[channel]) == context;
    }

    @Override
    public boolean isActiveElsewhere(int instance) {
        if (isMultiSelectable(instance)) {
            return false;
        }
        for (int other = 0; other < CHANNELS; other++) {
            if (other != channel && selected[other] != 0 && registry.contextOf(selected[other]) == registry.contextOf(instance)) {
                return true;
            }
        }
        return false;
    }

    boolean isMultiSelectable(int instance) {
        Instance found = registry.instance(instance);
        return found != null && found.applet != 0
                && classes.get(heap.classId(found.applet)).isA(api.named("javacard/framework/MultiSelectable"));
    }

    @Override
    public String label(int instance) {
        Instance found = registry.instance(instance);
        return found == null ? "the runtime environment" : java.util.HexFormat.of().withUpperCase().formatHex(found.aid);
    }

    // The frame around a command

    /** Do something that runs on the card. */
    <T> T command(Callable<T> body) throws Refusal {
        requirePower();
        begin();
        try {
            T result = body.call();
            finish();
            return result;
        } catch (PowerCut cut) {
            isOff = true;
            throw new CardOff(cut.getMessage());
        } catch (CardMute silent) {
            mute = silent;
            throw silent;
        } catch (Refusal refusal) {
            throw refusal;
        } catch (RuntimeException other) {
            throw stopped(other);
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        } finally {
            end();
        }
    }

    /** Without checks code may get anywhere in the card's memory, and the runtime environment stumbles over it later. */
    private RuntimeException stopped(RuntimeException wrong) {
        RuntimeException outcome = properties.isChecked() ? wrong : interpreter.stopped(wrong);
        mute = outcome instanceof CardMute silent ? silent : mute;
        return outcome;
    }

    private void requirePower() {
        if (isOff) {
            throw new CardOff("the card has no power");
        }
        if (mute != null) {
            throw mute;
        }
    }

    private void begin() {
        gate.startCommand();
        interpreter.meter().start();
        interpreter.trace().clear();
        unknownCause = "";
        unknownThrown = "";
        unknownPlaces = List.of();
        warnings.clear();
    }

    /** Back in the runtime environment, however the command ended. */
    private void end() {
        for (int one = SystemObjects.MESSAGE_DIGEST_ONE_SHOT; one <= SystemObjects.CIPHER_ONE_SHOT; one++) {
            heap.setPeer(one, null); // Java Card API 3.0.5, OneShot: released when an entry point method returns
        }
        isSelecting = false;
        isReselecting = false;
        isDeselecting = false;
        interpreter.reset();
        dropGlobalArrays();
        installation = null;
        if (isOff || mute != null) {
            needsPowerUp = true;
            return;
        }
        if (heap.journal().isOpen()) {
            abortTransaction(); // the host has ended the command
        }
        gate.endCommand();
    }

    /** What a card does between commands belongs to the one before: the power may be cut here as well. */
    private void finish() {
        if (isDeletionRequested) {
            isDeletionRequested = false;
            rollBack();
            interpreter.reset();
            collector.collect();
        }
    }

    private void dropGlobalArrays() {
        for (; globalArrays > 0; globalArrays--) {
            heap.dropSystem(SystemObjects.GLOBAL_ARRAYS + globalArrays - 1);
        }
        heap.releaseSystem(globalMark);
    }

    /** Abort a transaction that is in progress, if one is. */
    void rollBack() {
        if (heap.journal().isOpen()) {
            abortTransaction();
        }
    }

    /** A transaction that applet code left open is aborted (JCRE 7.6.2), and the test is told. */
    void endTransaction(String where) {
        if (heap.journal().isOpen()) {
            abortTransaction();
            warn(where + " returned with a transaction in progress: it was rolled back", transactionBegun);
        }
    }

    /** What made the last command fail with an exception nobody named, for people. */
    public String unknownCause() {
        return unknownCause;
    }

    /** Class and reason of that exception. */
    public String unknownThrown() {
        return unknownThrown;
    }

    /** Where, innermost first, as Places.locate says it. */
    public List<String> unknownPlaces() {
        return unknownPlaces;
    }

    void setUnknown(Explanation explanation) {
        unknownCause = explanation.text();
        unknownThrown = explanation.thrown();
        unknownPlaces = explanation.places();
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    public WriteGate gate() {
        return gate;
    }

    /** Add what commands cost from now on; null: to nothing any more. */
    public void keepCosts(Costs newCosts) {
        costs = newCosts;
        gate.keepWear(costs == null ? null : costs.wear());
        interpreter.meter().keepKinds(costs == null ? null : costs.instructions());
    }

    public void observe(Observer newObserver) {
        observer = newObserver;
        interpreter.observe(newObserver);
        gate.listen(newObserver == null ? null : (number, address, length, kind) ->
                newObserver.write(number, address, length, kind.name()));
    }

    /** Power up or reset with this protocol and media byte (JCRE 3.6): what was half done is settled, RAM is cleared. */
    public void reset(int protocol) {
        isOff = false;
        mute = null;
        isDeletionRequested = false;
        begin();
        java.util.Arrays.fill(selected, 0);
        interpreter.reset();
        apdu.clear();
        apdu.setProtocol(protocol);
        installation = null;
        channel = 0;
        try {
            if (needsPowerUp) {
                new PowerUp(this).run();
                needsPowerUp = false;
            }
            heap.clearAtReset();
        } catch (PowerCut cut) {
            isOff = true;
            needsPowerUp = true;
            throw new CardOff(cut.getMessage());
        } catch (RuntimeException other) {
            throw stopped(other);
        }
    }

    /**
     * Be a card whose power was cut and that has these bytes in persistent memory: packages that are not among them are
     * forgotten, and the next reset finds out what the others hold.
     */
    public void failWith(byte[] memory) {
        nvm.become(memory);
        heap.forgetTransaction();
        for (LoadedPackage one : List.copyOf(registry.packages())) {
            if (!registry.isIn(heap, one)) {
                one.classes().forEach(classes::remove);
                registry.forgetPackage(one.number);
            }
        }
        mute = null;
        isOff = true;
        needsPowerUp = true;
    }

    /** Settle everything at the next reset, as after a power cut. */
    void requirePowerUp() {
        needsPowerUp = true;
    }
}
