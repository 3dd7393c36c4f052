package cardlab.mutate;

/** What sources compile to: class files by path ({@code com/example/Purse}), or errors. */
public record Compiled(String[] names, byte[][] contents, String[] errors) {
}
