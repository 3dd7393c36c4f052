package cardlab.vm.jcre;

import cardlab.vm.interpreter.Trace;
import cardlab.vm.link.CardClass;
import cardlab.vm.link.Method;
import cardlab.vm.memory.Heap;
import cardlab.vm.natives.JavaCardException;

/** Selection and commands (JCRE 3.0.5, 3.2 to 3.4 and 4). */
public final class Commands {
    /** Bytes that Personalization.processData() can answer. */
    static final int OUTPUT_SIZE = 256;

    private static final int SW_OK = 0x9000;
    private static final int SW_WRONG_LENGTH = 0x6700;
    private static final int SW_CONDITIONS = 0x6985;
    private static final int SW_NO_INSTANCE = 0x6A82;
    private static final int SW_SELECT_FAILED = 0x6999;
    private static final int SW_UNKNOWN = 0x6F00;
    private static final String APPLET = "javacard/framework/Applet";
    private static final String MULTI = "javacard/framework/MultiSelectable";

    private final Jcre card;
    private final Heap heap;
    private final Apdu apdu;
    private final CardClass applet;
    private final int processToken;
    private final int selectToken;
    private final int deselectToken;
    private final CardClass extendedLength;

    public Commands(Jcre card) {
        this.card = card;
        heap = card.heap;
        apdu = card.apdu;
        applet = card.api.named(APPLET);
        processToken = applet.tokenOf("process(Ljavacard/framework/APDU;)V");
        selectToken = applet.tokenOf("select()Z");
        deselectToken = applet.tokenOf("deselect()V");
        extendedLength = card.api.named("javacardx/apdu/ExtendedLength");
    }

    /** Applet selection (JCRE 4.6): deselect the current applet, ask this one, let it process the SELECT. */
    public byte[] select(byte[] aid, byte[] command, int channel) throws Refusal {
        return card.command(() -> selectNow(aid, command, channel));
    }

    private byte[] selectNow(byte[] aid, byte[] command, int channel) throws Refusal {
        card.channel = channel;
        Instance next = card.registry.instanceWith(aid);
        if (next == null) {
            throw new Refusal(SW_NO_INSTANCE, "no such instance");
        }
        if (!accepts(next, command)) {
            return status(SW_WRONG_LENGTH);
        }
        boolean isShared = requireSelectable(next);
        int previous = card.selected[channel];
        deselectOn(channel, command);
        accepts(next, command);
        card.isReselecting = previous == next.number;
        return isSelected(next, isShared) ? run(next) : status(SW_SELECT_FAILED);
    }

    /** Select an applet on a channel that is opened, without a command for it (JCRE 4.5.1, MANAGE CHANNEL OPEN). */
    public byte[] open(byte[] aid, int channel) throws Refusal {
        return card.command(() -> {
            card.channel = channel;
            Instance next = card.registry.instanceWith(aid);
            if (next == null) {
                throw new Refusal(SW_NO_INSTANCE, "no such instance");
            }
            boolean isShared = requireSelectable(next);
            clearApdu();
            return status(isSelected(next, isShared) ? SW_OK : SW_SELECT_FAILED);
        });
    }

    /** Whether its package is active on another channel; refused when it cannot be on both (JCRE 4.2). */
    private boolean requireSelectable(Instance next) throws Refusal {
        boolean isShared = isContextActiveElsewhere(next);
        if (isShared && !allMultiSelectable(next)) {
            throw new Refusal(SW_CONDITIONS, "an applet of its package is active on another channel, and not both are MultiSelectable");
        }
        return isShared;
    }

    /** Ask it; it is selected from before its select() on. */
    private boolean isSelected(Instance next, boolean isShared) {
        card.selected[card.channel] = next.number;
        card.isSelecting = true;
        tellSelection(card.channel, next.aid, true);
        if (isWilling(next, isShared)) {
            return true;
        }
        card.selected[card.channel] = 0;
        clearDeselected(next);
        return false;
    }

    private boolean isContextActiveElsewhere(Instance next) {
        for (int other = 0; other < Jcre.CHANNELS; other++) {
            int active = card.selected[other];
            if (other != card.channel && active != 0 && card.registry.contextOf(active) == next.home.number) {
                return true;
            }
        }
        return false;
    }

    /** All applets of a package that are active must be multiselectable (JCRE 4.2). */
    private boolean allMultiSelectable(Instance next) {
        for (int active : card.selected) {
            if (active != 0 && card.registry.contextOf(active) == next.home.number && !card.isMultiSelectable(active)) {
                return false;
            }
        }
        return card.isMultiSelectable(next.number);
    }

