package cardlab.vm.jcre;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2): all that is random on a card comes from one of these. */
public final class Drbg {
    /** Bytes of each half of the state, and the least that a seed has. */
    public static final int STATE = 32;

    private static final int MOST = 1 << 16;

    /** Made when it is needed: most copies of cards draw nothing. */
    private Mac hmac;
    private byte[] key = new byte[STATE];
    private byte[] value = new byte[STATE];

    /** HMAC_DRBG_Instantiate. */
    public Drbg(byte[] seed) {
        if (seed.length < STATE) {
            throw new IllegalArgumentException("a card's seed has at least 32 bytes, not " + seed.length);
        }
        Arrays.fill(value, (byte) 1);
        seed(seed);
    }

    private Drbg(byte[] key, byte[] value) {
        this.key = key;
        this.value = value;
    }

    private static Mac newMac() {
        try {
            return Mac.getInstance("HmacSHA256");
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }

    /** Key and V. */
    public byte[] state() {
        byte[] state = Arrays.copyOf(key, 2 * STATE);
        System.arraycopy(value, 0, state, STATE, STATE);
        return state;
    }

    /** The generator in this state. */
    public static Drbg ofState(byte[] state) {
        return new Drbg(Arrays.copyOf(state, STATE), Arrays.copyOfRange(state, STATE, 2 * STATE));
    }

    /** HMAC_DRBG_Reseed. */
    public void seed(byte[] entropy) {
        mix((byte) 0, entropy);
        mix((byte) 1, entropy);
    }

    /** HMAC_DRBG_Generate, in requests of at most 65,536 bytes. */
    public void generate(byte[] out) {
        for (int done = 0; done < out.length; done += MOST) {
            generatePart(out, done, Math.min(MOST, out.length - done));
        }
    }

    private void generatePart(byte[] out, int offset, int length) {
        for (int done = 0; done < length; done += STATE) {
            value = mac(value);
            System.arraycopy(value, 0, out, offset + done, Math.min(STATE, length - done));
        }
        mix((byte) 0, new byte[0]);
    }

    private void mix(byte separator, byte[] provided) {
        byte[] input = Arrays.copyOf(value, STATE + 1 + provided.length);
        input[STATE] = separator;
        System.arraycopy(provided, 0, input, STATE + 1, provided.length);
        key = mac(input);
        value = mac(value);
    }

    private byte[] mac(byte[] input) {
        if (hmac == null) {
            hmac = newMac();
        }
        try {
            hmac.init(new SecretKeySpec(key, "HmacSHA256"));
            return hmac.doFinal(input);
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException(error);
        }
    }
}
