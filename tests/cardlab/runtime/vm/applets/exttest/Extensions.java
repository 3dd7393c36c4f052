package exttest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.CardRuntimeException;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacardx.apdu.util.APDUUtil;
import javacardx.biometry.BioBuilder;
import javacardx.external.Memory;
import javacardx.framework.math.BCDUtil;
import javacardx.framework.math.BigNumber;
import javacardx.framework.math.ParityBit;
import javacardx.framework.tlv.BERTLV;
import javacardx.framework.tlv.BERTag;
import javacardx.framework.tlv.ConstructedBERTLV;
import javacardx.framework.tlv.ConstructedBERTag;
import javacardx.framework.tlv.PrimitiveBERTLV;
import javacardx.framework.tlv.PrimitiveBERTag;
import javacardx.framework.util.ArrayLogic;

/** Calls javacardx packages. Exceptions with a reason answer 6Bxx, ArithmeticException 6BFF, bounds 6BFE, null 6BFD. */
public final class Extensions extends Applet {
    private final byte[] in = new byte[256];
    private final byte[] out = new byte[256];
    private final short[] shorts = new short[16];
    private BigNumber number;
    private BERTLV tlv;

    public static void install(byte[] array, short offset, byte length) {
        new Extensions().register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) {
            return;
        }
        byte[] buffer = apdu.getBuffer();
        short length = apdu.setIncomingAndReceive();
        Util.arrayCopyNonAtomic(buffer, ISO7816.OFFSET_CDATA, in, (short) 0, length);
        short answer = 0;
        try {
            answer = perform(buffer[ISO7816.OFFSET_INS], buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2], length);
        } catch (CardRuntimeException error) {
            ISOException.throwIt((short) (0x6B00 | error.getReason()));
        } catch (ArithmeticException error) {
            ISOException.throwIt((short) 0x6BFF);
        } catch (ArrayIndexOutOfBoundsException error) {
            ISOException.throwIt((short) 0x6BFE);
        } catch (NullPointerException error) {
            ISOException.throwIt((short) 0x6BFD);
        }
        apdu.setOutgoing();
        apdu.setOutgoingLength(answer);
        apdu.sendBytesLong(out, (short) 0, answer);
    }

    private short one(short value) {
        out[0] = (byte) value;
        return 1;
    }

    private short two(short value) {
        return Util.setShort(out, (short) 0, value);
    }

    private short perform(byte ins, byte p1, byte p2, short length) {
        switch ((byte) (ins & 0xF0)) {
            case 0x10: return decimals(ins, p1, length);
            case 0x20: return bigNumber(ins, p1, p2, length);
            case 0x30: return arrays(ins, p1, p2, length);
            case 0x40: return tags(ins, p1, p2, length);
            case 0x50: return objects(ins, p1, p2, length);
            case 0x60: return others(ins, p1, length);
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED); return 0;
        }
    }

    private short decimals(byte ins, byte p1, short length) {
        switch (ins) {
            case 0x10: return BCDUtil.convertToHex(in, (short) 0, length, out, (short) 0);
            case 0x11: return BCDUtil.convertToBCD(in, (short) 0, length, out, (short) 0);
            case 0x12: return one((short) (BCDUtil.isBCDFormat(in, (short) 0, length) ? 1 : 0));
            case 0x13: return two(BCDUtil.getMaxBytesSupported());
            default:
                ParityBit.set(in, (short) 0, length, p1 != 0);
                return Util.arrayCopyNonAtomic(in, (short) 0, out, (short) 0, length);
        }
    }

    private short bigNumber(byte ins, byte p1, byte p2, short length) {
        switch (ins) {
            case 0x20: number = new BigNumber((short) (p1 & 0xFF)); return 0;
            case 0x21: number.init(in, (short) 0, length, p1); return 0;
            case 0x22: number.setMaximum(in, (short) 0, length, p1); return 0;
            case 0x23: number.add(in, (short) 0, length, p1); return 0;
            case 0x24: number.subtract(in, (short) 0, length, p1); return 0;
            case 0x25: number.multiply(in, (short) 0, length, p1); return 0;
            case 0x26: return one(number.compareTo(in, (short) 0, length, p1));
            case 0x27: number.toBytes(out, (short) 0, p2, p1); return p2;
            case 0x28: return two(number.getByteLength(p1));
            case 0x29: number.reset(); return 0;
            default:
                BigNumber other = new BigNumber((short) 16);
                other.init(in, (short) 0, length, p1);
                return one(number.compareTo(other));
        }
    }

    private short arrays(byte ins, byte p1, byte p2, short length) {
        switch (ins) {
            case 0x30: return two(ArrayLogic.arrayCopyRepack(in, (short) 0, length, shorts, p1));
            case 0x32: return ArrayLogic.arrayCopyRepack(shorts, p1, p2, out, (short) 0);
            case 0x33: return ArrayLogic.arrayCopyRepackNonAtomic(shorts, p1, p2, out, (short) 0);
            case 0x34: return two(ArrayLogic.arrayFillGeneric(shorts, p1, p2, shorts, (short) 0));
            case 0x35: return two(ArrayLogic.arrayFillGenericNonAtomic(shorts, p1, p2, shorts, (short) 0));
            case 0x36: return one(ArrayLogic.arrayCompareGeneric(shorts, p1, shorts, p2, (short) 2));
            case 0x37: return two(ArrayLogic.arrayFindGeneric(shorts, p1, in, (short) 0));
            case 0x38: return two(ArrayLogic.arrayFindGeneric(in, p1, in, p2));
            case 0x39: return one(ArrayLogic.arrayCompareGeneric(in, p1, in, p2, (short) 1));
            case 0x3A: return two(ArrayLogic.arrayFillGeneric(shorts, p1, p2, in, (short) 0));
            default: return two(ArrayLogic.arrayCopyRepack(this, (short) 0, (short) 1, in, (short) 0));
        }
    }

    private short tags(byte ins, byte p1, byte p2, short length) {
        BERTag tag;
        switch (ins) {
            case 0x40: return BERTag.toBytes(p1, p2 != 0, Util.getShort(in, (short) 0), out, (short) 0);
            case 0x41:
                out[0] = BERTag.size(in, (short) 0);
                Util.setShort(out, (short) 1, BERTag.tagNumber(in, (short) 0));
                out[3] = (byte) (BERTag.isConstructed(in, (short) 0) ? 1 : 0);
                out[4] = BERTag.tagClass(in, (short) 0);
                return 5;
            case 0x42: return one((short) (BERTag.verifyFormat(in, p1) ? 1 : 0));
            case 0x43:
                tag = BERTag.getInstance(in, (short) 0);
                out[0] = tag.size();
                Util.setShort(out, (short) 1, tag.tagNumber());
                out[3] = (byte) (tag.isConstructed() ? 1 : 0);
                out[4] = tag.tagClass();
                return (short) (5 + tag.toBytes(out, (short) 5));
            case 0x44: return one((short) (BERTag.getInstance(in, (short) 0).equals(BERTag.getInstance(in, p1)) ? 1 : 0));
            case 0x45: new PrimitiveBERTag().size(); return 0;
            case 0x46: new PrimitiveBERTag().init(in, (short) 0); return 0;
            case 0x47:
                tag = new ConstructedBERTag();
                ((ConstructedBERTag) tag).init(p1, Util.getShort(in, (short) 0));
                return tag.toBytes(out, (short) 0);
            case 0x48: return one((short) (BERTLV.verifyFormat(in, (short) 0, length) ? 1 : 0));
            case 0x49: return BERTLV.getTag(in, p1, out, (short) 0);
            case 0x4A: return two(BERTLV.getLength(in, p1));
            case 0x4B: return two(PrimitiveBERTLV.getValueOffset(in, p1));
            case 0x4C: return PrimitiveBERTLV.toBytes(in, (short) 0, in, p1, (short) (length - p1), out, (short) 0);
            case 0x4D: return copied(PrimitiveBERTLV.appendValue(in, (short) 0, in, p1, (short) (length - p1)));
            case 0x4E: return copied(ConstructedBERTLV.append(in, p1, in, (short) 0));
            default:
                if (p2 == 0) {
                    return two(ConstructedBERTLV.find(in, (short) 1, p1 == 0 ? null : in, (short) 0));
                }
                return two(ConstructedBERTLV.findNext(in, (short) 1, p2, p1 == 0 ? null : in, (short) 0));
        }
    }

    private short copied(short length) {
        return Util.arrayCopyNonAtomic(in, (short) 0, out, (short) 0, length);
    }

    private short objects(byte ins, byte p1, byte p2, short length) {
        switch (ins) {
            case 0x50: tlv = BERTLV.getInstance(in, (short) 0, length); return tlv.toBytes(out, (short) 0);
            case 0x51: tlv = new PrimitiveBERTLV((short) 2); tlv.init(in, (short) 0, length); return tlv.toBytes(out, (short) 0);
            case 0x52: ((PrimitiveBERTLV) tlv).appendValue(in, (short) 0, length); return tlv.toBytes(out, (short) 0);
            case 0x53: ((PrimitiveBERTLV) tlv).replaceValue(in, (short) 0, length); return tlv.toBytes(out, (short) 0);
            case 0x54: return ((PrimitiveBERTLV) tlv).getValue(out, (short) 0);
            case 0x55:
                Util.setShort(out, (short) 0, tlv.getLength());
                Util.setShort(out, (short) 2, tlv.size());
                return (short) (4 + tlv.getTag().toBytes(out, (short) 4));
            case 0x56: ((ConstructedBERTLV) tlv).append(BERTLV.getInstance(in, (short) 0, length)); return tlv.toBytes(out, (short) 0);
            case 0x57: return found(((ConstructedBERTLV) tlv).find(length == 0 ? null : BERTag.getInstance(in, (short) 0)));
            case 0x58: {
                ConstructedBERTLV outer = (ConstructedBERTLV) tlv;
                BERTLV first = outer.find(null);
                return found(outer.findNext(length == 0 ? null : BERTag.getInstance(in, (short) 0), first, p1));
            }
            case 0x59: {
                ConstructedBERTLV outer = (ConstructedBERTLV) tlv;
                outer.delete(outer.find(BERTag.getInstance(in, (short) 0)), p1);
                return outer.toBytes(out, (short) 0);
            }
            case 0x5A: ((ConstructedBERTLV) tlv).append(tlv); return 0;
            case 0x5B: new PrimitiveBERTLV((short) 3).size(); return 0;
            case 0x5C: {
                ConstructedBERTag tag = new ConstructedBERTag();
                tag.init((byte) 3, (short) 5);
                ConstructedBERTLV outer = new ConstructedBERTLV((short) 0);
                outer.init(tag, tlv);
                tag.init((byte) 1, (short) 6);
                tlv = outer;
                return outer.toBytes(out, (short) 0);
            }
            case 0x5D: {
                PrimitiveBERTag tag = new PrimitiveBERTag();
                tag.init((byte) 2, (short) 3);
                PrimitiveBERTLV made = new PrimitiveBERTLV((short) 0);
                made.init(tag, in, (short) 0, length);
                tlv = made;
                return made.toBytes(out, (short) 0);
            }
            case 0x5E: new PrimitiveBERTLV((short) -1); return 0;
            default: {
                ConstructedBERTag tag = new ConstructedBERTag();
                tag.init((byte) 3, (short) 1);
                ConstructedBERTLV made = new ConstructedBERTLV((short) 1);
                made.init(tag, in, (short) 0, length);
                tlv = made;
                return made.toBytes(out, (short) 0);
            }
        }
    }

    private short found(BERTLV one) {
        return one == null ? 0 : one.toBytes(out, (short) 0);
    }

    private short others(byte ins, byte p1, short length) {
        switch (ins) {
            case 0x60:
                out[0] = APDUUtil.getCLAChannel(p1);
                out[1] = (byte) (APDUUtil.isSecureMessagingCLA(p1) ? 1 : 0);
                out[2] = (byte) (APDUUtil.isCommandChainingCLA(p1) ? 1 : 0);
                out[3] = (byte) (APDUUtil.isISOInterindustryCLA(p1) ? 1 : 0);
                out[4] = (byte) (APDUUtil.isValidCLA(p1) ? 1 : 0);
                return 5;
            case 0x61: BioBuilder.buildBioTemplate(BioBuilder.FINGERPRINT, (byte) 3); return 0;
            default: Memory.getMemoryAccessInstance(Memory.MEMORY_TYPE_MIFARE, shorts, (short) 0); return 0;
        }
    }
}
