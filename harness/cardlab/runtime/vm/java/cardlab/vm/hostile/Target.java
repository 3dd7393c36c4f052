package cardlab.vm.hostile;

/**
 * A load file to be mutated, and what is done with it.
 *
 * @param parameters install()'s (LV AID, LV privileges, LV data; JCRE 3.0.5, 3.1)
 * @param commands command APDUs of the basic channel, after selection
 */
public record Target(String name, byte[] block, byte[] packageAid, byte[] moduleAid, byte[] parameters, byte[][] commands) {}
