package cardlab.mutate;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jdt.core.compiler.CategorizedProblem;
import org.eclipse.jdt.internal.compiler.ClassFile;
import org.eclipse.jdt.internal.compiler.CompilationResult;
import org.eclipse.jdt.internal.compiler.ICompilerRequestor;
import org.eclipse.jdt.internal.compiler.batch.CompilationUnit;
import org.eclipse.jdt.internal.compiler.batch.FileSystem;
import org.eclipse.jdt.internal.compiler.batch.Main;

/** The compiler as its command line has it, with sources from memory and class files into memory. */
class Memory extends Main {
    private final Map<String, String> texts;
    private final Map<String, byte[]> classes = new LinkedHashMap<>();
    private final List<String> errors = new ArrayList<>();

    private final Libraries libraries;

    /** {@code texts} are sources by the file names that the arguments have. */
    Memory(Libraries libraries, Map<String, String> texts) {
        super(nowhere(), nowhere(), false, null, null);
        this.libraries = libraries;
        this.texts = texts;
    }

    private static PrintWriter nowhere() {
        return new PrintWriter(Writer.nullWriter());
    }

    final Compiled result(String[] arguments) {
        compile(arguments);
        return new Compiled(classes.keySet().toArray(new String[0]), classes.values().toArray(new byte[0][]),
                errors.toArray(new String[0]));
    }

    /** The text of a file. */
    final String text(String file) {
        return texts.get(file);
    }

    /** What is wrong: {@code Pin.java:12: what}; empty when all compiled. */
    final List<String> errors() {
        return errors;
    }

    @Override
    public FileSystem getLibraryAccess() {
        return libraries.of(Arrays.toString(checkedClasspaths), checkedClasspaths);
    }

    @Override
    public CompilationUnit[] getCompilationUnits() {
        return Arrays.stream(filenames).map(this::unit).toArray(CompilationUnit[]::new);
    }

    private CompilationUnit unit(String name) {
        return new CompilationUnit(texts.get(name).toCharArray(), name, "UTF-8");
    }

    @Override
    public ICompilerRequestor getBatchRequestor() {
        return this::keep;
    }

    private void keep(CompilationResult result) {
        if (result.hasErrors()) {
            for (CategorizedProblem one : result.getErrors()) {
                errors.add(new String(result.getFileName()) + ":" + one.getSourceLineNumber() + ": " + one.getMessage());
            }
            return;
        }
        for (ClassFile one : result.getClassFiles()) {
            classes.put(new String(one.fileName()), one.getBytes());
        }
    }
}
