package jpki.applet;

/** A right to use a private key, and how its holder got it. */
abstract class HolderRight extends Right {

    HolderRight(Alarm alarm) {
        super(alarm);
    }

    /** What the indicator says of it (Indicator.METHOD_PIN and the like). */
    abstract byte method();
}
