package cardlab.vm.jcre;

import java.util.Map;
import java.util.TreeMap;

/** The properties of a card: what specifications leave open, each with a name and a default. */
public final class Properties {
    /** Translating pays for methods that are called so often. */
    private static final int TRANSLATED_AT = 500;

    private final Map<String, String> values = new TreeMap<>();

    /** Of lines {@code name=value}. */
    public Properties(String lines) {
        lines.lines().filter(line -> !line.isBlank()).forEach(line -> {
            int at = line.indexOf('=');
            values.put(line.substring(0, at).strip(), line.substring(at + 1).strip());
        });
    }

    public String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    private int number(String name, int otherwise) {
        return Integer.parseInt(get(name, Integer.toString(otherwise)));
    }

    private boolean flag(String name, boolean otherwise) {
        return Boolean.parseBoolean(get(name, Boolean.toString(otherwise)));
    }

    /** Bytes for packages and objects. */
    public int persistent() {
        return number("memory.persistent", 256 * 1024);
    }

    /** Bytes of CLEAR_ON_RESET memory. */
    public int transientReset() {
        return number("memory.reset", 8 * 1024);
    }

    /** Bytes of CLEAR_ON_DESELECT memory of each package. */
    public int transientDeselect() {
        return number("memory.deselect", 4 * 1024);
    }

    /** Bytes of the commit buffer: old bytes and 6 for each range. */
    public int commit() {
        return number("memory.commit", 16 * 1024);
    }

    /** Cells of 16 bits of the stack. */
    public int stack() {
        return number("stack.cells", 2048);
    }

    /** Bytes of the APDU buffer. */
    public int apduBuffer() {
        return number("apdu.buffer", 261);
    }

    /** The least length of install()'s array. */
    public int installArray() {
        return number("install.array", 261);
    }

    /** Whether the card has int. */
    public boolean hasInt() {
        return flag("vm.int", true);
    }

    /** Whether code is checked at LOAD and types at run time; off shows what an unverified file can do. */
    public boolean isChecked() {
        return flag("vm.checks", true);
    }

    /** The call, from 1, at which a method is translated; 0 for never, as on a card without checks. */
    public int translatedAt() {
        String value = get("vm.translate", "true");
        if (value.equals("false") || !isChecked()) {
            return 0;
        }
        return value.equals("true") ? TRANSLATED_AT : Integer.parseInt(value);
    }

    /** Whether an answer needs an Le field in the command. */
    public boolean dropsDataWithoutLe() {
        return flag("apdu.drop-without-le", false);
    }

    /** Whether deselect() sees the SELECT in the APDU buffer. */
    public boolean showsSelectToDeselect() {
        return flag("apdu.select-in-deselect", true);
    }

    /** Whether GPSystem.getSecureChannel() is null in deselect(). */
    public boolean hidesSessionFromDeselect() {
        return flag("globalplatform.no-session-in-deselect", false);
    }

    /** What an OwnerPIN is compared with before its first update(): zeros, empty or none. */
    public String pinValue() {
        return get("pin.value", "zeros");
    }

    /** Whether OwnerPIN.check() of no bytes uses a try. */
    public boolean countsEmptyPin() {
        return flag("pin.count-empty", true);
    }

    /** Whether objects that nothing refers to are deleted on request. */
    public boolean deletesObjects() {
        return flag("memory.object-deletion", true);
    }

    /** What JCSystem.getVersion() says. */
    public int version() {
        return Integer.parseInt(get("java-card.version", "0305"), 16);
    }

    /** Whether no answer has more bytes than Le; else the card manager looks after it (61xx, 6Cxx). */
    public boolean cutsAtLe() {
        return flag("apdu.cut-at-le", true);
    }

    /** Bytes of command data that arrive at a time. */
    public int incomingBlock() {
        return number("apdu.incoming-block", Apdu.T1_BLOCK);
    }

    /** Whether register() without an AID means the module's, not that of INSTALL. */
    public boolean registersModule() {
        return flag("install.register-module", false);
    }
}
