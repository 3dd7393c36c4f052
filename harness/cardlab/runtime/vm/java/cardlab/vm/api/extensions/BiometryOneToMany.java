package cardlab.vm.api.extensions;

import cardlab.vm.framework.ExceptionNatives;
import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.NativePackage;

/** javacardx.biometry1toN: this card has no matching algorithm (Bio1toNException.UNSUPPORTED_BIO_TYPE for every type). */
public final class BiometryOneToMany implements NativePackage {
    private static final String EXCEPTION = "javacardx/biometry1toN/Bio1toNException";
    private static final int UNSUPPORTED_BIO_TYPE = 3;

    @Override
    public String name() {
        return "javacardx.biometry1toN";
    }

    @Override
    public void bind(Binder binder) {
        ExceptionNatives.bindWithReason(binder, EXCEPTION);
        binder.type("javacardx/biometry1toN/Bio1toNBuilder")
                .method("buildBioMatcher", "(SBB)Ljavacardx/biometry1toN/OwnerBioMatcher;", BiometryOneToMany::none)
                .method("buildBioMatcher", "(SBB[BB)Ljavacardx/biometry1toN/OwnerBioMatcher;", BiometryOneToMany::none)
                .method("buildBioTemplateData", "(B)Ljavacardx/biometry1toN/OwnerBioTemplateData;", BiometryOneToMany::none)
                .method("buildBioTemplateData", "(B[B)Ljavacardx/biometry1toN/OwnerBioTemplateData;", BiometryOneToMany::none);
    }

    private static int none(Call call) {
        throw call.thrown(EXCEPTION, UNSUPPORTED_BIO_TYPE);
    }
}
