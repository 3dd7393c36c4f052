package cardlab.vm.faults;

/** One fault: what it does, at which instruction of the command (from 0), in which of its ways. */
public record Fault(Model model, int number, int way) {
    private static final int WAYS = 16;
    private static final int NUMBERS = 32;

    long packed() {
        return (long) model.ordinal() << NUMBERS + WAYS | (long) way << NUMBERS | number;
    }

    static Fault of(long packed) {
        return new Fault(Model.values()[(int) (packed >>> NUMBERS + WAYS)], (int) packed, (int) (packed >>> NUMBERS) & 0xFFFF);
    }
}
