package cardlab.vm.api.extensions;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.NativePackage;

/** javacardx.biometry: this card has no matching algorithm (BioException.NO_SUCH_BIO_TEMPLATE for every type). */
public final class Biometry implements NativePackage {
    private static final String EXCEPTION = "javacardx/biometry/BioException";
    private static final int NO_SUCH_BIO_TEMPLATE = 3;

    @Override
    public String name() {
        return "javacardx.biometry";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, EXCEPTION);
        binder.type("javacardx/biometry/BioBuilder")
                .method("buildBioTemplate", "(BB)Ljavacardx/biometry/OwnerBioTemplate;", Biometry::none)
                .method("buildBioTemplate", "(BB[BB)Ljavacardx/biometry/OwnerBioTemplate;", Biometry::none);
    }

    private static int none(Call call) {
        throw call.thrown(EXCEPTION, NO_SUCH_BIO_TEMPLATE);
    }
}
