package cardlab.vm.jcre;

import java.util.Arrays;

/** One call of Applet.install() (JCRE 3.0.5, 3.1) and what it registers. */
final class Installation {
    /** Bytes of install parameters: a length that is a positive byte. */
    static final int MOST = 127;
    /** The parameters do not begin at 0 in install()'s array, as on a card. */
    static final int OFFSET = 5;

    private final Jcre card;
    final Instance instance;
    private final byte[] usualAid;

    /** {@code usualAid} is what register() without an AID means. */
    Installation(Jcre card, Instance instance, byte[] usualAid) {
        this.card = card;
        this.instance = instance;
        this.usualAid = usualAid;
    }

    int context() {
        return instance.home.number;
    }

    /** Once, and with the AID that INSTALL names. */
    boolean register(int applet, byte[] aid) {
        if (instance.applet != 0 || !Arrays.equals(aid == null ? usualAid : aid, instance.aid)) {
            return false;
        }
        card.registry.setApplet(card.heap, instance, applet);
        return true;
    }
}
