package cardlab.vm.api.security;

import cardlab.engine.RandomAlgorithm;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** RandomData. Field: algorithm. */
final class RandomNatives {
    private static final String RANDOM = "javacard/security/RandomData";
    private static final String OBJECT = "cardlab/security/RandomData";
    private static final int ALGORITHM = 0;

    private final Cryptography cryptography;

    RandomNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(RANDOM)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "(B)L" + RANDOM + ";", Cryptography.guarded(this::getInstance));
        binder.hidden(OBJECT, RANDOM).fields(0, 1)
                .method("getAlgorithm", "()B", call -> call.field(call.self(), ALGORITHM))
                .method("generateData", "([BSS)V", Cryptography.guarded(RandomNatives::generateData))
                .method("nextBytes", "([BSS)S", Cryptography.guarded(RandomNatives::nextBytes))
                .method("setSeed", "([BSS)V", RandomNatives::setSeed);
    }

    private int getInstance(Call call) {
        RandomAlgorithm found = cryptography.engine(call).random(call.number(0));
        int object = call.newObject(OBJECT);
        call.setField(object, ALGORITHM, found.number());
        return object;
    }

    /** ILLEGAL_VALUE for no bytes. */
    private static int generateData(Call call) {
        call.require(call.ref(1), call.number(2), call.number(3));
        RandomAlgorithm.checkLength(call.number(3));
        byte[] bytes = new byte[call.number(3)];
        call.random(bytes);
        call.crypto("RandomData." + RandomAlgorithm.of(call.field(call.self(), ALGORITHM)), bytes.length);
        call.write(call.ref(1), call.number(2), bytes);
        return 0;
    }

    /** The same; returns the offset after the bytes. */
    private static int nextBytes(Call call) {
        generateData(call);
        return call.number(2) + call.number(3);
    }

    private static int setSeed(Call call) {
        call.seed(call.bytes(call.ref(1), call.number(2), call.number(3)));
        return 0;
    }
}
