package cardlab.mutate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jdt.internal.compiler.Compiler;
import org.eclipse.jdt.internal.compiler.ast.CompilationUnitDeclaration;
import org.eclipse.jdt.internal.compiler.impl.CompilerOptions;

/** All changes that the operators can make in some sources, and where fields are used, by file. */
public final class Found extends Memory {
    private final Map<String, List<Change>> changes = new LinkedHashMap<>();
    private final List<CompilationUnitDeclaration> units = new ArrayList<>();
    private final Map<String, List<Use>> uses = new LinkedHashMap<>();

    private final Map<String, Integer> ends = new LinkedHashMap<>();

    Found(Libraries libraries, Map<String, String> texts) {
        super(libraries, texts);
    }

    public List<Change> changes(String file) {
        return changes.getOrDefault(file, List.of());
    }

    public List<Use> uses(String file) {
        return uses.getOrDefault(file, List.of());
    }

    /** Where the body of a file's first class ends, at its brace; negative when there is none. */
    public int end(String file) {
        return ends.getOrDefault(file, -1);
    }

    /** What is wrong with the sources. */
    public String[] problems() {
        return errors().toArray(new String[0]);
    }

    @Override
    public void performCompilation() {
        compilerOptions = new CompilerOptions(options);
        batchCompiler = new Looking();
        batchCompiler.compile(getCompilationUnits());
        Methods methods = new Methods();
        units.forEach(one -> one.traverse(methods, one.scope));
        units.forEach(one -> lookAt(one, methods));
        units.clear();
    }

    private void lookAt(CompilationUnitDeclaration unit, Methods methods) {
        String file = new String(unit.getFileName());
        Finder finder = new Finder(new Text(text(file)), methods);
        unit.traverse(finder, unit.scope);
        changes.put(file, finder.changes());
        uses.put(file, finder.uses());
        ends.put(file, finder.end());
    }

    /** Keeps each unit when its types are known: what one does may depend on another. */
    private final class Looking extends Compiler {
        Looking() {
            super(getLibraryAccess(), getHandlingPolicy(), compilerOptions, getBatchRequestor(), getProblemFactory());
        }

        @Override
        public void process(CompilationUnitDeclaration unit, int number) {
            super.process(unit, number);
            units.add(unit);
        }
    }
}
