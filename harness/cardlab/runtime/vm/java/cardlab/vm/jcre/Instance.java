package cardlab.vm.jcre;

import cardlab.vm.link.Cap;
import cardlab.vm.link.LoadedPackage;

/** An applet instance; its block in persistent memory has the same facts. */
final class Instance {
    final int number;
    final int block;
    final byte[] aid;
    final LoadedPackage home;
    final Cap.AppletInfo module;
    /** The applet object; 0 until register(). */
    int applet;

    Instance(int number, int block, byte[] aid, LoadedPackage home, Cap.AppletInfo module) {
        this.number = number;
        this.block = block;
        this.aid = aid;
        this.home = home;
        this.module = module;
    }

    Instance copy() {
        Instance other = new Instance(number, block, aid, home, module);
        other.applet = applet;
        return other;
    }
}
