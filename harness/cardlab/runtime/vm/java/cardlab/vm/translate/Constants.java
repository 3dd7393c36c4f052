package cardlab.vm.translate;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Objects of the linked package in static final fields of the class, which takes them from its class data when it is
 * initialised. Dynamic constants would be shorter, but the host compiles no method with one that was not reached yet.
 */
final class Constants {
    private static final String LIST = "java/util/List";

    private final ClassWriter writer;
    private final String owner;
    private final List<Object> values = new ArrayList<>();
    private final List<String> types = new ArrayList<>();

    Constants(ClassWriter writer, String owner) {
        this.writer = writer;
        this.owner = owner;
    }

    /** What the class data have to be. */
    List<Object> values() {
        return values;
    }

    /** Push one; it gets a field when it is new. */
    void push(MethodVisitor mv, Object value, Class<?> type) {
        int index = values.indexOf(value);
        if (index < 0) {
            index = values.size();
            values.add(value);
            types.add(Type.getInternalName(type));
            int access = Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL;
            writer.visitField(access, name(index), Type.getDescriptor(type), null, null).visitEnd();
        }
        mv.visitFieldInsn(Opcodes.GETSTATIC, owner, name(index), Type.getDescriptor(type));
    }

    private static String name(int index) {
        return "c" + index;
    }

    /** The class initialiser; nothing can be pushed afterwards. */
    void write() {
        MethodVisitor mv = writer.visitMethod(Opcodes.ACC_STATIC, "<clinit>", "()V", null, null);
        mv.visitCode();
        mv.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/invoke/MethodHandles", "lookup",
                "()Ljava/lang/invoke/MethodHandles$Lookup;", false);
        mv.visitLdcInsn("_");
        mv.visitLdcInsn(Type.getObjectType(LIST));
        mv.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/invoke/MethodHandles", "classData",
                "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/Object;", false);
        mv.visitTypeInsn(Opcodes.CHECKCAST, LIST);
        mv.visitVarInsn(Opcodes.ASTORE, 0);
        for (int i = 0; i < values.size(); i++) {
            mv.visitVarInsn(Opcodes.ALOAD, 0);
            mv.visitIntInsn(Opcodes.SIPUSH, i);
            mv.visitMethodInsn(Opcodes.INVOKEINTERFACE, LIST, "get", "(I)Ljava/lang/Object;", true);
            mv.visitTypeInsn(Opcodes.CHECKCAST, types.get(i));
            mv.visitFieldInsn(Opcodes.PUTSTATIC, owner, name(i), "L" + types.get(i) + ";");
        }
        mv.visitInsn(Opcodes.RETURN);
        mv.visitMaxs(0, 0);
        mv.visitEnd();
    }
}
