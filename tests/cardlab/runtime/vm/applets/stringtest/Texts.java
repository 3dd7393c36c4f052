package stringtest;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.framework.CardRuntimeException;
import javacard.framework.ISO7816;
import javacard.framework.ISOException;
import javacard.framework.Util;
import javacardx.framework.string.StringUtil;
import javacardx.framework.util.ArrayLogic;

/** Calls StringUtil. The first byte of the data is the length of the first string, the second one follows it. */
public final class Texts extends Applet {
    private final byte[] in = new byte[256];
    private final byte[] out = new byte[256];
    private final short[] shorts = new short[4];

    public static void install(byte[] array, short offset, byte length) {
        new Texts().register();
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
            short first = (short) (in[0] & 0xFF);
            short second = (short) (1 + first);
            answer = perform(buffer[ISO7816.OFFSET_INS], buffer[ISO7816.OFFSET_P1], buffer[ISO7816.OFFSET_P2], first, second,
                    (short) (length - second));
        } catch (CardRuntimeException error) {
            ISOException.throwIt((short) (0x6B00 | error.getReason()));
        } catch (IndexOutOfBoundsException error) {
            ISOException.throwIt((short) 0x6BFE);
        }
        apdu.setOutgoing();
        apdu.setOutgoingLength(answer);
        apdu.sendBytesLong(out, (short) 0, answer);
    }

    private short two(short value) {
        return Util.setShort(out, (short) 0, value);
    }

    private short perform(byte ins, byte p1, byte p2, short first, short second, short rest) {
        short zero = 0;
        switch (ins) {
            case 0: return two(StringUtil.codePointCount(in, (short) 1, first));
            case 1: return StringUtil.codePointAt(in, (short) 1, first, p1, out, zero);
            case 2: return StringUtil.codePointBefore(in, (short) 1, first, p1, out, zero);
            case 3: return two(StringUtil.offsetByCodePoints(in, (short) 1, first, p1, p2));
            case 4: return two(StringUtil.compare(p1 != 0, in, (short) 1, first, in, second, rest));
            case 5: return two(StringUtil.indexOf(in, (short) 1, first, in, second, rest));
            case 6: return StringUtil.replace(in, (short) 1, first, in, second, p1, in, (short) (second + p1), (short) (rest - p1), out, zero);
            case 7: return StringUtil.toLowerCase(in, (short) 1, first, out, zero);
            case 8: return StringUtil.toUpperCase(in, (short) 1, first, out, zero);
            case 9: return StringUtil.trim(in, (short) 1, first, out, zero);
            case 10: return two((short) (StringUtil.check(in, (short) 1, first) ? 1 : 0));
            case 11: return two((short) (StringUtil.startsWith(in, (short) 1, first, in, second, rest, p1) ? 1 : 0));
            case 12: return two((short) (StringUtil.endsWith(in, (short) 1, first, in, second, rest, p1) ? 1 : 0));
            case 13: return StringUtil.substring(in, (short) 1, first, p1, p2, out, zero);
            case 14: return StringUtil.valueOf(p1 != 0, out, zero);
            case 15: return StringUtil.valueOf(Util.getShort(in, (short) 1), out, zero);
            case 16: return two((short) (StringUtil.parseBoolean(in, (short) 1, first) ? 1 : 0));
            case 17: return two(StringUtil.parseShortInteger(in, (short) 1, first));
            case 18: return ArrayLogic.arrayCopyRepack(shorts, zero, StringUtil.parseLongInteger(in, (short) 1, first, shorts, zero), out, zero);
            case 19: {
                short[] number = new short[p1];
                ArrayLogic.arrayCopyRepack(in, (short) 1, first, number, zero);
                return StringUtil.valueOf(number, out, zero);
            }
            case 20: return StringUtil.convertTo(in, (short) 1, first, out, zero, p1);
            default: return StringUtil.convertFrom(in, (short) 1, first, out, zero, p1);
        }
    }
}
