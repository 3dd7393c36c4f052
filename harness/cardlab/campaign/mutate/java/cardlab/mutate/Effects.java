package cardlab.mutate;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;

/**
 * What the execution of some code may read, change and throw: more than it does perhaps, never less.
 *
 * <p>Places are local variables, fields (of whichever object) and the elements of all arrays of one kind.
 */
final class Effects {
    private final Set<Object> reads = new HashSet<>();
    private final Set<Object> writes = new HashSet<>();
    private boolean isUnknown;
    private boolean isLasting;
    private boolean mayFail;
    private boolean mayThrow;

    void read(Object place) {
        reads.add(place);
    }

    void write(Object place) {
        writes.add(place);
    }

    /** Anything may happen, or it goes on elsewhere. */
    Effects unknown() {
        isUnknown = true;
        return this;
    }

    /** It changes what others see, and what stays when power is cut; a full commit buffer refuses that. */
    Effects lasting() {
        isLasting = true;
        mayThrow = true;
        return this;
    }

    /** The virtual machine itself may throw: a reference is null, an index is wrong. */
    Effects failing() {
        mayFail = true;
        return this;
    }

    /** Somebody may throw, or it does not end. */
    Effects throwing() {
        mayThrow = true;
        return this;
    }

    /** It calls what does this: all but what is local to that. */
    void called(Effects other) {
        reads.addAll(other.reads);
        writes.addAll(other.writes);
        isUnknown |= other.isUnknown;
        isLasting |= other.isLasting;
        mayFail |= other.mayFail;
        mayThrow |= other.mayThrow;
    }

    /**
     * Whether nothing can tell in which order the two are done.
     *
     * @param isWatched whether what they throw may be caught where their local variables are seen
     * @param areFailuresTold whether somebody tells what the virtual machine throws by its type
     */
    boolean commute(Effects other, boolean isWatched, boolean areFailuresTold) {
        return !isUnknown && !other.isUnknown && isApart(other) && other.isApart(this)
                && !(isLasting && other.isLasting) && !(mayStop() && other.mayStop() && isTold(other, areFailuresTold))
                && isDoneAnyway(other, isWatched) && other.isDoneAnyway(this, isWatched);
    }

    private boolean mayStop() {
        return mayFail || mayThrow;
    }

    /** Whether it is seen which of the two was thrown first. */
    private boolean isTold(Effects other, boolean areFailuresTold) {
        return mayThrow || other.mayThrow || areFailuresTold;
    }

    private boolean isApart(Effects other) {
        return Collections.disjoint(writes, other.reads) && Collections.disjoint(writes, other.writes);
    }

    /** Whether nobody sees that the other is not done when this throws. */
    private boolean isDoneAnyway(Effects other, boolean isWatched) {
        return !mayStop() || (!other.isLasting && !(isWatched && !other.writes.isEmpty()));
    }
}
