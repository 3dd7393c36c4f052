package jpki.applet;

import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.JCSystem;
import javacard.framework.Util;

/**
 * STORE CERTIFICATE: collects a chain of blocks in a staging buffer of its own and exchanges it with the file's buffer
 * at the end. The exchange is one transaction, so a reader sees the old certificate or the new one, never a mixture.
 *
 * <p>The chain lives in RAM: a tear, another command or an error ends it. What it left in the staging buffer
 * cannot be read; it is overwritten when that command ends, after a tear at the next selection.
 */
final class CertificateLoader {

    private static final byte DER_SEQUENCE = 0x30;
    private static final short HEADER_LENGTH = 4;

    // Indices into the chain's variables.
    private static final short OPEN = 0;
    private static final short CONTINUED = 1;
    private static final short BLOCK = 2;
    private static final short FILE = 3;
    private static final short ANNOUNCED = 4;
    private static final short RECEIVED = 5;
    private static final short VARIABLES = 6;

    private final Alarm alarm;
    private final Files files;
    private final short[] chain;
    private byte[] staging = new byte[CertificateFile.CAPACITY];
    /** Whether there is something in the staging buffer. */
    private boolean unclean;

    CertificateLoader(Alarm alarm, Files files) {
        this.alarm = alarm;
        this.files = files;
        chain = JCSystem.makeTransientShortArray(VARIABLES, JCSystem.CLEAR_ON_DESELECT);
    }

    /** At the start of every command: a chain stays open for one command, and for another if that is a good block. */
    void beginCommand() {
        chain[CONTINUED] = chain[OPEN];
        chain[OPEN] = 0;
    }

    /** At the end of every command: unless a chain is open, nothing stays in the staging buffer. */
    void endCommand() {
        if (chain[OPEN] == 0) {
            scrub();
        }
    }

    /** Overwrites what a chain left in the staging buffer; a certificate that it replaced once more. */
    void scrub() {
        if (unclean) {
            Transfer.wipe(staging);
            unclean = false;
        }
    }

    void store(Right tsm, short block, boolean last, byte[] buffer, short offset, short length) {
        if (block != 0 && (chain[CONTINUED] == 0 || block != chain[BLOCK])) {
            ISOException.throwIt(ISO7816.SW_INCORRECT_P1P2);
        }
        if (block == 0) {
            open(buffer, offset, length);
            append(buffer, (short) (offset + HEADER_LENGTH), (short) (length - HEADER_LENGTH));
        } else {
            if (length == 0) {
                ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
            }
            append(buffer, offset, length);
        }
        confirmAppended(buffer, block == 0 ? HEADER_LENGTH : 0);
        if (last) {
            finish(tsm);
        } else {
            chain[BLOCK] = (short) (block + 1);
            chain[OPEN] = 1;
        }
    }

    private void open(byte[] buffer, short offset, short length) {
        if (length <= HEADER_LENGTH) {
            ISOException.throwIt(ISO7816.SW_WRONG_LENGTH);
        }
        short file = Util.getShort(buffer, offset);
        short announced = Util.getShort(buffer, (short) (offset + 2));
        if (files.certificate(file) == null) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        if (files.needsKey(file)) {
            files.slotOfCertificate(file).requireKey(ISO7816.SW_CONDITIONS_NOT_SATISFIED);
        }
        if (announced < 0 || announced > CertificateFile.CAPACITY) {
            ISOException.throwIt(ISO7816.SW_FILE_FULL);
        }
        chain[FILE] = file;
        chain[ANNOUNCED] = announced;
        chain[RECEIVED] = 0;
        alarm.same(chain[FILE], Util.getShort(buffer, offset));
        alarm.same(chain[ANNOUNCED], Util.getShort(buffer, (short) (offset + 2)));
    }

    private void append(byte[] buffer, short offset, short length) {
        if (length > (short) (chain[ANNOUNCED] - chain[RECEIVED])) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        unclean = true;
        chain[RECEIVED] = Util.arrayCopyNonAtomic(buffer, offset, staging, chain[RECEIVED], length);
    }

    /** That the command's data behind its header are the last that were collected. */
    private void confirmAppended(byte[] buffer, short header) {
        short length = (short) ((buffer[ISO7816.OFFSET_LC] & 0xFF) - header);
        short start = (short) (chain[RECEIVED] - length);
        alarm.require(
            Util.arrayCompare(buffer, (short) (ISO7816.OFFSET_CDATA + header), staging, start, length) == 0);
    }

    private void finish(Right tsm) {
        short length = chain[RECEIVED];
        if (length != chain[ANNOUNCED] || !isSequence(length)) {
            ISOException.throwIt(ISO7816.SW_WRONG_DATA);
        }
        CertificateFile file = files.certificate(chain[FILE]);
        byte[] collected = staging;
        byte[] replaced = file.content();
        alarm.same(staging, collected);
        alarm.require(isSequence(chain[ANNOUNCED]));
        tsm.begin();
        staging = file.exchange(collected, length);
        alarm.same(file, files.certificate(chain[FILE]));
        alarm.same(file.content(), collected);
        alarm.same(file.length(), chain[ANNOUNCED]);
        alarm.same(staging, replaced);
        alarm.require(staging != null && collected != null && staging != collected);
        alarm.commit();
        alarm.confirmCommitted();
        Transfer.wipe(staging);
    }

    /** Whether the staging buffer holds one SEQUENCE, {@code length} bytes in all, its length in DER (X.690, 10.1). */
    private boolean isSequence(short length) {
        if (length < 2 || staging[0] != DER_SEQUENCE) {
            return false;
        }
        byte form = staging[1];
        if (form >= 0) {
            return (short) (form + 2) == length;
        }
        if (form == (byte) 0x81) {
            short body = (short) (staging[2] & 0xFF);
            return body >= 0x80 && (short) (body + 3) == length;
        }
        if (form == (byte) 0x82) {
            short body = Util.getShort(staging, (short) 2);
            return body >= 0x100 && (short) (body + 4) == length;
        }
        return false;
    }
}
