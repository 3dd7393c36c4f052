package library;

/** An interface of the library. */
public interface Counter {
    byte KIND = 3;
    short count();
}
