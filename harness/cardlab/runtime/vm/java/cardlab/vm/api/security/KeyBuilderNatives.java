package cardlab.vm.api.security;

import cardlab.engine.KeyFamily;
import cardlab.engine.KeyLayout;
import cardlab.engine.KeyType;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** KeyBuilder. */
final class KeyBuilderNatives {
    private final Cryptography cryptography;

    KeyBuilderNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type("javacard/security/KeyBuilder")
                .method("buildKey", "(BSZ)Ljavacard/security/Key;", Cryptography.guarded(this::byType))
                .method("buildKey", "(BBSZ)Ljavacard/security/Key;", Cryptography.guarded(this::byParts))
                .method("buildKeyWithSharedDomain", "(BBLjavacard/security/Key;Z)Ljavacard/security/Key;",
                        Cryptography.guarded(this::withSharedDomain));
    }

    private int byType(Call call) {
        return build(call, KeyType.of(call.number(0)), call.number(1), call.number(2) != 0, 0);
    }

    private int byParts(Call call) {
        return build(call, KeyType.of(call.number(0), call.number(1)), call.number(2), call.number(3) != 0, 0);
    }

    private int build(Call call, KeyType type, int bits, boolean encrypted, int domain) {
        KeyLayout layout = cryptography.engine(call).layout(type.family(), bits);
        return CardKey.build(call, type, layout, encrypted, domain);
    }

    /** ILLEGAL_VALUE when the domain parameters are not of the kind that such a key has. */
    private int withSharedDomain(Call call) {
        KeyType type = KeyType.of(call.number(0), call.number(1));
        CardKey domain = CardKey.of(call, call.ref(2));
        KeyFamily wanted = type.family().parameters();
        if (wanted == null || type.family().isParameters()) {
            throw Cryptography.thrown(call, Cryptography.NO_SUCH_ALGORITHM);
        }
        if (domain.layout().family().parameters() != wanted) {
            throw Cryptography.thrown(call, Cryptography.ILLEGAL_VALUE);
        }
        return build(call, type, domain.layout().bits(), call.number(3) != 0, domain.sharedDomain());
    }
}
