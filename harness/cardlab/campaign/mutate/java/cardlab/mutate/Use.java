package cardlab.mutate;

/**
 * A place where a field is used: a constant has no code of its own.
 *
 * @param field the key of the field
 * @param offset where, in characters from the beginning of the file
 * @param user the key of the field in whose initial value it is used; empty in code
 */
public record Use(String field, int offset, String user) {
}
