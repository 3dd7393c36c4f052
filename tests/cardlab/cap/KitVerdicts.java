import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Vector;

/**
 * Has a vendor's verifier, found on the class path, look at many CAP files in one process.
 *
 * <p>Arguments: the platform version ("" where the kit knows one only), then export files. Standard input: for each CAP
 * file its length (4 bytes) and its content. Standard output: for each a line, empty when it is sound, else the reason.
 */
final class KitVerdicts {
    private KitVerdicts() {
    }

    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        PrintStream out = System.out;
        System.setOut(new PrintStream(PrintStream.nullOutputStream()));
        Class<?> verifier = Class.forName("com.sun.javacard.offcardverifier.Verifier");
        if (!arguments[0].isEmpty()) {
            target(verifier, arguments[0]);
        }
        Vector<File> exports = new Vector<File>();
        for (int n = 1; n < arguments.length; n++) {
            exports.add(new File(arguments[n]));
        }
        Method verify = verifier.getMethod("verifyCap", File.class, String.class, Vector.class);
        Path file = Files.createTempFile("mutant", ".cap");
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(System.in))) {
            while (true) {
                byte[] cap = new byte[in.readInt()];
                in.readFully(cap);
                Files.write(file, cap);
                out.println(verdict(verify, file, exports));
            }
        } catch (EOFException e) {
            out.flush();
        } finally {
            Files.delete(file);
        }
    }

    private static void target(Class<?> verifier, String version) throws ReflectiveOperationException {
        for (Method m : verifier.getMethods()) {
            if (m.getName().equals("verifyTargetPlatform")) {
                Object[] arguments = m.getParameterCount() == 1 ? new Object[] {version} : new Object[] {version, true};
                m.invoke(null, arguments);
            }
        }
    }

    private static String verdict(Method verify, Path file, Vector<File> exports) throws ReflectiveOperationException {
        try {
            verify.invoke(null, file.toFile(), null, new Vector<>(exports));
            return "";
        } catch (InvocationTargetException e) {
            return String.valueOf(e.getCause().getMessage()).replace('\n', ' ').replace('\r', ' ') + " ";
        }
    }
}
