package cardlab.jcardsim;

/**
 * What the specifications leave to the card; cardlab.runtime.choices says it at length.
 *
 * @param dataWithoutLe response data go out when the command has no Le field
 * @param apduBuffer bytes of the APDU buffer
 * @param installArray bytes, at least, of the array that install() is given
 * @param instanceAidByDefault register() without an AID takes that of INSTALL, else the module's must be the same
 * @param selectInDeselect the SELECT is in the APDU buffer while deselect() runs
 * @param objectDeletion JCSystem.requestObjectDeletion() is there
 */
public record Choices(boolean dataWithoutLe, int apduBuffer, int installArray, boolean instanceAidByDefault,
        boolean selectInDeselect, boolean objectDeletion) {}