    private boolean isWilling(Instance next, boolean isShared) {
        try {
            boolean willing = isShared
                    ? callInterface(next, MULTI, "select(Z)Z", isAppletActive(next) ? 1 : 0) != 0
                    : card.interpreter.call(type(next).virtual(applet, selectToken), next.number, "A", next.applet) != 0;
            card.endTransaction("select()");
            return willing;
        } catch (JavaCardException refused) {
            card.setUnknown(Explanation.of(card.interpreter, refused.reference()));
            card.endTransaction("select()");
            return false;
        }
    }

    private boolean isAppletActive(Instance next) {
        for (int other = 0; other < Jcre.CHANNELS; other++) {
            if (other != card.channel && card.selected[other] == next.number) {
                return true;
            }
        }
        return false;
    }

    private int callInterface(Instance one, String interfaceName, String method, int argument) {
        CardClass called = card.api.named(interfaceName);
        Method found = type(one).implementation(called, called.interfaceTokenOf(method));
        return card.interpreter.call(found, one.number, "AS", one.applet, argument);
    }

    private CardClass type(Instance one) {
        return card.classes.get(heap.classId(one.applet));
    }

    /** Deselect the current applet of a channel because {@code command} selects something that is none. */
    public void deselect(byte[] command, int channel) throws Refusal {
        card.command(() -> {
            card.channel = channel;
            deselectOn(channel, command);
            clearApdu();
            return null;
        });
    }

    void deselectEverywhere(Instance gone) {
        for (int channel = 0; channel < Jcre.CHANNELS; channel++) {
            if (card.selected[channel] == gone.number) {
                card.channel = channel;
                deselectOn(channel, null);
            }
        }
    }

    private void deselectOn(int channel, byte[] command) {
        Instance previous = card.registry.instance(card.selected[channel]);
        if (previous == null) {
            card.selected[channel] = 0;
            return;
        }
        if (command == null || !card.properties.showsSelectToDeselect() || !fill(command)) {
            clearApdu();
        }
        card.isDeselecting = true;
        try {
            if (isContextActiveElsewhere(previous)) {
                callInterface(previous, MULTI, "deselect(Z)V", isAppletActive(previous) ? 1 : 0);
            } else {
                card.interpreter.call(type(previous).virtual(applet, deselectToken), previous.number, "A", previous.applet);
            }
        } catch (JavaCardException ignored) {
            card.warnThrown("deselect()", ignored.reference(), "and the applet is deselected all the same (JCRE 3.0.5, 4.6)");
        }
        card.endTransaction("deselect()");
        card.isDeselecting = false;
        if (card.services != null) {
            card.services.deselected(previous.aid);
        }
        card.selected[channel] = 0;
        tellSelection(channel, previous.aid, false);
        clearDeselected(previous);
    }

    private void tellSelection(int channel, byte[] aid, boolean isSelected) {
        if (card.observer != null) {
            card.observer.selection(channel, aid, isSelected);
        }
    }

    /** CLEAR_ON_DESELECT objects end when no applet of the package is active on any channel (JCRE 5.1). */
    private void clearDeselected(Instance previous) {
        boolean isActive = false;
        for (int active : card.selected) {
            isActive |= active != 0 && card.registry.contextOf(active) == previous.home.number;
        }
        if (!isActive) {
            heap.clearAtDeselect(previous.home.number);
        }
    }

    /** AppletEvent.uninstall(), if it is there; an exception does not keep the applet. */
    void uninstall(Instance gone) {
        CardClass event = card.api.named("javacard/framework/AppletEvent");
        if (!type(gone).isA(event)) {
            return;
        }
        Method found = type(gone).implementation(event, event.interfaceTokenOf("uninstall()V"));
        try {
            card.interpreter.call(found, gone.number, "A", gone.applet);
        } catch (JavaCardException ignored) {
            card.warnThrown("uninstall()", ignored.reference(), "and the applet is deleted all the same (Java Card API 3.0.5)");
        }
        card.endTransaction("uninstall()");
    }

    /** Let the applet that is selected on a channel process a command. */
    public byte[] process(byte[] command, int channel) throws Refusal {
        return card.command(() -> {
            card.channel = channel;
            Instance current = card.registry.instance(card.selected[channel]);
            if (current == null) {
                return status(SW_SELECT_FAILED);
            }
            return accepts(current, command) ? run(current) : status(SW_WRONG_LENGTH);
        });
    }

