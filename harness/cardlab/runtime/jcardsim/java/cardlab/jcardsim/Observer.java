package cardlab.jcardsim;

/** Is told what happens while applets run; implemented in Python. The numbers are those of cardlab.runtime.observer. */
public interface Observer {
    int EXCEPTION = 2;
    int PERSISTENT_WRITE = 3;
    int SELECTION = 6;

    /** One event; {@code number} counts where there is something to count. */
    void event(int kind, byte[] instance, String what, int number);
}
