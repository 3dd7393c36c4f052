package cardlab.mutate;

/** What is done to sources. The names are those that people choose by and that records have. */
enum Operator {
    CONDITION, OPERAND, COMPARISON, CONSTANT, ARITHMETIC, CALL, STATEMENT, ORDER, TRANSACTION, RETURN;

    String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
