package cardlab.jcardsim;

import com.licel.jcardsim.base.SimulatorRuntime;
import com.licel.jcardsim.base.SimulatorSystem;
import com.licel.jcardsim.bouncycastle.crypto.CryptoServicesRegistrar;
import com.licel.jcardsim.crypto.SecureRandomNullProvider;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.APDUException;
import javacard.framework.ApduPort;
import javacard.framework.AppletEvent;
import javacard.framework.ISOException;
import javacard.framework.Shareable;
import javacard.framework.SystemException;
import javacard.framework.TransactionException;
import org.globalplatform.Application;
import org.globalplatform.Personalization;

/**
 * One card's Java Card runtime environment (JCRE 3.0.4) around jCardSim's API classes: its own card loop, transactions,
 * class loading, memory and randomness.
 *
 * <p>jCardSim finds the runtime of a thread in a ThreadLocal, so cards in different threads do not meet; calls to one card
 * are made one after the other.
 */
public final class CardRuntime extends SimulatorRuntime implements RandomOwner {
    private static final int SW_OK = 0x9000;
    private static final int SW_WRONG_LENGTH = 0x6700;
    private static final int SW_CONDITIONS = 0x6985;
    private static final int SW_SELECT_FAILED = 0x6999;
    private static final int SW_UNKNOWN = 0x6F00;
    private static final int PERSONALIZATION_OUTPUT = 256;

    static {
        // What Bouncy Castle draws without being given a source (PKCS #1 and OAEP padding) comes from the card too.
        CryptoServicesRegistrar.setSecureRandom(SecureRandomNullProvider.ofWhatShows());
    }

    private final Limits limits;
    private final Choices choices;
    private final TransientStore transients;
    private final CardContents contents;
    private final PowerSwitch power = new PowerSwitch();
    private final APDU apdu;
    private Services services;
    private Drbg random;
    private Instance selected;
    private Instance active;
    private Transaction transaction;
    private Installation installation;
    private boolean deletionRequested;
    private Throwable unknown;
    private RuntimeException serviceFailure;
    private Observer observer;
    private int observed;

    /** A fresh card; {@code seed} has at least 32 bytes and decides everything random on it. */
    public CardRuntime(byte[] seed, Limits limits, Choices choices, Services services) {
        this(new TransientStore(limits), new Drbg(seed), limits, choices, services);
    }

    private CardRuntime(TransientStore transients, Drbg random, Limits limits, Choices choices, Services services) {
        super(transients);
        this.transients = transients;
        this.random = random;
        this.limits = limits;
        this.choices = choices;
        this.services = services;
        contents = new CardContents(transients, limits);
        apdu = shortAPDU;
        ApduPort.configure(apdu, choices.apduBuffer(), choices.dataWithoutLe());
        changeProtocol(APDU.PROTOCOL_T1);
        transients.setContext(this::contextAid);
    }

    /** The card whose applet runs on this thread. */
    public static CardRuntime current() {
        return (CardRuntime) SimulatorSystem.instance();
    }

    @Override
    public Drbg random() {
        return random;
    }

    // Packages and instances

