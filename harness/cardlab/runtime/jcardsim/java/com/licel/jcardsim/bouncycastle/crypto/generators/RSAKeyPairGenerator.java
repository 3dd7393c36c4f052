package com.licel.jcardsim.bouncycastle.crypto.generators;

import cardlab.engine.RsaKeys;
import com.licel.jcardsim.bouncycastle.crypto.AsymmetricCipherKeyPair;
import com.licel.jcardsim.bouncycastle.crypto.AsymmetricCipherKeyPairGenerator;
import com.licel.jcardsim.bouncycastle.crypto.KeyGenerationParameters;
import com.licel.jcardsim.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import com.licel.jcardsim.bouncycastle.crypto.params.RSAKeyParameters;
import com.licel.jcardsim.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import java.math.BigInteger;

/**
 * RSA keys as the engine makes them, in place of the library's class of this name: whatever executes a card, one seed gives
 * one key, and what is drawn afterwards is the same as well.
 */
public final class RSAKeyPairGenerator implements AsymmetricCipherKeyPairGenerator {
    private RSAKeyGenerationParameters wanted;

    @Override
    public void init(KeyGenerationParameters parameters) {
        wanted = (RSAKeyGenerationParameters) parameters;
    }

    @Override
    public AsymmetricCipherKeyPair generateKeyPair() {
        BigInteger exponent = wanted.getPublicExponent();
        RsaKeys made = RsaKeys.generate(wanted.getStrength(), exponent, wanted.getRandom());
        return new AsymmetricCipherKeyPair(
                new RSAKeyParameters(false, made.modulus(), exponent, true),
                new RSAPrivateCrtKeyParameters(made.modulus(), exponent, made.privateExponent(), made.p(), made.q(),
                        made.exponentOfP(), made.exponentOfQ(), made.inverseOfQ(), true));
    }
}
