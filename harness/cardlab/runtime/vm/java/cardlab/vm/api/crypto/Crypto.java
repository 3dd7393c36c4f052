package cardlab.vm.api.crypto;

import cardlab.vm.api.security.Cryptography;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.NativePackage;

/** javacardx.crypto (Java Card API 3.0.5) over cardlab.engine. */
public final class Crypto implements NativePackage {
    @Override
    public String name() {
        return "javacardx.crypto";
    }

    @Override
    public void bind(Binder binder) {
        new CipherNatives(new Cryptography()).bind(binder);
    }
}