    /** Define a package's classes, whose code takes codeSize bytes; returns all the persistent bytes that it takes. */
    public synchronized int load(byte[] aid, int major, int minor, byte[][] moduleAids, String[] moduleClasses,
            String[] classNames, byte[][] classFiles, int codeSize) throws Refusal {
        enter();
        contents.requireNew(aid);
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 0; i < classNames.length; i++) {
            files.put(classNames[i], classFiles[i]);
        }
        Map<ByteBuffer, String> modules = new LinkedHashMap<>();
        for (int i = 0; i < moduleAids.length; i++) {
            modules.put(CardContents.key(moduleAids[i]), moduleClasses[i]);
        }
        LoadedPackage loaded = contents.define(aid, major, minor, codeSize, modules, files, contents.packages());
        contents.addWithinQuota(loaded);
        return loaded.memory();
    }

    /** Forget a package without instances. */
    public synchronized void unload(byte[] aid) throws Refusal {
        enter();
        contents.unload(aid);
    }

    /** Applet installation (JCRE 3.1); returns the persistent bytes that the instance takes. */
    public synchronized int install(byte[] packageAid, byte[] moduleAid, byte[] instanceAid, byte[] parameters)
            throws Refusal {
        begin();
        if (contents.has(instanceAid)) {
            throw new Refusal(SW_CONDITIONS, "an instance with this AID is installed");
        }
        installation = new Installation(instanceAid, contents.packageOf(packageAid), moduleAid, choices,
                this::registered);
        Transaction before = contents.snapshot();
        registrationCallback.set(installation::register);
        try {
            installation.run(parameters);
            if (transaction != null || power.isOff()) {
                throw new Refusal(SW_CONDITIONS, "install() returned with a transaction in progress");
            }
            contents.requireWithinQuota();
        } catch (Refusal refusal) {
            transaction = null;
            power.forgetCut();
            contents.remove(instanceAid);
            before.undo(transients);
            throw refusal;
        } finally {
            registrationCallback.remove();
            installation = null;
            leave();
            finish();
        }
        return contents.memoryOf(contents.instance(instanceAid));
    }

    /** From register() on, the applet is known, and JCSystem.getAID() tells its AID. */
    private void registered(Instance made) {
        contents.add(made);
        active = made;
    }

    /** Applet deletion (JCRE 11.3.4): refused while another instance refers to this one. */
    public synchronized void delete(byte[] instanceAid) throws Refusal {
        begin();
        Instance instance = contents.instance(instanceAid);
        if (contents.isReferredTo(instance)) {
            throw new Refusal(SW_CONDITIONS, "another instance or a static field refers to this instance");
        }
        if (selected == instance) {
            deselectCurrent(null);
        }
        if (instance.applet instanceof AppletEvent listener) {
            active = instance;
            try {
                listener.uninstall();
            } catch (Throwable ignored) {
                // An exception of uninstall() does not keep the applet (AppletEvent.uninstall)
            }
            leave();
        }
        contents.remove(instanceAid);
        transients.forgetOwnedBy(instanceAid);
        finish();
    }

    // The card loop

    /** Applet selection (JCRE 4.5): deselect the current applet, ask this one, let it process the SELECT. */
    public synchronized byte[] select(byte[] instanceAid, byte[] command) throws Refusal {
        begin();
        Instance next = contents.instance(instanceAid);
        if (!accepts(next, command)) {
            return status(SW_WRONG_LENGTH);
        }
        deselectCurrent(command);
        accepts(next, command); // once more: the applet before may have written into the buffer
        selected = next;
        active = next;
        selecting = true;
        if (listens(Observer.SELECTION)) {
            tell(Observer.SELECTION, "selected", 0);
        }
        boolean willing;
        try {
            willing = next.applet.select();
        } catch (Throwable refused) {
            willing = false;
            unexpected(refused);
        }
        endTransaction();
        if (willing && !power.isOff()) {
            return run(next);
        }
        selected = null;
        leave();
        transients.clearAtDeselect();
        finish();
        return status(SW_SELECT_FAILED);
    }

    /** Deselect the current applet because {@code command} selects something that is none. */
    public synchronized void deselect(byte[] command) {
        begin();
        deselectCurrent(command);
        ApduPort.clear(apdu);
        finish();
    }

    private void deselectCurrent(byte[] command) {
        Instance previous = selected;
        selected = null;
        if (previous == null) {
            return;
        }
        if (command == null || !choices.selectInDeselect() || !ApduPort.load(apdu, command)) {
            ApduPort.clear(apdu);
        }
        active = previous;
        if (listens(Observer.SELECTION)) {
            tell(Observer.SELECTION, "deselected", 0);
        }
        try {
            previous.applet.deselect();
        } catch (Throwable thrown) {
            thrown(thrown); // and the applet is deselected all the same (JCRE 4.6)
        }
        leave();
        services.deselected();
        transients.clearAtDeselect();
    }

    /** Let the selected applet process a command; answers 6999 when there is none and 6700 when it is malformed. */
    public synchronized byte[] process(byte[] command) {
        begin();
        Instance current = selected;
        if (current == null) {
            return status(SW_SELECT_FAILED);
        }
        if (!accepts(current, command)) {
            return status(SW_WRONG_LENGTH);
        }
        active = current;
        return run(current);
    }

    private boolean accepts(Instance instance, byte[] command) {
        if (!ApduPort.load(apdu, command)) {
            return false;
        }
        ApduPort.setExtendedApplet(apdu, instance.extendedLength);
        return instance.extendedLength || !ApduPort.isExtended(apdu);
    }

    private byte[] run(Instance instance) {
        return answer(() -> instance.applet.process(apdu), true);
    }

    /** Pass data to an applet that need not be selected (GlobalPlatform Card Specification 2.3.1, 7.3.3). */
    public synchronized byte[] processData(byte[] instanceAid, byte[] data) throws Refusal {
        begin();
        Instance instance = contents.instance(instanceAid);
        if (!(instance.applet instanceof Personalization || instance.applet instanceof Application)) {
            throw new Refusal(SW_CONDITIONS, "the applet takes no personalization data");
        }
        active = instance;
        byte[] input = personalizationInput(data);
        short length = (short) data.length;
        if (instance.applet instanceof Personalization receiver) {
            return answer(() -> responseBufferSize =
                    receiver.processData(input, (short) 0, length, responseBuffer, (short) 0), false);
        }
        return answer(() -> ((Application) instance.applet).processData(input, (short) 0, length), false);
    }

    /** The APDU buffer when the data fit. */
    private byte[] personalizationInput(byte[] data) {
        if (data.length > apdu.getBuffer().length) {
            return data;
        }
        ApduPort.loadRaw(apdu, data);
        return apdu.getBuffer();
    }

    /** Let the active applet do something, and answer with what comes of it; as many bytes as Le says, if it counts. */
    private byte[] answer(Runnable work, boolean limitedByLe) {
        int sw = SW_OK;
        responseBufferSize = 0;
        try {
            work.run();
        } catch (ISOException named) {
            sw = named.getReason() & 0xFFFF;
            thrown(named);
        } catch (Throwable other) {
            sw = SW_UNKNOWN;
            unexpected(other);
        }
        leave();
        finish();
        return response(sw, limitedByLe ? ApduPort.expectedLength(apdu) : PERSONALIZATION_OUTPUT);
    }

    /** Data go out with success and warnings only (ISO/IEC 7816-3:2006, 12.1.1), and never more than expected. */
    private byte[] response(int sw, int expected) {
        int sw1 = sw >> 8;
        boolean withData = sw1 >= 0x90 && sw1 <= 0x9F || sw1 >= 0x61 && sw1 <= 0x63;
        int length = withData ? Math.min(responseBufferSize, expected) : 0;
        byte[] response = Arrays.copyOf(responseBuffer, length + 2);
        response[length] = (byte) sw1;
        response[length + 1] = (byte) sw;
        if (responseBufferSize != 0) {
            Arrays.fill(responseBuffer, 0, responseBufferSize, (byte) 0);
            responseBufferSize = 0;
        }
        return response;
    }

    private static byte[] status(int sw) {
        return new byte[] {(byte) (sw >> 8), (byte) sw};
    }

    /** Reset or power up with this protocol and media byte (JCRE 3.6). */
    public synchronized void reset(int protocol) {
        activateSimulatorRuntimeInstance();
        power.restore();
        selected = null;
        active = null;
        transients.clearAtReset();
        ApduPort.clear(apdu);
        changeProtocol((byte) protocol);
        Engines.resetAll(contents.heap().objects());
    }

    /** The beginning of a call from outside that lets applets run. */
    private void begin() {
        enter();
        power.beginCall();
    }

    /** The beginning of a call from outside. */
    private void enter() {
        power.requireOn();
        activateSimulatorRuntimeInstance();
        unknown = null;
    }

    /** Back in the runtime environment: no context, no selection in progress, no transaction (JCRE 7.5). */
    private void leave() {
        selecting = false;
        active = null;
        endTransaction();
        if (power.isOff()) {
            power.undoAfterCut(transients);
            selected = null;
            serviceFailure = null;
            responseBufferSize = 0;
            ApduPort.clear(apdu);
            throw new CardTorn();
        }
    }

    private void endTransaction() {
        if (transaction != null) {
            transaction.undo(transients);
            transaction = null;
        }
    }

    /** The end of a call from outside. */
    private void finish() {
        power.cutAt(0);
        if (deletionRequested) {
            deletionRequested = false;
            transients.forgetUnreachable(contents.heap());
        }
        if (serviceFailure != null) {
            RuntimeException failure = serviceFailure;
            serviceFailure = null;
            throw failure;
        }
    }

    /** Cut the power at the n-th opportunity (from 1) of the next call; 0 leaves it on. */
    public synchronized void cutPowerAt(int opportunity) {
        power.cutAt(opportunity);
    }

    /** Opportunities to cut the power that the last call offered. */
    public synchronized int powerCutOpportunities() {
        return power.opportunities();
    }

    /** An opportunity to cut the power: see docs/reference/runtime.md, Transactions and tears. */
    public void powerMayFail() {
        if (listens(Observer.PERSISTENT_WRITE)) {
            tell(Observer.PERSISTENT_WRITE, "persistent memory changes", power.opportunities() + 1);
        }
        power.mayFail(() -> transaction == null ? contents.snapshot() : null);
    }

    /** The same, if the array is persistent and changes at once. */
    public void powerMayFailAt(byte[] array) {
        if (mayBeTornAt(array)) {
            powerMayFail();
        }
    }

    /** Whether a cut is due that could leave this array half changed: it is persistent, and no transaction protects it. */
    public boolean mayBeTornAt(byte[] array) {
        return power.isDue() && transaction == null && !transients.holds(array) && !ApduPort.owns(apdu, array);
    }

    // Transactions (JCRE 7)

    @Override
    public void beginTransaction() {
        if (transaction != null) {
            TransactionException.throwIt(TransactionException.IN_PROGRESS);
        }
        powerMayFail();
        transaction = contents.snapshot();
    }

    @Override
    public void commitTransaction() {
        requireTransaction();
        if (transaction.changedBytes() > limits.commit()) {
            TransactionException.throwIt(TransactionException.BUFFER_FULL);
        }
        powerMayFail();
        transaction = null;
        powerMayFail();
    }

    @Override
    public void abortTransaction() {
        requireTransaction();
        endTransaction();
    }

    private void requireTransaction() {
        if (transaction == null) {
            TransactionException.throwIt(TransactionException.NOT_IN_PROGRESS);
        }
    }

    @Override
    public byte getTransactionDepth() {
        return (byte) (transaction == null ? 0 : 1);
    }

    @Override
    public short getMaxCommitCapacity() {
        return atMostShort(limits.commit());
    }

    @Override
    public short getUnusedCommitCapacity() {
        return atMostShort(limits.commit() - (transaction == null ? 0 : transaction.changedBytes()));
    }

    /**
     * The present content of this array stays, whatever becomes of the transaction; if the transaction changed it before,
     * {@code change} is counted in what it goes back to. Tells whether that was done.
     */
    public boolean persistDespiteTransaction(byte[] array, int change) {
        return transaction != null && !power.isOff() && transaction.keep(array, change);
    }

    /** The array is about to change as part of the transaction, if there is one. */
    public void changedInTransaction(byte[] array) {
        if (transaction != null) {
            transaction.own(array);
        }
    }

    /** The array now counts something that is the transaction's own. */
    public void renewedInTransaction(byte[] array) {
        if (transaction != null) {
            transaction.renew(array);
        }
    }

    // What jCardSim's API classes ask

    @Override
    public short getAvailablePersistentMemory() {
        return atMostShort(contents.freeMemory());
    }

    @Override
    public short getAvailableTransientResetMemory() {
        return atMostShort(transients.availableUntilReset());
    }

    @Override
    public short getAvailableTransientDeselectMemory() {
        return atMostShort(transients.availableUntilDeselect());
    }

    private static short atMostShort(int value) {
        return (short) Math.max(0, Math.min(value, Short.MAX_VALUE));
    }

    @Override
    public boolean isObjectDeletionSupported() {
        return choices.objectDeletion();
    }

    @Override
    public void requestObjectDeletion() {
        if (!choices.objectDeletion()) {
            SystemException.throwIt(SystemException.ILLEGAL_USE);
        }
        deletionRequested = true;
    }

    @Override
    public AID getAID() {
        return active == null ? null : active.aid;
    }

    @Override
    public AID getPreviousContextAID() {
        return null;
    }

    @Override
    public AID lookupAID(byte[] buffer, short offset, byte length) {
        for (Instance instance : contents.instances()) {
            if (instance.aid.equals(buffer, offset, length)) {
                return instance.aid;
            }
        }
        return null;
    }

    @Override
    public boolean isAppletSelecting(Object applet) {
        return selecting && active != null && active.applet == applet;
    }

    @Override
    public Shareable getSharedObject(AID serverAid, byte parameter) {
        Instance server = contents.named(serverAid);
        return server == null ? null : server.applet.getShareableInterfaceObject(getAID(), parameter);
    }

    @Override
    public void sendAPDU(byte[] buffer, short offset, short length) {
        if (responseBufferSize + length > Short.MAX_VALUE) {
            APDUException.throwIt(APDUException.IO_ERROR);
        }
        System.arraycopy(buffer, offset, responseBuffer, responseBufferSize, length);
        responseBufferSize += length;
    }

    // What the GlobalPlatform API asks

    /** The AID of the running instance, or of the one being installed; empty outside of both. */
    byte[] contextAid() {
        if (active != null) {
            return active.aidBytes;
        }
        return installation == null ? new byte[0] : installation.aid();
    }

    /** One call to the card manager; an exception of the card manager itself ends the applet and comes out of the call. */
    byte[] callServices(int service, byte[] argument) {
        try {
            return services.call(contextAid(), service, argument);
        } catch (RuntimeException failure) {
            serviceFailure = failure;
            throw failure;
        }
    }

    // What an observer is told

    /** Tell the events whose bits (1 &lt;&lt; kind) are set, from the next call on; null: nobody. */
    public synchronized void observe(Observer listener, int kinds) {
        observer = listener;
        observed = listener == null ? 0 : kinds;
    }

    private boolean listens(int kind) {
        return observed != 0 && (observed & 1 << kind) != 0;
    }

    /** An exception of the observer comes out of the call when that is over. */
    private void tell(int kind, String what, int number) {
        try {
            observer.event(kind, contextAid(), what, number);
        } catch (RuntimeException failure) {
            serviceFailure = failure;
        }
    }

    private void thrown(Throwable exception) {
        if (listens(Observer.EXCEPTION) && !(exception instanceof PowerCut) && serviceFailure == null) {
            tell(Observer.EXCEPTION, exception.toString(), 0);
        }
    }

    /** An exception that the API has no status word for. */
    private void unexpected(Throwable exception) {
        unknown = exception;
        thrown(exception);
    }

    // What an inspector looks at

    /** Every object that applets and static fields lead to. */
    synchronized List<Object> objects() {
        return contents.heap().objects();
    }

    /** The applet object of an instance, of the selected one when the AID is empty; null when there is none. */
    synchronized Object appletOf(byte[] instanceAid) {
        Instance found = instanceAid.length == 0 ? selected : contents.find(instanceAid);
        return found == null ? null : found.applet;
    }

    /** Ask objects of the API something, as if on this card. */
    synchronized <T> T inside(Supplier<T> question) {
        activateSimulatorRuntimeInstance();
        return question.get();
    }

    /** Whether an object is a transient array. */
    synchronized boolean isTransient(Object object) {
        return transients.holds(object);
    }

    /** The buffers for commands and answers, by name. */
    synchronized Map<String, byte[]> buffers() {
        Map<String, byte[]> buffers = new LinkedHashMap<>();
        buffers.put("APDU buffer", apdu.getBuffer().clone());
        buffers.put("response buffer", responseBuffer.clone());
        return buffers;
    }

    // What the card manager asks

    /** Persistent bytes that an instance takes now. */
    public synchronized int usedMemory(byte[] instanceAid) throws Refusal {
        return contents.memoryOf(contents.instance(instanceAid));
    }

    /** The whole card as bytes; what is transient is not in them. */
    public synchronized byte[] save() {
        enter();
        return new ImageWriter(transients).write(random, contents);
    }

    /** Become the card that save() described; this one must be fresh. Changes nothing when it throws. */
    public synchronized void restore(byte[] image) throws DamagedImage {
        enter();
        if (!contents.isEmpty()) {
            throw new IllegalStateException("only a fresh runtime can be restored");
        }
        ImageReader reader = new ImageReader(image, contents);
        try {
            reader.read();
        } finally {
            // Those that the classes made when they were initialized; the saved ones follow.
            transients.forgetSince(0);
        }
        reader.packages().forEach(contents::add);
        reader.instances().forEach(contents::add);
        reader.transients().forEach(transients::adopt);
        random = reader.random();
    }

    /** What made the last command answer 6F00 or 6999, or null. */
    public synchronized Throwable unknownCause() {
        return unknown;
    }

    /** Let go of everything. */
    public synchronized void close() {
        selected = null;
        active = null;
        unknown = null;
        services = null;
        contents.clear();
    }
}
