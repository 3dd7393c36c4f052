package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;

/** What the TSM's commands do, once they came through the secure channel: plain data in, plain answer out. */
final class Personalisation {

    private static final byte GENERATE = (byte) 0x80;
    private static final byte READ = (byte) 0x81;
    private static final byte ISSUE = 0x00;
    private static final byte RENEW = 0x01;
    private static final byte DELETE = 0x00;
    private static final byte MORE_BLOCKS = 0x00;
    private static final byte LAST_BLOCK = (byte) 0x80;
    private static final byte SET = 0x02;
    private static final byte RESET = 0x03;

    /** Control reference templates for digital signature and authentication (ISO/IEC 7816-4), empty. */
    private static final short TEMPLATE_SIGNING = (short) 0xB600;
    private static final short TEMPLATE_AUTHENTICATION = (short) 0xA400;

    private final Alarm alarm;
    private final Suite suite;
    private final Profile profile;
    private final Files files;
    private final KeySlot signing;
    private final KeySlot authentication;
    private final CertificateLoader loader;
    private final Indicator indicator;

    Personalisation(Alarm alarm, Suite suite, Profile profile, Files files, KeySlot signing, KeySlot authentication,
            CertificateLoader loader, Indicator indicator) {
        this.alarm = alarm;
        this.suite = suite;
        this.profile = profile;
        this.files = files;
        this.signing = signing;
        this.authentication = authentication;
        this.loader = loader;
        this.indicator = indicator;
    }

    /** Whether the answer to an instruction holds data. */
    static boolean answers(byte instruction) {
        return instruction == Iso.INS_GENERATE_KEY_PAIR || instruction == Iso.INS_GET_STATUS;
    }

    /** 6D00, 6A86 and 6A88, so far as they do not depend on a state. */
    void requireParameters(byte[] command) {
        byte instruction = command[ISO7816.OFFSET_INS];
        short outcome = checkParameters(instruction, command[ISO7816.OFFSET_P1], command[ISO7816.OFFSET_P2]);
        if (outcome != ISO7816.SW_NO_ERROR) {
            ISOException.throwIt(outcome);
        }
        if (instruction == Iso.INS_SET_PIN) {
            files.slotOfPin(command[ISO7816.OFFSET_P2]);
        }
    }

    private short checkParameters(byte instruction, byte p1, byte p2) {
        boolean right;
        switch (instruction) {
            case Iso.INS_GENERATE_KEY_PAIR:
                right = p2 >= 0 && ((p1 == GENERATE && p2 <= RENEW) || (p1 == READ && p2 < suite.keyParts));
                break;
            case Iso.INS_STORE_CERTIFICATE:
                right = p1 == MORE_BLOCKS || p1 == LAST_BLOCK;
                break;
            case Iso.INS_SET_PIN:
                right = p1 == SET || p1 == RESET;
                break;
            case Iso.INS_DELETE:
            case Iso.INS_GET_STATUS:
                right = p1 == 0x00 && p2 == 0x00;
                break;
            default:
                return ISO7816.SW_INS_NOT_SUPPORTED;
        }
        return right ? ISO7816.SW_NO_ERROR : ISO7816.SW_INCORRECT_P1P2;
    }

    /** Carries a command out whose data of {@code length} bytes are at ISO7816.OFFSET_CDATA; the answer is put at 0. */
    short execute(Right tsm, byte[] buffer, short length) {
        byte p1 = buffer[ISO7816.OFFSET_P1];
        byte p2 = buffer[ISO7816.OFFSET_P2];
        switch (buffer[ISO7816.OFFSET_INS]) {
            case Iso.INS_GENERATE_KEY_PAIR:
                return p1 == GENERATE ? generate(tsm, buffer, length) : readKey(tsm, buffer, length);
            case Iso.INS_STORE_CERTIFICATE:
                loader.store(tsm, (short) (p2 & 0xFF), p1 == LAST_BLOCK, buffer, ISO7816.OFFSET_CDATA, length);
                return 0;
            case Iso.INS_SET_PIN:
                setOrResetPin(tsm, files.slotOfPin(p2), buffer, length);
                return 0;
            case Iso.INS_DELETE:
                erase(tsm, buffer, length);
                return 0;
            default:
                Transfer.requireLength(length, (short) 0);
                tsm.confirm();
                return status(buffer);
        }
    }

