package cardlab.jcardsim;

/**
 * Memory of a card in bytes.
 *
 * @param persistent for packages and objects
 * @param untilReset transient memory of the CLEAR_ON_RESET kind, all instances together
 * @param untilDeselect transient memory of the CLEAR_ON_DESELECT kind, each instance
 * @param commit what one transaction can change
 */
public record Limits(int persistent, int untilReset, int untilDeselect, int commit) {}
