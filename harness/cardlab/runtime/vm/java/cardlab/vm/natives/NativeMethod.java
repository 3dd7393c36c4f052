package cardlab.vm.natives;

/** A method of the API in Java. */
@FunctionalInterface
public interface NativeMethod {
    /**
     * Do what the API says.
     *
     * @return the result: a short, a byte (sign extended), a boolean (0 or 1), a reference or an int; anything for void
     * @throws JavaCardException what an applet may catch; made by {@link Call#thrown}
     */
    int call(Call call);
}