    private boolean accepts(Instance instance, byte[] command) {
        if (!fill(command)) {
            return false;
        }
        apdu.channel = card.channel;
        apdu.isExtendedApplet = type(instance).isA(extendedLength);
        return apdu.isExtendedApplet || !apdu.isExtended;
    }

    private boolean fill(byte[] command) {
        if (!apdu.load(command)) {
            return false;
        }
        clearBuffer();
        byte[] initial = apdu.initial();
        if (initial.length > heap.length(SystemObjects.APDU_BUFFER)) {
            return false;
        }
        heap.write(SystemObjects.APDU_BUFFER, 0, initial, 0, initial.length);
        return true;
    }

    private void clearBuffer() {
        byte[] memory = heap.memory(SystemObjects.APDU_BUFFER);
        int from = heap.body(SystemObjects.APDU_BUFFER);
        java.util.Arrays.fill(memory, from, from + heap.length(SystemObjects.APDU_BUFFER), (byte) 0);
    }

    private void clearApdu() {
        apdu.clear();
        clearBuffer();
    }

    private byte[] run(Instance instance) {
        long objects = heap.made();
        Trace.Place[] first = new Trace.Place[1];
        heap.tellFirstMade(() -> first[0] = card.interpreter.here());
        int sw = statusOf(() -> card.interpreter.call(type(instance).virtual(applet, processToken), instance.number, "AA", instance.applet,
                SystemObjects.APDU));
        card.endTransaction("process()");
        if (heap.made() != objects) {
            card.warn("process() made " + (heap.made() - objects) + " objects; a card gives their memory back only when asked",
                    first[0]);
        }
        heap.tellFirstMade(null);
        return apdu.response(sw, apdu.ne);
    }

    private int statusOf(Runnable body) {
        try {
            body.run();
            return SW_OK;
        } catch (JavaCardException thrown) {
            int reference = thrown.reference();
            if (card.classes.get(heap.classId(reference)).isNamed("Ljavacard/framework/ISOException;")) {
                card.rollBack(); // an applet may leave it to the card (JCRE 7.6.2)
                return heap.getReference(reference, 0);
            }
            card.setUnknown(Explanation.of(card.interpreter, reference));
            return SW_UNKNOWN;
        }
    }

    /** Pass data to an applet that need not be selected (GPCS 2.3.1, 7.3.3). */
    public byte[] processData(byte[] aid, byte[] data) throws Refusal {
        return card.command(() -> processDataNow(aid, data));
    }

    private byte[] processDataNow(byte[] aid, byte[] data) throws Refusal {
        Instance instance = card.registry.instanceWith(aid);
        if (instance == null) {
            throw new Refusal(SW_NO_INSTANCE, "no such instance");
        }
        boolean answers = isA(instance, "org/globalplatform/Personalization");
        if (!answers && !isA(instance, "org/globalplatform/Application")) {
            throw new Refusal(SW_CONDITIONS, "the applet takes no personalization data");
        }
        if (data.length > heap.length(SystemObjects.APDU_BUFFER)) {
            throw new Refusal(SW_WRONG_LENGTH, "the data do not fit into the APDU buffer");
        }
        apdu.loadRaw();
        clearBuffer();
        heap.write(SystemObjects.APDU_BUFFER, 0, data, 0, data.length);
        int sw = statusOf(() -> store(instance, data.length, answers));
        card.endTransaction("processData()");
        return apdu.response(sw, OUTPUT_SIZE);
    }

    private boolean isA(Instance instance, String interfaceName) {
        return card.api.has(interfaceName) && type(instance).isA(card.api.named(interfaceName));
    }

    private void store(Instance instance, int length, boolean answers) {
        if (answers) {
            CardClass called = card.api.named("org/globalplatform/Personalization");
            Method found = type(instance).implementation(called, called.interfaceTokenOf("processData([BSS[BS)S"));
            int count = card.interpreter.call(found, instance.number, "AASSAS", instance.applet, SystemObjects.APDU_BUFFER, 0,
                    length, SystemObjects.OUTPUT, 0);
            apdu.send(heap.read(SystemObjects.OUTPUT, 0, Math.max(0, Math.min(count, OUTPUT_SIZE))));
            return;
        }
        CardClass called = card.api.named("org/globalplatform/Application");
        Method found = type(instance).implementation(called, called.interfaceTokenOf("processData([BSS)V"));
        card.interpreter.call(found, instance.number, "AASS", instance.applet, SystemObjects.APDU_BUFFER, 0, length);
    }

    private static byte[] status(int sw) {
        return new byte[] {(byte) (sw >> 8), (byte) sw};
    }
}
