package vmclient;

import javacard.framework.AID;
import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;
import vmserver.Deposit;

/** Uses the server; INS says how, P1 the parameter. */
public class Client extends Applet {
    private final byte[] own = {1, 2, 3, 4};
    private Deposit kept;
    private Object held;

    public static void install(byte[] array, short offset, byte length) {
        new Client().register();
    }

    private static Deposit deposit(byte[] buffer, byte parameter) {
        AID server = JCSystem.lookupAID(buffer, (short) 5, buffer[4]);
        if (server == null) {
            ISOException.throwIt((short) 0x6A82);
        }
        return (Deposit) JCSystem.getAppletShareableInterfaceObject(server, parameter);
    }

    @Override
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        apdu.setIncomingAndReceive();
        Deposit server = deposit(buffer, buffer[2]);
        if (server == null) {
            ISOException.throwIt((short) 0x6A00);
        }
        short answer = 0;
        switch (buffer[1]) {
            case 1:
                answer = server.sum(own, (short) 4);
                break;
            case 2:
                buffer[0] = 5;
                buffer[1] = 6;
                answer = server.sum(buffer, (short) 2);
                break;
            case 3:
                answer = server.caller();
                break;
            case 4:
                answer = ((byte[]) server.secret())[0];
                break;
            case 5:
                kept = server;
                break;
            case 6:
                answer = kept.count();
                break;
            case 7:
                server.fail();
                break;
            case 8:
                answer = (short) (server.again() == server ? 1 : 0);
                break;
            case 10:
                JCSystem.beginTransaction();
                server.count();
                server.count();
                JCSystem.abortTransaction();
                break;
            case 11:
                held = server.secret();
                answer = (short) (held == null ? 0 : 1);
                break;
            case 13:
                ((Applet) server).deselect();
                break;
            case 14:
                answer = (short) (server.equals(server) ? 1 : 0);
                break;
            case 15:
                byte[] global = (byte[]) JCSystem.makeGlobalArray(JCSystem.ARRAY_TYPE_BYTE, (short) 2);
                global[0] = 7;
                global[1] = 8;
                answer = server.sum(global, (short) 2);
                break;
            case 16:
                kept = null;
                held = null;
                break;
            case 17:
                try {
                    server.fail();
                } catch (ISOException expected) {
                    answer = expected.getReason();
                }
                break;
            case 18:
                Util.arrayCopyNonAtomic((byte[]) server.secret(), (short) 0, buffer, (short) 0, (short) 1);
                break;
            default:
                ISOException.throwIt((short) 0x6D00);
        }
        Util.setShort(buffer, (short) 0, answer);
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}
