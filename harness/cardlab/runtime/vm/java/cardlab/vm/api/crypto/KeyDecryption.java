package cardlab.vm.api.crypto;

import cardlab.engine.CipherOperation;
import cardlab.vm.api.security.Cryptography;
import cardlab.vm.natives.Call;

/** KeyEncryption: what is set comes encrypted, and is decrypted with the cipher that the key object was given. */
public final class KeyDecryption {
    private final Cryptography cryptography;

    public KeyDecryption(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    /** The bytes themselves without a cipher. CryptoException of Cipher.doFinal(). */
    public byte[] plain(Call call, int cipher, byte[] given) {
        if (cipher == 0) {
            return given;
        }
        CipherOperation operation = CipherNatives.operation(cryptography, call, cipher);
        return operation.doFinal(CipherNatives.key(call, cipher), Cryptography.random(call), given, 0, given.length);
    }

    /** How many encrypted bytes hold a secret of this length: whole blocks. */
    public int encryptedLength(Call call, int cipher, int length) {
        if (cipher == 0) {
            return length;
        }
        int block = CipherNatives.blockBytes(call, cipher);
        return (length + block - 1) / block * block;
    }
}
