package cardlab.jcardsim;

import com.licel.jcardsim.bouncycastle.crypto.digests.SHA256Digest;
import com.licel.jcardsim.bouncycastle.crypto.macs.HMac;
import com.licel.jcardsim.bouncycastle.crypto.params.KeyParameter;
import java.util.Arrays;

/**
 * HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2), without prediction resistance. One for each card: cards with
 * different seeds share nothing, the same seed and the same use give the same bytes, and no rollback turns it back.
 */
public final class Drbg {
    /** Bytes in each of the two halves of the state, and the least that a seed has. */
    public static final int STATE_BYTES = 32;

    private static final int MAX_REQUEST = 1 << 16;

    private final HMac hmac = new HMac(new SHA256Digest());
    private final byte[] key = new byte[STATE_BYTES];
    private final byte[] value = new byte[STATE_BYTES];
    private long reseedCounter = 1;

    /** HMAC_DRBG_Instantiate; {@code seed} is entropy input, nonce and personalization string, one after the other. */
    public Drbg(byte[] seed) {
        if (seed.length < STATE_BYTES) {
            throw new IllegalArgumentException("a card's seed has at least 32 bytes, not " + seed.length);
        }
        Arrays.fill(value, (byte) 1);
        update(seed);
    }

    private Drbg() {}

    /** The generator whose state() is given; throws DamagedImage when it is not one. */
    static Drbg ofState(byte[] state) throws DamagedImage {
        if (state.length != 2 * STATE_BYTES + 8) {
            throw new DamagedImage("the state of the random generator has " + state.length + " bytes");
        }
        Drbg drbg = new Drbg();
        System.arraycopy(state, 0, drbg.key, 0, STATE_BYTES);
        System.arraycopy(state, STATE_BYTES, drbg.value, 0, STATE_BYTES);
        for (int i = 0; i < 8; i++) {
            drbg.reseedCounter = drbg.reseedCounter << 8 | state[2 * STATE_BYTES + i] & 0xFF;
        }
        return drbg;
    }

    /** Key, V and reseed counter (8 bytes). */
    byte[] state() {
        byte[] state = Arrays.copyOf(key, 2 * STATE_BYTES + 8);
        System.arraycopy(value, 0, state, STATE_BYTES, STATE_BYTES);
        for (int i = 0; i < 8; i++) {
            state[2 * STATE_BYTES + i] = (byte) (reseedCounter >>> 8 * (7 - i));
        }
        return state;
    }

    /** HMAC_DRBG_Reseed; what is mixed in can only add to what the seed brought. */
    public void reseed(byte[] entropy) {
        update(entropy);
        reseedCounter = 1;
    }

    /** HMAC_DRBG_Generate without additional input, as often as the longest request makes necessary. */
    public void generate(byte[] out, int offset, int length) {
        int done = 0;
        while (done < length) {
            int part = Math.min(length - done, MAX_REQUEST);
            generatePart(out, offset + done, part);
            done += part;
        }
    }

    private void generatePart(byte[] out, int offset, int length) {
        hmac.init(new KeyParameter(key));
        for (int done = 0; done < length; done += STATE_BYTES) {
            hmac.update(value, 0, STATE_BYTES);
            hmac.doFinal(value, 0);
            System.arraycopy(value, 0, out, offset + done, Math.min(STATE_BYTES, length - done));
        }
        update(null);
        reseedCounter++;
    }

    private void update(byte[] provided) {
        mix((byte) 0, provided);
        if (provided != null && provided.length != 0) {
            mix((byte) 1, provided);
        }
    }

    private void mix(byte separator, byte[] provided) {
        hmac.init(new KeyParameter(key));
        hmac.update(value, 0, STATE_BYTES);
        hmac.update(separator);
        if (provided != null) {
            hmac.update(provided, 0, provided.length);
        }
        hmac.doFinal(key, 0);
        hmac.init(new KeyParameter(key));
        hmac.update(value, 0, STATE_BYTES);
        hmac.doFinal(value, 0);
    }
}
