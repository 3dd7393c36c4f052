package cardlab.vm.api.security;

import cardlab.engine.Digest;
import cardlab.engine.DigestAlgorithm;
import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;

/** MessageDigest and InitializedMessageDigest. Field: algorithm. A reset makes the object as new. */
final class DigestNatives {
    private static final String DIGEST = "javacard/security/MessageDigest";
    private static final String INITIALIZED = "javacard/security/InitializedMessageDigest";
    private static final String DIGEST_OBJECT = "cardlab/security/MessageDigest";
    private static final String INITIALIZED_OBJECT = "cardlab/security/InitializedMessageDigest";
    private static final int ALGORITHM = 0;
    private static final int CELLS = 1;

    private final Cryptography cryptography;

    DigestNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(DIGEST)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "(BZ)L" + DIGEST + ";", Cryptography.guarded(this::getInstance))
                .method("isIntermediateMessageDigestSupported", "(B)Z", Cryptography.guarded(DigestNatives::hasIntermediate))
                .method("getInitializedMessageDigestInstance", "(BZ)L" + INITIALIZED + ";",
                        Cryptography.guarded(this::getInitialized));
        binder.type(INITIALIZED).method("<init>", "()V", call -> 0);
        bind(binder.hidden(DIGEST_OBJECT, DIGEST));
        bind(binder.hidden(INITIALIZED_OBJECT, INITIALIZED))
                .method("setInitialDigest", "([BSS[BSS)V", OneShot.whileOpen(CELLS, this::setInitialDigest));
        OneShot.bind(bind(binder.type(DIGEST + "$OneShot")), SystemObjects.MESSAGE_DIGEST_ONE_SHOT, 0, CELLS)
                .method("update", "([BSS)V", OneShot::unsupported)
                .method("open", "(B)L" + DIGEST + "$OneShot;", Cryptography.guarded(this::open));
        OneShot.bind(bind(binder.type(INITIALIZED + "$OneShot")), SystemObjects.INITIALIZED_DIGEST_ONE_SHOT, 0, CELLS)
                .method("update", "([BSS)V", OneShot::unsupported)
                .method("setInitialDigest", "([BSS[BSS)V", OneShot.whileOpen(CELLS, this::setInitialDigest))
                .method("open", "(B)L" + INITIALIZED + "$OneShot;", Cryptography.guarded(this::openInitialized));
    }

    private int open(Call call) {
        return opened(call, SystemObjects.MESSAGE_DIGEST_ONE_SHOT, cryptography.engine(call).digest(call.number(0)));
    }

    private int openInitialized(Call call) {
        Digest digest = cryptography.engine(call).initializedDigest(call.number(0));
        return opened(call, SystemObjects.INITIALIZED_DIGEST_ONE_SHOT, digest);
    }

    private static int opened(Call call, int reference, Digest digest) {
        OneShot.open(call, reference, CELLS);
        call.setField(reference, ALGORITHM, digest.algorithm().number());
        return reference;
    }

    private ClassBinder bind(ClassBinder type) {
        return type.fields(0, CELLS)
                .method("getAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), ALGORITHM)))
                .method("getLength", "()B",
                        OneShot.whileOpen(CELLS, call -> DigestAlgorithm.of(call.field(call.self(), ALGORITHM)).length()))
                .method("doIntermediateMessageDigest", "([BS)S", OneShot.whileOpen(CELLS, OneShot::unsupported))
                .method("reset", "()V", OneShot.whileOpen(CELLS, DigestNatives::reset))
                .method("update", "([BSS)V", OneShot.whileOpen(CELLS, this::update))
                .method("doFinal", "([BSS[BS)S", OneShot.whileOpen(CELLS, this::doFinal));
    }

    private int getInstance(Call call) {
        return made(call, DIGEST_OBJECT, cryptography.engine(call).digest(call.number(0)));
    }

    private int getInitialized(Call call) {
        return made(call, INITIALIZED_OBJECT, cryptography.engine(call).initializedDigest(call.number(0)));
    }

    private static int made(Call call, String className, Digest digest) {
        int object = call.newObject(className);
        call.setField(object, ALGORITHM, digest.algorithm().number());
        return object;
    }

    private Digest digest(Call call) {
        Digest digest = Held.in(call.peer(call.self()), Digest.class);
        if (digest == null) {
            digest = cryptography.engine(call).digest(call.field(call.self(), ALGORITHM));
            call.setPeer(call.self(), new Held<>(digest, Digest::copy));
        }
        return digest;
    }

    private static int reset(Call call) {
        OneShot.end(call);
        return 0;
    }

    private int update(Call call) {
        byte[] in = Cryptography.data(call);
        Digest digest = digest(call);
        digest.update(in, 0, in.length);
        tell(call, digest, in.length);
        return 0;
    }

    private static void tell(Call call, Digest digest, int length) {
        call.crypto("MessageDigest." + digest.algorithm(), length);
    }

    private int doFinal(Call call) {
        byte[] in = Cryptography.data(call);
        Digest digest = digest(call);
        call.require(call.ref(4), call.number(5), digest.algorithm().length());
        byte[] out = digest.doFinal(in, 0, in.length);
        OneShot.end(call);
        tell(call, digest, in.length);
        call.write(call.ref(4), call.number(5), out);
        return out.length;
    }

    /** This card hands out no chaining values, and says so. */
    private static int hasIntermediate(Call call) {
        DigestAlgorithm.of(call.number(0));
        return 0;
    }

    private int setInitialDigest(Call call) {
        byte[] value = call.bytes(call.ref(1), call.number(2), call.number(3));
        byte[] digested = call.bytes(call.ref(4), call.number(5), call.number(6));
        digest(call).setInitialDigest(value, digested);
        return 0;
    }
}
