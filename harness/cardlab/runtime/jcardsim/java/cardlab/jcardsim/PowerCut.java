package cardlab.jcardsim;

/** Ends an applet where the power was cut. An Error, so that an applet's catch (Exception e) does not survive it. */
public final class PowerCut extends Error {
    private static final long serialVersionUID = 1L;

    PowerCut() {
        super("the power was cut", null, false, false);
    }
}
