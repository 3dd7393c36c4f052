package cardlab.vm.api.globalplatform;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.NativePackage;

/** org.globalplatform (GlobalPlatform Card API 1.0 to 1.7), answered by the card manager. */
public final class GlobalPlatform implements NativePackage {
    @Override
    public String name() {
        return "org.globalplatform";
    }

    @Override
    public void bind(Binder binder) {
        SystemNatives.bind(binder);
        ChannelNatives.bind(binder);
        RegistryNatives.bind(binder);
    }
}
