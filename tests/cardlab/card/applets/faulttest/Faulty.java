package faulttest;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.AppletEvent;
import javacard.framework.JCSystem;
import javacard.framework.MultiSelectable;
import javacard.framework.Shareable;
import javacard.framework.SystemException;
import org.globalplatform.Application;

/** Fails where INS 02 said (P1), in the way that P2 said: 0 an exception, 1 one of its own, 2 never ends. */
public class Faulty extends Applet implements AppletEvent, Application, MultiSelectable, Service {
    static final byte IN_PROCESS = 1;
    static final byte IN_SELECT = 2;
    static final byte IN_DESELECT = 3;
    static final byte IN_UNINSTALL = 4;
    static final byte IN_SHARING = 5;
    static final byte IN_SERVICE = 6;
    static final byte IN_PERSONALIZATION = 7;
    private static byte where;
    private static byte how;

    public static void install(byte[] array, short offset, byte length) {
        short data = (short) (offset + array[offset] + 1);
        data += array[data] + 1;
        if (array[data] != 0) {
            how = array[(short) (data + 1)];
            fail();
        }
        new Faulty().register();
    }

    private static void failIn(byte place) {
        if (where == place) {
            where = 0;
            fail();
        }
    }

    private static void fail() {
        while (how == 2) {
            how = 2;
        }
        if (how == 1) {
            throw new Trouble((short) 7);
        }
        SystemException.throwIt(SystemException.ILLEGAL_USE);
    }

    @Override
    public boolean select() {
        return select(false);
    }

    @Override
    public boolean select(boolean already) {
        failIn(IN_SELECT);
        return true;
    }

    @Override
    public void deselect() {
        deselect(false);
    }

    @Override
    public void deselect(boolean still) {
        failIn(IN_DESELECT);
    }

    @Override
    public void uninstall() {
        failIn(IN_UNINSTALL);
    }

    @Override
    public Shareable getShareableInterfaceObject(AID client, byte parameter) {
        failIn(IN_SHARING);
        return this;
    }

    @Override
    public void serve() {
        failIn(IN_SERVICE);
    }

    @Override
    public void processData(byte[] array, short offset, short length) {
        failIn(IN_PERSONALIZATION);
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        if (buffer[1] == 2) {
            where = buffer[2];
            how = buffer[3];
            return;
        }
        failIn(IN_PROCESS);
        Service server = (Service) JCSystem.getAppletShareableInterfaceObject(JCSystem.getAID(), (byte) 0);
        if (server != null) {
            server.serve();
        }
    }
}
