package cardlab.vm.api.security;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.NativePackage;

/** javacard.security (Java Card API 3.2) over cardlab.engine. */
public final class Security implements NativePackage {
    private final Cryptography cryptography = new Cryptography();

    @Override
    public String name() {
        return "javacard.security";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, Cryptography.EXCEPTION);
        new KeyNatives(cryptography).bind(binder);
        new NamedCurves(cryptography).bind(binder);
        new KeyBuilderNatives(cryptography).bind(binder);
        new KeyPairNatives(cryptography).bind(binder);
        new DigestNatives(cryptography).bind(binder);
        new SignatureNatives(cryptography).bind(binder);
        new AgreementNatives(cryptography).bind(binder);
        new ChecksumNatives(cryptography).bind(binder);
        new RandomNatives(cryptography).bind(binder);
    }
}