    private KeySlot slot(byte[] buffer, short length) {
        Transfer.requireLength(length, (short) 2);
        short template = Util.getShort(buffer, ISO7816.OFFSET_CDATA);
        if (template == TEMPLATE_SIGNING) {
            return signing;
        }
        if (template != TEMPLATE_AUTHENTICATION) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        return authentication;
    }

    private short generate(Right tsm, byte[] buffer, short length) {
        KeySlot slot = slot(buffer, length);
        confirmCommand(Iso.INS_GENERATE_KEY_PAIR, GENERATE, slot, buffer);
        if (buffer[ISO7816.OFFSET_P2] == RENEW) {
            slot.renew(tsm);
        } else {
            alarm.same(buffer[ISO7816.OFFSET_P2], ISSUE);
            slot.issue(tsm);
        }
        indicator.forget();
        return suite.publicKey(slot.publicKey(), (byte) 0, buffer);
    }

    private void erase(Right tsm, byte[] buffer, short length) {
        KeySlot slot = slot(buffer, length);
        confirmCommand(Iso.INS_DELETE, DELETE, slot, buffer);
        slot.erase(tsm);
        indicator.forget();
        alarm.forget(tsm);
    }

    /** That a command which changes a slot is this one, and about this slot. */
    private void confirmCommand(byte instruction, byte p1, KeySlot slot, byte[] buffer) {
        alarm.same(buffer[ISO7816.OFFSET_INS], instruction);
        alarm.same(buffer[ISO7816.OFFSET_P1], p1);
        if (instruction == Iso.INS_SET_PIN) {
            alarm.same(slot, files.slotOfPin(buffer[ISO7816.OFFSET_P2]));
        } else {
            alarm.same(slot, slot(buffer, (short) 2));
        }
    }

    private short readKey(Right tsm, byte[] buffer, short length) {
        KeySlot slot = slot(buffer, length);
        tsm.confirm();
        return suite.publicKey(slot.publicKey(), buffer[ISO7816.OFFSET_P2], buffer);
    }

    private void setOrResetPin(Right tsm, KeySlot slot, byte[] buffer, short length) {
        if (buffer[ISO7816.OFFSET_P1] == RESET) {
            Transfer.requireLength(length, (short) 0);
            confirmCommand(Iso.INS_SET_PIN, RESET, slot, buffer);
            slot.resetPin(tsm);
            return;
        }
        slot.pin.requireLength(length, buffer);
        confirmCommand(Iso.INS_SET_PIN, SET, slot, buffer);
        slot.pin.set(tsm, buffer, profile.stateOfNewPin(), profile.stateOfNewPin());
        Transfer.wipe(buffer);
    }

    private short status(byte[] buffer) {
        short end = byteObject(buffer, (short) 0, (byte) 0x80, profile.value);
        end = slotStatus(signing, (byte) 0xB6, buffer, end);
        end = slotStatus(authentication, (byte) 0xA4, buffer, end);
        return byteObject(buffer, end, (byte) 0x88, alarm.attacks());
    }

    private static short slotStatus(KeySlot slot, byte tag, byte[] buffer, short start) {
        buffer[start] = tag;
        short end = (short) (start + 2);
        end = byteObject(buffer, end, (byte) 0x81, slot.hasKey() ? (byte) 1 : 0);
        end = shortObject(buffer, end, (byte) 0x82, slot.certificate.length());
        end = shortObject(buffer, end, (byte) 0x83, slot.caCertificate.length());
        end = byteObject(buffer, end, (byte) 0x84, slot.pin.state());
        end = byteObject(buffer, end, (byte) 0x85, slot.pin.triesLeft());
        buffer[end++] = (byte) 0x86;
        buffer[end++] = UseCounter.LENGTH;
        slot.uses.copy(buffer, end);
        end += UseCounter.LENGTH;
        end = byteObject(buffer, end, (byte) 0x87, slot.deviceKeys == null ? 0 : slot.deviceKeys.registered());
        buffer[(short) (start + 1)] = (byte) (end - start - 2);
        return end;
    }

    private static short byteObject(byte[] buffer, short offset, byte tag, byte value) {
        buffer[offset++] = tag;
        buffer[offset++] = 1;
        buffer[offset++] = value;
        return offset;
    }

    private static short shortObject(byte[] buffer, short offset, byte tag, short value) {
        buffer[offset++] = tag;
        buffer[offset++] = 2;
        return Util.setShort(buffer, offset, value);
    }
}
