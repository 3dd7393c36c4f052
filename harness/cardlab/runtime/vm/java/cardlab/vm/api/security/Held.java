package cardlab.vm.api.security;

import cardlab.vm.natives.Peer;
import java.util.function.UnaryOperator;

/** A message under way: a state of the engine that ends at reset. */
public final class Held<T> implements Peer {
    private final T state;
    private final UnaryOperator<T> copy;

    public Held(T state, UnaryOperator<T> copy) {
        this.state = state;
        this.copy = copy;
    }

    public T state() {
        return state;
    }

    @Override
    public Peer fork() {
        return new Held<>(copy.apply(state), copy);
    }

    /** The state in a peer, null for none. */
    public static <T> T in(Peer peer, Class<T> type) {
        return peer instanceof Held<?> held ? type.cast(held.state) : null;
    }
}
