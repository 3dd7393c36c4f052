package jpki.simulator;

import com.licel.jcardsim.base.SimulatorRuntime;
import com.licel.jcardsim.base.SimulatorSystem;
import com.licel.jcardsim.bouncycastle.crypto.CryptoServicesRegistrar;
import com.licel.jcardsim.crypto.SecureRandomNullProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.APDUException;
import javacard.framework.ApduPort;
import javacard.framework.Applet;
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
public final class CardRuntime extends SimulatorRuntime {
    private static final int SW_OK = 0x9000;
    private static final int SW_WRONG_LENGTH = 0x6700;
    private static final int SW_CONDITIONS = 0x6985;
    private static final int SW_SELECT_FAILED = 0x6999;
    private static final int SW_WRONG_DATA = 0x6A80;
    private static final int SW_NOT_FOUND = 0x6A82;
    private static final int SW_MEMORY = 0x6A84;
    private static final int SW_REFERENCE = 0x6A88;
    private static final int SW_UNKNOWN = 0x6F00;
    private static final int MAX_INSTALL_DATA = 127;
    /** The data do not start at 0 in the array that install() gets, as they do not on a card. */
    private static final int INSTALL_OFFSET = 5;
    private static final int PERSONALIZATION_OUTPUT = 256;

    static {
        // What Bouncy Castle draws without being given a source (PKCS #1 and OAEP padding) comes from the card too.
        CryptoServicesRegistrar.setSecureRandom(new SecureRandomNullProvider());
    }

    private final Limits limits;
    private final TransientStore transients;
    private final APDU apdu;
    private final Map<ByteBuffer, LoadedPackage> packages = new LinkedHashMap<>();
    private final Map<ByteBuffer, Instance> instances = new LinkedHashMap<>();
    private Services services;
    private Drbg random;
    private Instance selected;
    private Instance active;
    private Transaction transaction;
    /** The instance that install() makes: its AID from the start, its object once it has called register(). */
    private Installation installation;
    private boolean deletionRequested;
    private int cutAt;
    private int boundaries;
    private boolean torn;
    private Transaction stateAtCut;
    private Throwable unknown;
    private RuntimeException serviceFailure;

    /** A fresh card; {@code seed} has at least 32 bytes and decides everything random on it. */
    public CardRuntime(byte[] seed, Limits limits, Services services) {
        this(new TransientStore(limits), new Drbg(seed), limits, services);
    }

    private CardRuntime(TransientStore transients, Drbg random, Limits limits, Services services) {
        super(transients);
        this.transients = transients;
        this.random = random;
        this.limits = limits;
        this.services = services;
        apdu = shortAPDU;
        currentProtocol = APDU.PROTOCOL_T1;
        changeProtocol(currentProtocol);
        transients.setContext(this::contextAid);
    }

    /** The card whose applet runs on this thread. */
    public static CardRuntime current() {
        return (CardRuntime) SimulatorSystem.instance();
    }

    public Drbg random() {
        return random;
    }

    // Packages

