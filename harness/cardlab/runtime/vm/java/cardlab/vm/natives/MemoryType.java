package cardlab.vm.natives;

/** Where an object's content is; the numbers are those of JCSystem.MEMORY_TYPE_… */
public enum MemoryType {
    PERSISTENT, TRANSIENT_RESET, TRANSIENT_DESELECT
}
