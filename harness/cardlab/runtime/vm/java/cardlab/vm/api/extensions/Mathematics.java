package cardlab.vm.api.extensions;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.NativePackage;
import java.math.BigInteger;

/** javacardx.framework.math. */
public final class Mathematics implements NativePackage {
    /** The longest numbers, in bytes of their hexadecimal form. */
    static final int MOST = 128;

    @Override
    public String name() {
        return "javacardx.framework.math";
    }

    @Override
    public void bind(Binder binder) {
        binder.type("javacardx/framework/math/BCDUtil")
                .method("<init>", "()V", call -> 0)
                .method("getMaxBytesSupported", "()S", call -> MOST)
                .method("convertToHex", "([BSS[BS)S", Mathematics::convertToHex)
                .method("convertToBCD", "([BSS[BS)S", Mathematics::convertToBcd)
                .method("isBCDFormat", "([BSS)Z", Mathematics::isBcdFormat);
        binder.type("javacardx/framework/math/ParityBit")
                .method("<init>", "()V", call -> 0)
                .method("set", "([BSSZ)V", Mathematics::setParity);
        BigNumberNatives.bind(binder);
    }

    private static int convertToHex(Call call) {
        BigInteger number = Decimals.decimal(call, call.bytes(call.ref(0), call.number(1), call.number(2)));
        return put(call, Decimals.hexadecimal(number));
    }

    private static int convertToBcd(Call call) {
        byte[] in = call.bytes(call.ref(0), call.number(1), call.number(2));
        return put(call, Decimals.decimal(Decimals.hexadecimal(call, in)));
    }

    private static int put(Call call, byte[] out) {
        call.write(call.ref(3), call.number(4), out);
        return out.length;
    }

    private static int isBcdFormat(Call call) {
        byte[] in = call.bytes(call.ref(0), call.number(1), call.number(2));
        if (in.length == 0) {
            throw Decimals.wrong(call);
        }
        return Decimals.isDecimal(in) ? 1 : 0;
    }

    /** The lowest bit of each byte becomes the parity of the others. */
    private static int setParity(Call call) {
        byte[] bytes = call.bytes(call.ref(0), call.number(1), call.number(2));
        boolean isEven = call.number(3) != 0;
        for (int i = 0; i < bytes.length; i++) {
            boolean isOdd = Integer.bitCount(bytes[i] & 0xFE) % 2 == 1;
            bytes[i] = (byte) (bytes[i] & 0xFE | (isOdd == isEven ? 1 : 0));
        }
        call.write(call.ref(0), call.number(1), bytes);
        return 0;
    }
}
