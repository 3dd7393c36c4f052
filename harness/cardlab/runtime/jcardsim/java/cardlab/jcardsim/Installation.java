package cardlab.jcardsim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.Consumer;
import javacard.framework.AID;
import javacard.framework.Applet;
import javacard.framework.ISOException;
import javacard.framework.SystemException;

/** One call of Applet.install() (JCRE 3.0.4, 3.1), and what comes of it. */
final class Installation {
    private static final int SW_CONDITIONS = 0x6985;
    private static final int SW_WRONG_DATA = 0x6A80;
    private static final int SW_MEMORY = 0x6A84;
    private static final int SW_REFERENCE = 0x6A88;
    private static final int MAX_DATA = 127;
    /** The data do not start at 0 in the array that install() gets, as they do not on a card. */
    private static final int OFFSET = 5;

    private final byte[] aid;
    private final LoadedPackage from;
    private final byte[] moduleAid;
    private final Choices choices;
    private final Consumer<Instance> whenRegistered;
    private Instance registered;

    Installation(byte[] aid, LoadedPackage from, byte[] moduleAid, Choices choices, Consumer<Instance> whenRegistered)
            throws Refusal {
        if (!from.modules().containsKey(CardContents.key(moduleAid))) {
            throw new Refusal(SW_REFERENCE, "no such module in the package");
        }
        if (aid.length < 5 || aid.length > 16) {
            throw new Refusal(SW_WRONG_DATA, "an AID has 5 to 16 bytes, not " + aid.length);
        }
        this.aid = aid;
        this.from = from;
        this.moduleAid = moduleAid;
        this.choices = choices;
        this.whenRegistered = whenRegistered;
    }

    byte[] aid() {
        return aid;
    }

    /** Applet.register(): once, and with the AID that the card manager asked for, or with none. */
    void register(Applet applet, AID wanted) {
        AID own = new AID(aid, (short) 0, (byte) aid.length);
        boolean fits = wanted == null
                ? choices.instanceAidByDefault() || Arrays.equals(moduleAid, aid)
                : wanted.equals(own);
        if (registered != null || !fits) {
            SystemException.throwIt(SystemException.ILLEGAL_AID);
        }
        registered = new Instance(aid, own, from, moduleAid, applet);
        whenRegistered.accept(registered);
    }

    /** Call install(); Refusal when it throws or does not register an instance. */
    void run(byte[] parameters) throws Refusal {
        if (parameters.length > MAX_DATA) {
            throw new Refusal(SW_WRONG_DATA, "install data have at most 127 bytes, not " + parameters.length);
        }
        byte[] array = new byte[Math.max(OFFSET + parameters.length, choices.installArray())];
        System.arraycopy(parameters, 0, array, OFFSET, parameters.length);
        String name = from.modules().get(CardContents.key(moduleAid));
        try {
            Method install = from.code().find(name).getMethod("install", byte[].class, short.class, byte.class);
            // The class need not be public, as it need not be on a card.
            install.setAccessible(true);
            install.invoke(null, array, (short) OFFSET, (byte) parameters.length);
        } catch (InvocationTargetException thrown) {
            throw refusalFor(thrown.getCause());
        } catch (ReflectiveOperationException error) {
            throw new Refusal(SW_CONDITIONS, name + " has no install method", error);
        } finally {
            Arrays.fill(array, (byte) 0);
        }
        if (registered == null) {
            throw new Refusal(SW_CONDITIONS, "install() did not call register()");
        }
    }

    /**
     * The applet's own status word when it names an error, 6A84 when memory was short, else 6985 (GlobalPlatform Card
     * Specification 2.3.1, 11.1.3 and Table 11-54).
     */
    private static Refusal refusalFor(Throwable thrown) {
        if (thrown instanceof ISOException named) {
            int sw = named.getReason() & 0xFFFF;
            boolean error = sw >= 0x6400 && sw <= 0x6FFF;
            String reason = String.format("install() threw ISOException %04X", sw);
            return new Refusal(error ? sw : SW_CONDITIONS, reason, thrown);
        }
        if (thrown instanceof OutOfMemoryError || thrown instanceof SystemException full
                && (full.getReason() == SystemException.NO_RESOURCE
                || full.getReason() == SystemException.NO_TRANSIENT_SPACE)) {
            return new Refusal(SW_MEMORY, "install() found no memory", thrown);
        }
        return new Refusal(SW_CONDITIONS, "install() threw " + thrown, thrown);
    }
}
