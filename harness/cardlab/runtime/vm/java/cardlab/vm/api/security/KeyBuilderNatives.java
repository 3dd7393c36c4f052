package cardlab.vm.api.security;

import cardlab.engine.KeyFamily;
import cardlab.engine.KeyLayout;
import cardlab.engine.KeyMemory;
import cardlab.engine.KeyType;
import cardlab.engine.NamedCurve;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** KeyBuilder. */
final class KeyBuilderNatives {
    private static final int ATTR_PRIVATE = 0x8000;

    private final Cryptography cryptography;

    KeyBuilderNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type("javacard/security/KeyBuilder")
                .method("buildKey", "(BSZ)Ljavacard/security/Key;", Cryptography.guarded(this::byType))
                .method("buildKey", "(BBSZ)Ljavacard/security/Key;", Cryptography.guarded(this::byParts))
                .method("buildXECKey", "(Ljavacard/security/NamedParameterSpec;SZ)Ljavacard/security/Key;",
                        Cryptography.guarded(this::onNamedCurve))
                .method("getMemoryType", "(Ljavacard/security/Key;)B",
                        Cryptography.guarded(call -> CardKey.of(call, call.ref(0)).memory().ordinal()))
                .method("buildKeyWithSharedDomain", "(BBLjavacard/security/Key;Z)Ljavacard/security/Key;",
                        Cryptography.guarded(this::withSharedDomain));
    }

    private int byType(Call call) {
        KeyType type = KeyType.of(call.number(0));
        if (type.family().isParameters() && Cryptography.isJavaCard30(call)) {
            throw Cryptography.thrown(call, Cryptography.NO_SUCH_ALGORITHM);
        }
        return build(call, type, call.number(1), call.number(2) != 0, 0);
    }

    private int byParts(Call call) {
        return build(call, KeyType.of(call.number(0), call.number(1)), call.number(2), call.number(3) != 0, 0);
    }

    /** The attributes are a memory type, and ATTR_PRIVATE. */
    private int onNamedCurve(Call call) {
        NamedCurve curve = NamedCurves.of(call, call.ref(0));
        boolean isPrivate = (call.number(1) & ATTR_PRIVATE) != 0;
        KeyMemory memory = KeyMemory.of(call.number(1) & ~ATTR_PRIVATE & 0xFFFF);
        cryptography.engine(call).layout(curve, isPrivate);
        return CardKey.build(call, curve, isPrivate, memory, call.number(2) != 0, call.ref(0));
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
