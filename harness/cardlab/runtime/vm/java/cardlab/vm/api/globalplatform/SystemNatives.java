package cardlab.vm.api.globalplatform;

import cardlab.vm.jcre.SystemObjects;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;

/** GPSystem. getCardInfo() of version 1.7 is not here: a CAP file that calls it is refused. */
final class SystemNatives {
    private SystemNatives() {}

    static void bind(Binder binder) {
        binder.type("org/globalplatform/GPSystem")
                .method("<init>", "()V", call -> 0)
                .method("getCardContentState", "()B", call -> Manager.byteOf(call, Manager.GET_APPLICATION_STATE))
                .method("getCardState", "()B", call -> Manager.byteOf(call, Manager.GET_CARD_STATE))
                .method("getCVM", "(B)Lorg/globalplatform/CVM;", SystemNatives::nothingRegistered)
                .method("getSecureChannel", "()Lorg/globalplatform/SecureChannel;", SystemNatives::getSecureChannel)
                .method("lockCard", "()Z", call -> Manager.done(call, Manager.LOCK_CARD))
                .method("terminateCard", "()Z", call -> Manager.done(call, Manager.TERMINATE_CARD))
                .method("setATRHistBytes", "([BSB)Z", SystemNatives::setHistoricalBytes)
                .method("setCardContentState", "(B)Z",
                        call -> Manager.done(call, Manager.SET_APPLICATION_STATE, (byte) call.number(0)))
                .method("getRegistryEntry", "(Ljavacard/framework/AID;)Lorg/globalplatform/GPRegistryEntry;",
                        RegistryNatives::getRegistryEntry)
                .method("getService", "(Ljavacard/framework/AID;S)Lorg/globalplatform/GlobalService;",
                        SystemNatives::nothingRegistered);
    }

    /** Null is the API's answer where no such service is registered; registerService() refuses on this card. */
    private static int nothingRegistered(Call call) {
        return 0;
    }

    private static int getSecureChannel(Call call) {
        boolean isHidden = Manager.card(call).isDeselecting() && Manager.card(call).properties().hidesSessionFromDeselect();
        return isHidden ? 0 : SystemObjects.SECURE_CHANNEL;
    }

    private static int setHistoricalBytes(Call call) {
        byte[] bytes = call.bytes(call.ref(0), call.number(1), call.number(2));
        return Manager.done(call, Manager.SET_HISTORICAL_BYTES, bytes);
    }
}
