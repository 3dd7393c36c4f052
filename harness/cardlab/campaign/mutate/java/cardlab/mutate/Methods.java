package cardlab.mutate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jdt.internal.compiler.ASTVisitor;
import org.eclipse.jdt.internal.compiler.ast.AbstractMethodDeclaration;
import org.eclipse.jdt.internal.compiler.ast.Argument;
import org.eclipse.jdt.internal.compiler.ast.ConstructorDeclaration;
import org.eclipse.jdt.internal.compiler.ast.FieldDeclaration;
import org.eclipse.jdt.internal.compiler.ast.InstanceOfExpression;
import org.eclipse.jdt.internal.compiler.ast.Statement;
import org.eclipse.jdt.internal.compiler.ast.TryStatement;
import org.eclipse.jdt.internal.compiler.ast.TypeDeclaration;
import org.eclipse.jdt.internal.compiler.lookup.BinaryTypeBinding;
import org.eclipse.jdt.internal.compiler.lookup.BlockScope;
import org.eclipse.jdt.internal.compiler.lookup.ClassScope;
import org.eclipse.jdt.internal.compiler.lookup.CompilationUnitScope;
import org.eclipse.jdt.internal.compiler.lookup.MethodBinding;
import org.eclipse.jdt.internal.compiler.lookup.ReferenceBinding;
import org.eclipse.jdt.internal.compiler.lookup.TypeBinding;
import org.eclipse.jdt.internal.compiler.lookup.TypeIds;

/** What the methods of some sources do, with all that they call. */
final class Methods extends ASTVisitor {
    private static final String RUNTIME = "java.lang.RuntimeException";
    private static final Set<String> EVERYTHING = Set.of(RUNTIME, "java.lang.Exception", "java.lang.Throwable");

    private final Map<String, List<AbstractMethodDeclaration>> declared = new HashMap<>();
    private final Map<AbstractMethodDeclaration, TypeDeclaration> types = new HashMap<>();
    private final Map<MethodBinding, ConstructorDeclaration> constructors = new HashMap<>();
    private final Map<AbstractMethodDeclaration, Effects> known = new HashMap<>();
    private final Set<AbstractMethodDeclaration> open = new HashSet<>();
    private final Set<String> inherited = new HashSet<>();
    private boolean areFailuresTold;

    /** Whether somebody tells what the virtual machine throws by its type. */
    boolean areFailuresTold() {
        return areFailuresTold;
    }

    /** Of all methods that a call may reach; of methods outside the sources what is known of the library. */
    Effects of(MethodBinding method) {
        if (method.declaringClass.original() instanceof BinaryTypeBinding) {
            return Library.of(method);
        }
        Effects found = new Effects();
        if (method.isConstructor()) {
            ConstructorDeclaration one = constructors.get(method);
            return one == null ? found.unknown() : of(one);
        }
        if (inherited.contains(key(method)) || !declared.containsKey(key(method))) {
            return found.unknown();
        }
        declared.get(key(method)).forEach(one -> found.called(of(one)));
        return found;
    }

    /** How many of the first statements of a constructor are done while nobody else knows the object. */
    int alone(ConstructorDeclaration one) {
        int count = 0;
        if (!isGivenAwayBefore(one) && one.statements != null) {
            while (count < one.statements.length && !Leaks.in(one.statements[count])) {
                count++;
            }
        }
        return count;
    }

    private boolean isGivenAwayBefore(ConstructorDeclaration one) {
        TypeDeclaration type = types.get(one);
        boolean byFields = initial(type).stream().anyMatch(Leaks::in);
        return byFields || one.constructorCall == null || isGivenAway(one.constructorCall.binding);
    }

    private boolean isGivenAway(MethodBinding constructor) {
        if (constructor.declaringClass instanceof BinaryTypeBinding) {
            return !Library.isQuiet(constructor);
        }
        ConstructorDeclaration one = constructors.get(constructor);
        return one == null || alone(one) < (one.statements == null ? 0 : one.statements.length)
                || isGivenAwayBefore(one);
    }

    private Effects of(AbstractMethodDeclaration one) {
        if (open.contains(one)) {
            return new Effects().unknown(); // it calls itself, and may not end
        }
        if (!known.containsKey(one)) {
            open.add(one);
            known.put(one, watched(one));
            open.remove(one);
        }
        return known.get(one);
    }

    private Effects watched(AbstractMethodDeclaration one) {
        boolean isNew = one instanceof ConstructorDeclaration made && !isGivenAway(made.binding);
        Watcher watcher = new Watcher(this::of, isNew, true);
        if (one instanceof ConstructorDeclaration made) {
            initial(types.get(one)).forEach(each -> each.traverse(watcher, (BlockScope) null));
            if (made.constructorCall != null) {
                made.constructorCall.traverse(watcher, null);
            }
        }
        if (one.statements != null) {
            for (Statement each : one.statements) {
                each.traverse(watcher, null);
            }
        }
        return one.isNative() ? watcher.found().unknown() : watcher.found();
    }

    private static List<Statement> initial(TypeDeclaration type) {
        List<Statement> found = new ArrayList<>();
        for (int i = 0; type.fields != null && i < type.fields.length; i++) {
            FieldDeclaration field = type.fields[i];
            if (!field.isStatic() && field.initialization != null) {
                found.add(field.initialization);
            }
        }
        return found;
    }

    private static String key(MethodBinding one) {
        return new String(one.selector) + "/" + one.parameters.length;
    }

    // -- gathered ----------------------------------------------------------------------------------------------------

    @Override
    public boolean visit(TypeDeclaration type, CompilationUnitScope scope) {
        return gathered(type);
    }

    @Override
    public boolean visit(TypeDeclaration type, ClassScope scope) {
        return gathered(type);
    }

    @Override
    public boolean visit(TypeDeclaration type, BlockScope scope) {
        return gathered(type);
    }

    private boolean gathered(TypeDeclaration type) {
        for (int i = 0; type.methods != null && i < type.methods.length; i++) {
            gathered(type.methods[i], type);
        }
        for (ReferenceBinding one = type.binding.superclass(); one != null; one = one.superclass()) {
            if (one instanceof BinaryTypeBinding && one.id != TypeIds.T_JavaLangObject) {
                inheritedFrom(one);
            }
        }
        return true;
    }

    private void gathered(AbstractMethodDeclaration one, TypeDeclaration type) {
        types.put(one, type);
        if (one instanceof ConstructorDeclaration made) {
            constructors.put(one.binding, made);
        } else if (!one.isAbstract() && one.binding != null) {
            declared.computeIfAbsent(key(one.binding), name -> new ArrayList<>()).add(one);
        }
    }

    private void inheritedFrom(ReferenceBinding type) {
        for (MethodBinding one : type.methods()) {
            inherited.add(key(one));
        }
    }

    @Override
    public boolean visit(TryStatement one, BlockScope scope) {
        for (int i = 0; one.catchArguments != null && i < one.catchArguments.length; i++) {
            told(one.catchArguments[i]);
        }
        return true;
    }

    @Override
    public boolean visit(InstanceOfExpression one, BlockScope scope) {
        told(one.type.resolvedType);
        return true;
    }

    private void told(Argument one) {
        told(one.type.resolvedType);
    }

    private void told(TypeBinding type) {
        String name = type == null ? "" : new String(type.readableName());
        areFailuresTold |= name.startsWith("java.lang.") && !EVERYTHING.contains(name);
    }
}
