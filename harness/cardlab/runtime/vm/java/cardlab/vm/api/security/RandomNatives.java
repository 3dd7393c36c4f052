package cardlab.vm.api.security;

import cardlab.engine.RandomAlgorithm;
import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.ClassBinder;

/** RandomData. Field: algorithm. */
final class RandomNatives {
    private static final String RANDOM = "javacard/security/RandomData";
    private static final String OBJECT = "cardlab/security/RandomData";
    private static final int ALGORITHM = 0;
    private static final int CELLS = 1;

    private final Cryptography cryptography;

    RandomNatives(Cryptography cryptography) {
        this.cryptography = cryptography;
    }

    void bind(Binder binder) {
        binder.type(RANDOM)
                .method("<init>", "()V", call -> 0)
                .method("getInstance", "(BZ)L" + RANDOM + ";", Cryptography.guarded(this::getInstance))
                .method("getInstance", "(B)L" + RANDOM + ";", Cryptography.guarded(this::getInstance));
        bind(binder.hidden(OBJECT, RANDOM));
        OneShot.bind(bind(binder.type(RANDOM + "$OneShot")), SystemObjects.RANDOM_DATA_ONE_SHOT, 0, CELLS)
                .method("open", "(B)L" + RANDOM + "$OneShot;", Cryptography.guarded(this::open));
    }

    private static ClassBinder bind(ClassBinder type) {
        return type.fields(0, CELLS)
                .method("getAlgorithm", "()B", OneShot.whileOpen(CELLS, call -> call.field(call.self(), ALGORITHM)))
                .method("generateData", "([BSS)V", OneShot.whileOpen(CELLS, RandomNatives::generateData))
                .method("nextBytes", "([BSS)S", OneShot.whileOpen(CELLS, RandomNatives::nextBytes))
                .method("setSeed", "([BSS)V", OneShot.whileOpen(CELLS, RandomNatives::setSeed));
    }

    private int open(Call call) {
        RandomAlgorithm found = cryptography.engine(call).random(call.number(0));
        int object = OneShot.open(call, SystemObjects.RANDOM_DATA_ONE_SHOT, CELLS);
        call.setField(object, ALGORITHM, found.number());
        return object;
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
