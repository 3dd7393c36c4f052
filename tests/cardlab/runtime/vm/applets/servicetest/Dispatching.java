package servicetest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.service.Dispatcher;
import javacard.framework.service.Service;
import javacard.framework.service.ServiceException;
import javacardx.apdu.ExtendedLength;

/** An applet that is its dispatcher and services, and commands (CLA 80) on the registry. */
public final class Dispatching extends Applet implements ExtendedLength {
    private static final byte SLOTS = 4;
    private final Dispatcher dispatcher = new Dispatcher(SLOTS);
    private final Envelope envelope = new Envelope();
    private final Service echo = new Echo(envelope);
    private final Service refusing = new Refusing();

    public static void install(byte[] array, short offset, byte length) {
        new Dispatching().register();
    }

    private Dispatching() {
        dispatcher.addService(envelope, Dispatcher.PROCESS_INPUT_DATA);
        dispatcher.addService(echo, Dispatcher.PROCESS_COMMAND);
        dispatcher.addService(envelope, Dispatcher.PROCESS_OUTPUT_DATA);
    }

    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if ((buffer[ISO7816.OFFSET_CLA] & 0x80) == 0) {
            dispatcher.process(apdu);
            return;
        }
        try {
            manage(apdu, buffer[ISO7816.OFFSET_INS], buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2]);
        } catch (ServiceException refused) {
            ISOException.throwIt((short) (0x6B00 | refused.getReason()));
        } catch (NullPointerException error) {
            ISOException.throwIt((short) 0x6B7F);
        }
    }

    private Service service(byte number) {
        return number == 0 ? null : number == 1 ? envelope : number == 2 ? echo : refusing;
    }

    private void manage(APDU apdu, byte ins, byte p1, byte p2) {
        switch (ins) {
            case 0: dispatcher.addService(service(p1), p2); break;
            case 2: dispatcher.removeService(service(p1), p2); break;
            case 4: inTransaction(p1, p2); break;
            case 6: new Dispatcher(p1); break;
            case 8: dispatch(apdu, p1); break;
            case 10: dispatcher.dispatch(null, p1); break;
            case 12: ServiceException.throwIt(p1); break;
            case 14: throw new ServiceException(p1);
            case 16: ask(apdu, p1); break;
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void inTransaction(byte service, byte phase) {
        JCSystem.beginTransaction();
        dispatcher.removeService(service(service), phase);
        JCSystem.abortTransaction();
    }

    private void ask(APDU apdu, byte service) {
        if (!service(service).processCommand(apdu)) {
            ISOException.throwIt((short) 0x6A04);
        }
    }

    /** The command is INS at P2. */
    private void dispatch(APDU apdu, byte phase) {
        byte[] buffer = apdu.getBuffer();
        buffer[ISO7816.OFFSET_CLA] = 0;
        buffer[ISO7816.OFFSET_INS] = buffer[ISO7816.OFFSET_P2];
        Exception thrown = dispatcher.dispatch(apdu, phase);
        ISOException.throwIt(thrown == null ? (short) 0x6A01 : reason(thrown));
    }

    private static short reason(Exception thrown) {
        if (thrown instanceof ISOException) {
            return ((ISOException) thrown).getReason();
        }
        if (thrown instanceof ServiceException) {
            return (short) (0x6C00 | ((ServiceException) thrown).getReason());
        }
        return thrown instanceof NullPointerException ? (short) 0x6A02 : (short) 0x6A03;
    }
}
