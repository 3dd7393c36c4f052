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

    Installation(Jcre card, Instance instance) {
        this.card = card;
        this.instance = instance;
    }

    int context() {
        return instance.home.number;
    }

    /** Once, with the AID that INSTALL names, or with none, which means the same. */
    boolean register(int applet, byte[] aid) {
        if (instance.applet != 0 || aid != null && !Arrays.equals(aid, instance.aid)) {
            return false;
        }
        card.registry.setApplet(card.heap, instance, applet);
        return true;
    }
}
