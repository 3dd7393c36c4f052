package cardlab.jcardsim;

import javacard.framework.AID;
import javacard.framework.Applet;
import javacardx.apdu.ExtendedLength;

/** An applet instance: its AID object, which the runtime environment owns, where it comes from, and its object. */
final class Instance {
    final byte[] aidBytes;
    final AID aid;
    final LoadedPackage from;
    final byte[] moduleAid;
    final Applet applet;
    final boolean extendedLength;

    Instance(byte[] aidBytes, AID aid, LoadedPackage from, byte[] moduleAid, Applet applet) {
        this.aidBytes = aidBytes;
        this.aid = aid;
        this.from = from;
        this.moduleAid = moduleAid;
        this.applet = applet;
        this.extendedLength = applet instanceof ExtendedLength;
    }
}
