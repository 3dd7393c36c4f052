package cardlab.vm.framework;

import cardlab.vm.natives.Binder;
import cardlab.vm.natives.Call;
import cardlab.vm.natives.NativePackage;

/** java.lang, java.io and java.rmi. */
public final class Language implements NativePackage {
    @Override
    public String name() {
        return "java.lang";
    }

    @Override
    public void bind(Binder binder) {
        binder.type("java/lang/Object")
                .method("<init>", "()V", ExceptionNatives::construct)
                .method("equals", "(Ljava/lang/Object;)Z", Language::equal);
        for (String name : new String[] {"Throwable", "Exception", "RuntimeException", "IndexOutOfBoundsException",
                "ArrayIndexOutOfBoundsException", "NegativeArraySizeException", "NullPointerException", "ClassCastException",
                "ArithmeticException", "SecurityException", "ArrayStoreException"}) {
            binder.type("java/lang/" + name).method("<init>", "()V", ExceptionNatives::construct);
        }
        binder.type("java/io/IOException").method("<init>", "()V", ExceptionNatives::construct);
        binder.type("java/rmi/RemoteException").method("<init>", "()V", ExceptionNatives::construct);
    }

    private static int equal(Call call) {
        return call.self() == call.ref(1) ? 1 : 0;
    }
}