    /** Define a package's classes; returns the persistent bytes that it takes. */
    public synchronized int load(byte[] aid, int major, int minor, byte[][] moduleAids, String[] moduleClasses,
            String[] classNames, byte[][] classFiles, boolean rom) throws Refusal {
        enter();
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 0; i < classNames.length; i++) {
            files.put(classNames[i], classFiles[i]);
        }
        Map<ByteBuffer, String> modules = new LinkedHashMap<>();
        for (int i = 0; i < moduleAids.length; i++) {
            modules.put(key(moduleAids[i]), moduleClasses[i]);
        }
        if (packages.containsKey(key(aid))) {
            throw new Refusal(SW_CONDITIONS, "a package with this AID is loaded");
        }
        LoadedPackage loaded = define(aid, major, minor, rom, modules, files, packages.values());
        packages.put(key(aid), loaded);
        if (usedMemory() > limits.persistent()) {
            packages.remove(key(aid));
            throw new Refusal(SW_MEMORY, "the package does not fit into persistent memory");
        }
        return MemoryModel.code(loaded.code()) + loaded.staticMemory();
    }

    static LoadedPackage define(byte[] aid, int major, int minor, boolean rom, Map<ByteBuffer, String> modules,
            Map<String, byte[]> files, Collection<LoadedPackage> before) throws Refusal {
        List<PackageCode> imports = new ArrayList<>();
        for (LoadedPackage one : before) {
            imports.add(one.code());
        }
        PackageCode code = PackageCode.define(files, imports);
        for (String name : modules.values()) {
            Class<?> type = code.find(name);
            if (type == null || !Applet.class.isAssignableFrom(type)) {
                throw new Refusal(SW_WRONG_DATA, name + " is not an applet class of this package");
            }
        }
        return new LoadedPackage(aid, major, minor, rom, modules, code, current().staticMemory(code));
    }

    /** Forget a package without instances. */
    public synchronized void unload(byte[] aid) throws Refusal {
        enter();
        LoadedPackage loaded = packages.get(key(aid));
        if (loaded == null) {
            throw new Refusal(SW_REFERENCE, "no such package");
        }
        for (Instance instance : instances.values()) {
            if (instance.from == loaded) {
                throw new Refusal(SW_CONDITIONS, "the package has instances");
            }
        }
        packages.remove(key(aid));
    }

    // Instances

    /** Applet installation (JCRE 3.1); returns the persistent bytes that the instance takes. */
    public synchronized int install(byte[] packageAid, byte[] moduleAid, byte[] instanceAid, byte[] parameters)
            throws Refusal {
        enter();
        LoadedPackage from = packages.get(key(packageAid));
        if (from == null || !from.modules().containsKey(key(moduleAid))) {
            throw new Refusal(SW_REFERENCE, from == null ? "no such package" : "no such module in the package");
        }
        if (instanceAid.length < 5 || instanceAid.length > 16 || parameters.length > MAX_INSTALL_DATA) {
            throw new Refusal(SW_WRONG_DATA, "an AID has 5 to 16 bytes, install data at most 127");
        }
        if (instances.containsKey(key(instanceAid))) {
            throw new Refusal(SW_CONDITIONS, "an instance with this AID is installed");
        }
        Transaction before = snapshot();
        installation = new Installation(instanceAid, from, moduleAid);
        try {
            callInstall(parameters);
            Instance made = installation.registered;
            if (transaction != null || made == null) {
                throw new Refusal(SW_CONDITIONS, made == null ? "install() did not call register()"
                        : "install() returned with a transaction in progress");
            }
            if (usedMemory() > limits.persistent()) {
                throw new Refusal(SW_MEMORY, "the instance does not fit into persistent memory");
            }
        } catch (Refusal refusal) {
            transaction = null;
            stateAtCut = null;
            instances.remove(key(instanceAid));
            before.undo(transients);
            throw refusal;
        } finally {
            installation = null;
            leave();
            finish();
        }
        return memoryOf(instances.get(key(instanceAid)));
    }

    private void callInstall(byte[] parameters) throws Refusal {
        byte[] array = new byte[INSTALL_OFFSET + parameters.length];
        System.arraycopy(parameters, 0, array, INSTALL_OFFSET, parameters.length);
        String name = installation.from.modules().get(key(installation.moduleAid));
        registrationCallback.set(installation::register);
        try {
            Method install = installation.from.code().find(name)
                    .getMethod("install", byte[].class, short.class, byte.class);
            // The class need not be public, as it need not be on a card.
            install.setAccessible(true);
            install.invoke(null, array, (short) INSTALL_OFFSET, (byte) parameters.length);
        } catch (InvocationTargetException thrown) {
            throw refusalFor(thrown.getCause());
        } catch (ReflectiveOperationException error) {
            throw new Refusal(SW_CONDITIONS, name + " has no install method", error);
        } finally {
            registrationCallback.remove();
            Arrays.fill(array, (byte) 0);
        }
        if (torn) {
            throw new Refusal(SW_UNKNOWN, "the power was cut");
        }
    }

    /**
     * The status word for a failed install(): the applet's own when it names an error, 6A84 when memory was short, else
     * 6985 (GlobalPlatform Card Specification 2.3.1, Table 11-43 and 11.1.3).
     */
    private static Refusal refusalFor(Throwable thrown) {
        if (thrown instanceof ISOException named) {
            int sw = named.getReason() & 0xFFFF;
            boolean error = sw >= 0x6400 && sw <= 0x6FFF;
            return new Refusal(error ? sw : SW_CONDITIONS, String.format("install() threw ISOException %04X", sw), thrown);
        }
        if (thrown instanceof OutOfMemoryError || thrown instanceof SystemException full
                && (full.getReason() == SystemException.NO_RESOURCE
                || full.getReason() == SystemException.NO_TRANSIENT_SPACE)) {
            return new Refusal(SW_MEMORY, "install() found no memory", thrown);
        }
        return new Refusal(SW_CONDITIONS, "install() threw " + thrown, thrown);
    }

    /** The instance that is being installed. */
    private final class Installation {
        final byte[] aid;
        final LoadedPackage from;
        final byte[] moduleAid;
        Instance registered;

        Installation(byte[] aid, LoadedPackage from, byte[] moduleAid) {
            this.aid = aid;
            this.from = from;
            this.moduleAid = moduleAid;
        }

        /** Applet.register(): once, and with the AID that the card manager asked for. */
        void register(Applet applet, AID wanted) {
            AID own = new AID(aid, (short) 0, (byte) aid.length);
            boolean fits = wanted == null ? Arrays.equals(moduleAid, aid) : wanted.equals(own);
            if (registered != null || !fits) {
                SystemException.throwIt(SystemException.ILLEGAL_AID);
            }
            registered = new Instance(aid, own, from, moduleAid, applet);
            instances.put(key(aid), registered);
            active = registered;
        }
    }

    /** Applet deletion (JCRE 11.3.4): refused while another instance refers to this one. */
    public synchronized void delete(byte[] instanceAid) throws Refusal {
        enter();
        Instance instance = find(instanceAid);
        if (isReferredToByOthers(instance)) {
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
        instances.remove(key(instanceAid));
        transients.forgetOwnedBy(instanceAid);
        finish();
    }

    private boolean isReferredToByOthers(Instance instance) {
        Heap others = new Heap();
        for (Instance one : instances.values()) {
            if (one != instance) {
                others.add(one.applet);
            }
        }
        for (LoadedPackage loaded : packages.values()) {
            others.addStatics(loaded.code());
        }
        others.follow();
        return others.knows(instance.applet);
    }

    // The card loop

    /** Applet selection (JCRE 4.5): deselect the current applet, ask this one, let it process the SELECT. */
    public synchronized byte[] select(byte[] instanceAid, byte[] command) throws Refusal {
        enter();
        Instance next = find(instanceAid);
        if (!accepts(next, command)) {
            return status(SW_WRONG_LENGTH);
        }
        deselectCurrent(command);
        accepts(next, command);
        selected = next;
        active = next;
        selecting = true;
        boolean willing;
        try {
            willing = next.applet.select();
        } catch (Throwable refused) {
            willing = false;
            unknown = refused;
        }
        endTransaction();
        if (willing && !torn) {
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
        enter();
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
        if (command != null && !ApduPort.load(apdu, command)) {
            ApduPort.clear(apdu);
        }
        active = previous;
        try {
            previous.applet.deselect();
        } catch (Throwable ignored) {
            // Whatever deselect() throws, the applet is deselected (JCRE 4.6)
        }
        leave();
        transients.clearAtDeselect();
    }

    /** Let the selected applet process a command; answers 6999 when there is none and 6700 when it is malformed. */
    public synchronized byte[] process(byte[] command) {
        enter();
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
        int sw = SW_OK;
        responseBufferSize = 0;
        try {
            instance.applet.process(apdu);
        } catch (ISOException named) {
            sw = named.getReason() & 0xFFFF;
        } catch (Throwable other) {
            sw = SW_UNKNOWN;
            unknown = other;
        }
        leave();
        finish();
        return response(sw, ApduPort.expectedLength(apdu));
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

    /** Pass data to an applet that need not be selected (GlobalPlatform Card Specification 2.3.1, 7.3.3). */
    public synchronized byte[] processData(byte[] instanceAid, byte[] data) throws Refusal {
        enter();
        Instance instance = find(instanceAid);
        if (!(instance.applet instanceof Personalization || instance.applet instanceof Application)) {
            throw new Refusal(SW_CONDITIONS, "the applet takes no personalization data");
        }
        byte[] input = data;
        if (data.length <= apdu.getBuffer().length) {
            ApduPort.loadRaw(apdu, data);
            input = apdu.getBuffer();
        }
        responseBufferSize = 0;
        active = instance;
        int sw = SW_OK;
        try {
            if (instance.applet instanceof Personalization receiver) {
                responseBufferSize = receiver.processData(input, (short) 0, (short) data.length, responseBuffer, (short) 0);
            } else {
                ((Application) instance.applet).processData(input, (short) 0, (short) data.length);
            }
        } catch (ISOException named) {
            sw = named.getReason() & 0xFFFF;
        } catch (Throwable other) {
            sw = SW_UNKNOWN;
            unknown = other;
        }
        leave();
        finish();
        return response(sw, PERSONALIZATION_OUTPUT);
    }

    /** Reset or power up with this protocol and media byte (JCRE 3.6). */
    public synchronized void reset(int protocol) {
        activateSimulatorRuntimeInstance();
        torn = false;
        stateAtCut = null;
        cutAt = 0;
        boundaries = 0;
        selected = null;
        active = null;
        transients.clearAtReset();
        ApduPort.clear(apdu);
        changeProtocol((byte) protocol);
        Engines.resetAll(heap().objects());
    }

    private void enter() {
        if (torn) {
            throw new CardTorn();
        }
        activateSimulatorRuntimeInstance();
        unknown = null;
    }

    /** Back in the runtime environment: no context, no selection in progress, no transaction (JCRE 7.5). */
    private void leave() {
        selecting = false;
        active = null;
        endTransaction();
        if (torn) {
            tear();
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
        cutAt = 0;
        boundaries = 0;
        if (deletionRequested) {
            deletionRequested = false;
            transients.forgetUnreachable(heap());
        }
        if (serviceFailure != null) {
            RuntimeException failure = serviceFailure;
            serviceFailure = null;
            throw failure;
        }
    }

    /** What the applet did after the cut, in its finally blocks, did not happen. */
    private void tear() {
        if (stateAtCut != null) {
            stateAtCut.undo(transients);
            stateAtCut = null;
        }
        selected = null;
        serviceFailure = null;
        responseBufferSize = 0;
        ApduPort.clear(apdu);
        throw new CardTorn();
    }

    // Cutting the power

    /** Cut the power at the n-th opportunity (from 1) of the next call; 0 leaves it on. */
    public synchronized void cutPowerAt(int opportunity) {
        cutAt = opportunity;
        boundaries = 0;
    }

    /** A moment at which the power can be cut: before begin, before and after commit, after a PIN try was counted. */
    public void powerMayFail() {
        if (torn) {
            throw new PowerCut();
        }
        if (cutAt != 0 && ++boundaries == cutAt) {
            torn = true;
            // An open transaction already knows the way back.
            stateAtCut = transaction == null ? snapshot() : null;
            throw new PowerCut();
        }
    }

    // Transactions (JCRE 7)

    @Override
    public void beginTransaction() {
        if (transaction != null) {
            TransactionException.throwIt(TransactionException.IN_PROGRESS);
        }
        powerMayFail();
        transaction = snapshot();
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

    /** The present content of this array stays, whatever becomes of the transaction. */
    public void persistDespiteTransaction(byte[] array) {
        if (transaction != null && !torn) {
            transaction.keep(array);
        }
    }

    /** The array is about to change as part of the transaction, if there is one. */
    public void changedInTransaction(byte[] array) {
        if (transaction != null) {
            transaction.own(array);
        }
    }

    private Transaction snapshot() {
        return new Transaction(heap(), codes(), transients);
    }

    private List<PackageCode> codes() {
        List<PackageCode> codes = new ArrayList<>(packages.size());
        for (LoadedPackage loaded : packages.values()) {
            codes.add(loaded.code());
        }
        return codes;
    }

    private Heap heap() {
        Heap heap = new Heap();
        for (Instance instance : instances.values()) {
            heap.add(instance.applet);
        }
        for (LoadedPackage loaded : packages.values()) {
            heap.addStatics(loaded.code());
        }
        heap.follow();
        return heap;
    }

    // Memory

    /** Persistent bytes that an instance takes now. */
    public synchronized int usedMemory(byte[] instanceAid) throws Refusal {
        return memoryOf(find(instanceAid));
    }

    private int memoryOf(Instance wanted) {
        Heap heap = new Heap();
        for (Instance one : instances.values()) {
            heap.exclude(one.applet);
        }
        for (LoadedPackage loaded : packages.values()) {
            heap.addStatics(loaded.code());
        }
        heap.follow();
        for (Instance one : instances.values()) {
            int before = heap.objects().size();
            heap.include(one.applet);
            heap.follow();
            if (one == wanted) {
                List<Object> own = heap.objects().subList(before, heap.objects().size());
                return MemoryModel.instance() + MemoryModel.objects(own, transients) + staticGrowth(wanted);
            }
        }
        throw new IllegalStateException("the instance is not on this card");
    }

    /** What the static fields of a package lead to, short of applets. */
    private int staticMemory(PackageCode code) {
        Heap heap = new Heap();
        for (Instance one : instances.values()) {
            heap.exclude(one.applet);
        }
        heap.addStatics(code);
        heap.follow();
        return MemoryModel.objects(heap.objects(), transients);
    }

    /** What was put into static fields since the package was loaded is counted with its first instance. */
    private int staticGrowth(Instance instance) {
        for (Instance one : instances.values()) {
            if (one.from == instance.from) {
                return one == instance ? staticMemory(one.from.code()) - one.from.staticMemory() : 0;
            }
        }
        return 0;
    }

    private int usedMemory() {
        int used = MemoryModel.objects(heap().objects(), transients) + MemoryModel.instance() * instances.size();
        for (LoadedPackage loaded : packages.values()) {
            used += loaded.rom() ? 0 : MemoryModel.code(loaded.code());
        }
        return used;
    }

    @Override
    public short getAvailablePersistentMemory() {
        return atMostShort(limits.persistent() - usedMemory());
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
        return true;
    }

    @Override
    public void requestObjectDeletion() {
        deletionRequested = true;
    }

    // What jCardSim's API classes ask

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
        for (Instance instance : instances.values()) {
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
        for (Instance instance : instances.values()) {
            if (instance.aid.equals(serverAid)) {
                return instance.applet.getShareableInterfaceObject(getAID(), parameter);
            }
        }
        return null;
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
        return installation == null ? new byte[0] : installation.aid;
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

    // Saving

    /** The whole card as bytes; what is transient is not in them. */
    public synchronized byte[] save() throws Refusal {
        enter();
        return new ImageWriter(transients).write(random, packages.values(), instances.values());
    }

    /** Become the card that save() described; this one must be fresh. Changes nothing when it throws. */
    public synchronized void restore(byte[] image) throws DamagedImage {
        enter();
        if (!packages.isEmpty()) {
            throw new IllegalStateException("only a fresh runtime can be restored");
        }
        ImageReader reader = new ImageReader(image);
        try {
            reader.read();
        } finally {
            // Those that the classes made when they were initialized; the saved ones follow.
            transients.forgetSince(0);
        }
        for (LoadedPackage loaded : reader.packages()) {
            packages.put(key(loaded.aid()), loaded);
        }
        for (Instance instance : reader.instances()) {
            instances.put(key(instance.aidBytes), instance);
        }
        for (TransientStore.Entry entry : reader.transients()) {
            transients.adopt(entry);
        }
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
        instances.clear();
        packages.clear();
    }

    private Instance find(byte[] aid) throws Refusal {
        Instance instance = instances.get(key(aid));
        if (instance == null) {
            throw new Refusal(SW_NOT_FOUND, "no such instance");
        }
        return instance;
    }

    private static ByteBuffer key(byte[] aid) {
        return ByteBuffer.wrap(aid);
    }
}
