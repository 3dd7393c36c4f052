package cardlab.mutate;

import java.util.List;

/**
 * One change of a source file: what an operator does at one place.
 *
 * <p>Offsets count characters from the beginning of the file, ends are behind the last one.
 *
 * @param operator the operator's name
 * @param member the method, constructor or field in which it is, with the simple names of its classes before it
 * @param field the key of the field whose initial value is changed; empty elsewhere
 * @param start where what people see of it begins: a statement, the head of one, a field
 * @param end where that ends
 * @param edits what is replaced, in the order of the text, none over another
 */
public record Change(String operator, String member, String field, int start, int end, List<Edit> edits) {

    /** A range of the text, and what stands there instead. */
    public record Edit(int start, int end, String text) {
    }
}
