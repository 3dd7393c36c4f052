package cardlab.vm.hostile;

import cardlab.vm.Services;
import java.util.Arrays;

/** A card manager that grants whatever is asked: behind a secure channel is the most of an applet's code. */
public final class OpenChannel implements Services {
    private static final int UNWRAP = 2;
    private static final int WRAP = 3;
    private static final int DECRYPT = 4;
    private static final int LEVEL = 7;
    private static final int CARD_STATE = 8;
    private static final int STATE = 9;
    /** AUTHENTICATED, R-MAC, C-DECRYPTION, C-MAC (GPCS 2.3.1, Table 10-1). */
    private static final byte ALL = (byte) 0x93;

    @Override
    public byte[] call(byte[] instanceAid, int service, byte[] argument) {
        return switch (service) {
            case UNWRAP -> answer(plain(argument));
            case WRAP -> answer(Arrays.copyOf(argument, Math.max(argument.length - 2, 0)));
            case DECRYPT -> answer(argument);
            case LEVEL -> answer(new byte[] {ALL});
            case CARD_STATE -> answer(new byte[] {0x0F});
            case STATE -> answer(new byte[] {0x07});
            default -> answer(new byte[] {1});
        };
    }

    /** Header, Lc and data: a short command loses its Le. */
    private static byte[] plain(byte[] command) {
        if (command.length <= 5) {
            return Arrays.copyOf(Arrays.copyOf(command, 4), 5);
        }
        return Arrays.copyOf(command, Math.min(command.length, 5 + (command[4] & 0xFF)));
    }

    private static byte[] answer(byte[] result) {
        byte[] whole = new byte[2 + result.length];
        whole[0] = (byte) 0x90;
        System.arraycopy(result, 0, whole, 2, result.length);
        return whole;
    }

    @Override
    public void poll() {}

    @Override
    public void warned(String message, String place) {}
}
