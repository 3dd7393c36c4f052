"""The verifier's rules: each has a section of the JCVM specification and a sentence, and each finding names one.

A rule can be switched off (`Rules`), which is how tests show that an input breaks that rule and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from cardlab.cap.errors import CapError


@unique
class Rule(Enum):
    """A rule: the section that makes it, of JCVM 3.0.5 unless it names another document, and what it demands."""

    section: str
    demand: str

    def __init__(self, section: str, demand: str) -> None:
        self.section = section
        self.demand = demand

    @property
    def source(self) -> str:
        """Document and section."""
        return self.section if self.section.startswith("JCRE") else f"JCVM {self.section}"

    def broken(self, text: str) -> Finding:
        """The finding that this rule is broken."""
        return Finding(self, text)

    def error(self, text: str) -> RuleError:
        """The same as an exception, where nothing can be said about what follows."""
        return RuleError(Finding(self, text))

    # Files, Header, Directory, Applet and Import component
    READABLE = "6", "sizes, counts and offsets lead to what is there"
    DESCRIPTOR_PRESENT = "6.14", "there is a Descriptor component"
    APPLET_FLAG = "6.4", "the applet flag says whether there is an Applet component"
    EXPORT_FLAG = "6.4", "the export flag says whether there is an Export component"
    APPLET_PROVIDER = "6.6", "applets have the package's RID"
    APPLET_TWICE = "6.6", "no two applets have the same AID"
    APPLET_PACKAGE = "6.6", "no applet has the package's AID"
    APPLET_INSTALL = "6.6", "an install method is a static method of the package"
    APPLET_INSTALL_TYPE = "6.6", "an install method is of type (byte[], short, byte) void"
    APPLET_CLASS = "6.6", "an install method is in a class that extends javacard.framework.Applet"
    APPLET_SELECTION = "JCRE 4.2", "all applets of a package are multiselectable, or none is"
    DIRECTORY_SIZES = "6.5", "the sizes of the components are true"
    DIRECTORY_IMAGE = "6.5", "the sizes of the static field image are true"
    DIRECTORY_ARRAY_COUNT = "6.5", "the number of initialised arrays is true"
    DIRECTORY_ARRAYS = "6.5", "the size of initialised arrays is true"
    DIRECTORY_IMPORTS = "6.5", "the number of imports is true"
    DIRECTORY_APPLETS = "6.5", "the number of applets is true"
    IMPORT_TWICE = "6.7", "no package is imported twice"
    IMPORT_LANG = "6.7", "every package but java.lang imports java.lang"
    IMPORT_ITSELF = "6.7", "a package does not import itself"

    # What format 2.3 adds (sections of JCVM 3.1)
    DIRECTORY_RESOURCES = "6.5", "the size of static resources is true"
    RESOURCE_NONE = "6.16", "a component of static resources has some"
    RESOURCE_TWICE = "6.16", "no two resources have the same number"
    MAPPING_TOKEN = "6.9", "a method is mapped to one that the superclass has"
    MAPPING_TWICE = "6.9", "no two methods are mapped to the same one of the superclass"
    MAPPING_ALL = "6.9", "every method of the superclass is mapped"
    MAPPING_INHERITABLE = "6.9", "no more methods are inheritable than there are"

    # StaticField component
    STATIC_SEGMENTS = "6.11", "the segments add up to the image"
    STATIC_ARRAY_SIZE = "6.11", "an initialised array has whole elements"
    STATIC_BOOLEANS = "6.11", "an initialised array of booleans holds 0 and 1"
    STATIC_BOOLEAN = "6.11", "a static boolean begins as 0 or 1"
    STATIC_ARRAY_FIELD = "6.11", "an initialised array is of the type of its field"

    # Export component
    EXPORT_CLASS = "6.13", "each exported class is one of the package"
    EXPORT_TOKEN = "6.13", "classes are exported at the place of their token"
    EXPORT_FIELD = "6.13", "an exported static field is the class's of that token"
    EXPORT_METHOD = "6.13", "an exported static method is the class's of that token"

    # The package's own export file
    OWN_CLASSES = "5.7", "as many classes are exported as the package's export file has"
    OWN_CLASS_FLAGS = "5.7", "the flags of exported classes are those of the package's export file"
    OWN_SUPERTYPES = "5.7", "the supertypes of exported classes are those of the package's export file"
    OWN_FIELDS = "5.8", "visible fields are those of the package's export file"
    OWN_METHODS = "5.9", "visible methods are those of the package's export file"

    # Class component
    CLASS_DESCRIPTORS = "6.14", "the classes of the Descriptor are those of the Class component"
    CLASS_FLAGS = "6.9", "reserved flags are not set"
    CLASS_SHAREABLE = "6.9", "a class is flagged as shareable when it is"
    CLASS_REMOTE = "6.9", "a class is flagged as remote when it is"
    OBJECT_SUPER = "6.9.2", "java.lang.Object has no superclass"
    INTERFACE_EXTENDS_CLASS = "6.9.1", "an interface extends interfaces only"
    CLASS_EXTENDS_INTERFACE = "6.9.2", "a class extends a class"
    CLASS_EXTENDS_FINAL = "6.9.2", "no class extends a final class"
    CLASS_CIRCLE = "6.9.2", "no class is its own superclass"
    INTERFACE_CIRCLE = "6.9.1", "no interface is its own superinterface"
    INTERFACE_SUPERS = "6.9.1", "an interface names each superinterface once, inherited ones as well"
    TABLE_SIZE = "6.9.2", "a method table holds the inherited methods"
    TABLE_ELSEWHERE = "6.9.2", "a method that is elsewhere is in a superclass"
    TABLE_NEAREST = "6.9.2", "a method table leads to the nearest method of a token"
    OVERRIDE_TYPE = "4.3.7.6", "a method has the type of the one that it overrides"
    OVERRIDE_FINAL = "6.14.3", "no method overrides a final one"
    IMPLEMENTS_CLASS = "6.9.2", "a class implements interfaces only"
    IMPLEMENTS_TWICE = "6.9.2", "a class names each interface once"
    INTERFACE_TOKEN = "6.9.2", "interface methods are mapped to methods that the class has"
    INTERFACE_COUNT = "6.9.2", "all methods of an interface are mapped"
    INTERFACE_TYPE = "6.9.2", "an interface method is mapped to one of its type"
    INTERFACE_PUBLIC = "6.9.2", "an interface method is mapped to a public one"
    FIELD_TOKENS = "4.3.7.5", "instance field tokens are consecutive"
    FIELD_SIZE = "6.9.2", "the declared size is that of the fields"
    FIELD_REFERENCES = "6.9.2", "the reference fields are where the class says"
    FIELD_ORDER = "4.3.7.5", "public and protected fields come first; references are in the middle"

    # Descriptor component
    DESCRIPTOR_CLASS_FLAGS = "6.14.1", "no reserved flags of a class are set"
    DESCRIPTOR_INTERFACE = "6.14.1", "what is an interface is flagged in both places"
    INTERFACE_ABSTRACT = "6.14.1", "an interface is abstract"
    ABSTRACT_FINAL = "6.14.1", "no class is both abstract and final"
    CLASS_TOKEN = "6.14.1", "public classes have a token, and no other has"
    CLASS_TOKEN_TWICE = "4.3.7.2", "no two classes have the same token"
    DESCRIPTOR_INTERFACES = "6.14.1", "the interfaces of a class are those of the Class component"
    METHOD_VISIBILITY = "6.14.3", "a method has one visibility"
    METHOD_CONSTRUCTOR = "6.14.3", "a constructor is not static"
    METHOD_ABSTRACT_FLAGS = "6.14.3", "an abstract method is neither final nor private nor static"
    METHOD_RESERVED_FLAGS = "6.14.3", "no reserved flags of a method are set"
    METHOD_NO_HANDLERS = "6.14.3", "a method without handlers has no first one"
    INTERFACE_METHOD = "6.14.3", "an interface method has no code"
    INTERFACE_METHOD_PUBLIC = "6.14.3", "an interface method is public and abstract"
    ABSTRACT_METHOD = "6.14.3", "only an abstract class has abstract methods"
    STATIC_TOKEN = "4.3.7.4", "public and protected statics and constructors have a token, others have none"
    PRIVATE_TOKEN = "4.3.7.6", "a private method has no token"
    VIRTUAL_TABLE = "6.14.3", "a virtual method is in the class's table at its token"
    VIRTUAL_VISIBILITY = "4.3.7.6", "the token of a virtual method says how visible it is"
    METHOD_TOKENS = "4.3.7", "the tokens of static and interface methods are consecutive"
    FIELD_FLAGS = "6.14.2", "no reserved flags of a field are set"
    FIELD_VISIBILITY = "6.14.2", "a field has one visibility"
    FIELD_REFERENCE = "6.14.2", "the reference of an instance field names the field itself"
    STATIC_FIELD_TOKEN = "4.3.7.3", "public and protected static fields have a token, others have none"
    STATIC_FIELD_TOKENS = "4.3.7.3", "the tokens of static fields are consecutive"
    FIELD_TYPE_CODE = "6.14.2", "a field's primitive type is one of the four"
    STATIC_IMAGE = "6.11", "static fields follow one another without gaps"
    STATIC_IMAGE_SIZE = "6.11", "static fields are as long as the image"
    STATIC_REFERENCES = "6.11", "references, and only they, are in the image's reference segment"
    TYPE_PLACE = "6.14.4", "every type that is used begins where a type begins"
    TYPE_USED = "6.14.4", "every type is used"
    TYPE_WHOLE = "6.14.4", "the last type is complete"
    TYPE_PADDING = "6.14.4", "the last nibble of a type of odd length is 0"
    TYPE_CUT = "6.9.1", "a class in a type descriptor has all of its reference"
    TYPE_EMPTY = "6.9.1", "type descriptors are not empty"
    TYPE_CODE = "6.9.1", "type descriptors hold codes of types"
    TYPE_FIELD = "6.14.2", "the type of a field is one type"
    TYPE_METHOD = "6.14.3", "parameters are not void"
    TYPE_INT = "6.4", "only a package flagged for int has ints"

    # ConstantPool component
    CLASS_REF = "6.8.1", "a reference leads to a class"
    IMPORT_TOKEN = "6.7", "the package of an external reference is imported"
    EXPORTED_CLASS = "4.3.7.2", "the imported package exports the class"
    POOL_TYPES = "6.14.4", "every constant has its type in the Descriptor"
    POOL_CLASS_TYPE = "6.14.4", "a class has no type"
    POOL_PADDING = "6.8.3", "the padding of an internal static reference is 0"
    POOL_CLASS_PADDING = "6.8.1", "the padding of a class reference is 0"
    POOL_STATIC_FIELD = "6.8.3", "a static field reference leads to a static field"
    POOL_STATIC_METHOD = "6.8.3", "a static method reference leads to a static method or constructor"
    POOL_FIELD = "6.8.2", "an instance field reference leads to an instance field"
    POOL_SUPER = "6.8.2", "a super method reference names a class of the package"
    POOL_VIRTUAL = "6.8.2", "a virtual method reference leads to a virtual method"
    POOL_INTERFACE = "6.8.2", "a virtual method reference names a class, not an interface"
    IMPORTED_STATIC_FIELD = "6.8.3", "an imported class has the static field"
    IMPORTED_STATIC_METHOD = "6.8.3", "an imported class has the static method or constructor"
    IMPORTED_FIELD = "6.8.2", "an imported class has the instance field"
    POOL_FIELD_TYPE = "6.14.4", "the type of a field reference is the field's"
    POOL_METHOD_TYPE = "6.14.4", "the type of a method reference is the method's"

    # Method and RefLocation component
    METHOD_PLACE = "6.10", "methods follow one another without gaps"
    METHOD_ALL = "6.10", "every byte belongs to a method"
    METHOD_ABSTRACT = "6.10.2", "an abstract method is flagged in both places"
    METHOD_EMPTY = "6.10.2", "a method that is not abstract has code"
    METHOD_RESERVED = "6.10.2", "no reserved flags of a method header are set"
    METHOD_ARGUMENTS = "6.10.2", "the number of argument words is that of the type"
    HANDLER_ROWS = "6.14.3", "the handlers of a method are in the table"
    HANDLER_OWNERS = "6.10.1", "every handler is one method's"
    HANDLER_STOP = "6.10.1", "the stop bit is set in the last handler of a range"
    HANDLER_RANGE = "6.10.1", "a handler stays in its method"
    HANDLER_START = "6.10.1", "a handler begins, ends and leads to where an instruction begins"
    HANDLER_CLASS = "6.10.1", "a handler catches a class"
    HANDLER_THROWABLE = "6.10.1", "a handler catches a Throwable"
    HANDLER_TWICE = "6.10.1", "no two handlers of a range catch the same"
    INT_FLAG = "6.4", "only a package flagged for int has instructions for int"
    LOCATION_ONE = "6.12", "the one-byte pool indices are where the code has them"
    LOCATION_TWO = "6.12", "the two-byte pool indices are where the code has them"
    INSTRUCTIONS = "7.5", "code consists of instructions, and branches lead to where one begins"

    # Data flow
    RUNS_OFF = "7.5", "execution does not run off the end of a method"
    STACK_HEIGHT = "7.5", "the stack has one height at each instruction"
    STACK_MERGE = "7.5", "words of the stack have one kind at each instruction"
    SUPER_ONCE = "7.5 invokespecial", "whether the superclass's constructor was called does not depend on the way"
    STACK_OVERFLOW = "6.10.2", "the stack stays within max_stack"
    STACK_EMPTY = "7.5", "a word that is taken is there"
    STACK_WORDS = "7.5", "words that are taken together are there"
    STACK_INT = "7.5", "an int is where an int is expected"
    STACK_KIND = "7.5", "a value is of the kind that the instruction takes"
    STACK_TYPE = "7.5", "a value can be used as the type that is expected"
    INT_SPLIT = "7.5", "words that are moved split no int"
    INT_HALF = "7.5 pop", "half an int is not removed"
    LOCAL_INDEX = "6.10.2", "a local that an instruction names is in the frame"
    LOCAL_INT = "7.5 iload", "a local that is read as int has one"
    LOCAL_KIND = "7.5 sload", "a local has the kind that is read"
    STORE_KIND = "7.5 astore", "astore stores a reference or a return address"
    THIS_OVERWRITTEN = "7.5 invokespecial", "a constructor keeps `this` until the superclass's constructor was called"
    THIS_UNFINISHED = "7.5 return", "a constructor calls the superclass's"
    ARRAY_KIND = "7.5 baload", "an array is of the kind that the instruction is for"
    DUP_X = "7.5 dup_x", "dup_x has operands that it takes"
    SWAP_X = "7.5 swap_x", "swap_x has operands that it takes"
    RETURN_ADDRESS = "7.5 ret", "ret finds a return address"
    THROWN = "7.5 athrow", "what is thrown is a Throwable"
    RETURN_KIND = "7.5 return", "a return is of the kind of the method's result"
    SWITCH_ORDER = "7.5 slookupswitch", "the keys of a lookup switch rise"
    CAST_TYPE = "7.5 checkcast", "the type of a cast is one that there is"
    CAST_INDEX = "7.5 checkcast", "the index of a cast to an array of a primitive type is 0"
    ARRAY_TYPE = "7.5 newarray", "newarray makes an array of a primitive type"
    POOL_TAG = "7.5", "an instruction names a constant of a tag that it takes"
    FIELD_KIND = "7.5 getfield_<t>", "an instruction for fields is for the type of the field"
    FIELD_STATIC_THIS = "7.5 getfield_<t>_this", "a static method has no `this`"
    FIELD_FINAL = "7.5 putfield_<t>", "a final field is written in its own class only"
    FIELD_OWNER = "7.5 getfield_<t>", "a field is accessed in an object of its class"
    PRIVATE_ACCESS = "7.5", "a private member is used in its own class only"
    PROTECTED_ACCESS = "7.5", "a protected member of another package is used in subclasses only"
    STATIC_CALL = "7.5 invokestatic", "invokestatic calls a static method"
    VIRTUAL_RECEIVER = "7.5 invokevirtual", "a method is called on an object of its class"
    SPECIAL_STATIC = "7.5 invokespecial", "invokespecial calls no static method"
    SPECIAL_EXTERNAL = "7.5 invokespecial", "of another package, invokespecial calls constructors only"
    SPECIAL_RECEIVER = "7.5 invokespecial", "a private method is called on an object of its class"
    SUPER_CLASS = "7.5 invokespecial", "a super call names the class that it is in"
    SUPER_RECEIVER = "7.5 invokespecial", "a super call is made on an object of the class that it is in"
    CONSTRUCTOR_THIS = "7.5 invokespecial", "a constructor calls one of its class or of the superclass"
    CONSTRUCTOR_NEW = "7.5 invokespecial", "a new object is initialised by its own class"
    CONSTRUCTOR_AGAIN = "7.5 invokespecial", "a constructor is called on what is not initialised"
    INTERFACE_CALL = "7.5 invokeinterface", "invokeinterface names a method of an interface"
    INTERFACE_IMPORTED = "7.5 invokeinterface", "an imported interface has the method"
    INTERFACE_WORDS = "7.5 invokeinterface", "the number of argument words is that of the method"
    INTERFACE_TABLE = "5", "the type of an interface method is known"
    NEW_INTERFACE = "7.5 new", "no object of an interface is made"
    NEW_ABSTRACT = "7.5 new", "no object of an abstract class is made"


@dataclass(frozen=True)
class Finding:
    """A broken rule, and where and how."""

    rule: Rule
    text: str

    def __str__(self) -> str:
        return self.text

    def at(self, place: str) -> Finding:
        """The same with the place in front."""
        return Finding(self.rule, f"{place}: {self.text}")


class RuleError(CapError):
    """A finding after which nothing can be said about the same class, method or constant."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


def finding_of(error: CapError) -> Finding:
    """The finding of an exception; those that reading raised say that something is not there."""
    return error.finding if isinstance(error, RuleError) else Rule.READABLE.broken(str(error))


@dataclass(frozen=True)
class Rules:
    """The rules that count: all but those in `off`."""

    off: frozenset[Rule] = frozenset()

    def require(self, rule: Rule, holds: bool, text: str) -> None:
        """Raise RuleError unless the condition holds, or the rule is off: then what follows is looked at."""
        if not holds and rule not in self.off:
            raise rule.error(text)

    def counts(self, finding: Finding) -> bool:
        """Whether its rule is not off."""
        return finding.rule not in self.off
