package cardlab.vm.translate;

import cardlab.vm.interpreter.Access;
import cardlab.vm.interpreter.CodeSupport;
import cardlab.vm.interpreter.Layout;
import cardlab.vm.interpreter.Translation;
import cardlab.vm.link.Method;
import cardlab.vm.link.Translated;
import java.lang.invoke.MethodHandles;
import java.util.List;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Makes a hidden class of a method: it is unloaded with the package that it was made for. */
public final class Translator {
    static final String TRANSLATION_TYPE = Type.getDescriptor(Translation.class);
    /** Bytes of code beyond which the host does not compile a method. */
    private static final int HOST_LIMIT = 8000;

    private static final String SUPERCLASS = Type.getInternalName(Translation.class);
    private static final String NAME = Type.getInternalName(Translator.class).replace("Translator", "Method");
    private static final String CONSTRUCTOR = Type.getMethodDescriptor(Type.VOID_TYPE, Type.getType(Layout.class));

    private Translator() {}

    /** The method's class; {@link Translated#NOT} when it is not one that can be translated. */
    public static Translated translate(Method method) {
        try {
            return translated(method);
        } catch (Untranslatable stays) {
            return Translated.NOT;
        }
    }

    private static Translation translated(Method method) {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        writer.visit(Opcodes.V17, Opcodes.ACC_FINAL, NAME, null, SUPERCLASS, null);
        constructor(writer);
        String descriptor = Type.getMethodDescriptor(Type.VOID_TYPE, Type.getType(CodeSupport.class),
                Type.getType(Access.class), Type.INT_TYPE, Type.INT_TYPE);
        MethodVisitor run = writer.visitMethod(Opcodes.ACC_PROTECTED, "run", descriptor, null, null);
        Constants constants = new Constants(writer, NAME);
        MethodWriter made = new MethodWriter(method, run, constants);
        made.write();
        constants.write();
        byte[] bytes = writer.toByteArray();
        if (made.size() > HOST_LIMIT) {
            throw new Untranslatable("the method is too long for the host's compiler");
        }
        return define(bytes, constants.values(), made.layout());
    }

    private static void constructor(ClassWriter writer) {
        MethodVisitor mv = writer.visitMethod(0, "<init>", CONSTRUCTOR, null, null);
        mv.visitCode();
        mv.visitVarInsn(Opcodes.ALOAD, 0);
        mv.visitVarInsn(Opcodes.ALOAD, 1);
        mv.visitMethodInsn(Opcodes.INVOKESPECIAL, SUPERCLASS, "<init>", CONSTRUCTOR, false);
        mv.visitInsn(Opcodes.RETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
    }

    private static Translation define(byte[] bytes, List<Object> constants, Layout layout) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClassWithClassData(bytes, constants, true);
            return (Translation) lookup.lookupClass().getDeclaredConstructor(Layout.class).newInstance(layout);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
