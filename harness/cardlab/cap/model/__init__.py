"""CAP file components as values: read from bytes and written back to the same bytes (JCVM 3.0.4, chapter 6).

Formats 2.1 to 2.3, the last in its compact form. Each type has `read` and `encode`; `read` checks lengths and counts,
`cardlab.cap.verifier` checks what they mean.
"""

from cardlab.cap.model.classes import Classes, ClassInfo, Interface, Remote, TokenMapping
from cardlab.cap.model.descriptor import ClassDescriptor, Descriptor, FieldDescriptor, MethodDescriptor
from cardlab.cap.model.exports import ExportedClassInfo, encode_exports, read_exports
from cardlab.cap.model.methods import HandlerInfo, MethodHeader, Methods, ReferenceLocations
from cardlab.cap.model.package import (
    Applet,
    Custom,
    Directory,
    Header,
    PackageInfo,
    encode_applets,
    encode_imports,
    read_applets,
    read_imports,
)
from cardlab.cap.model.pool import PoolItem, encode_pool, read_pool
from cardlab.cap.model.refs import ClassRef
from cardlab.cap.model.resources import StaticResource, encode_resources, read_resources
from cardlab.cap.model.statics import StaticArray, StaticFields

__all__ = [
    "Applet",
    "ClassDescriptor",
    "ClassInfo",
    "ClassRef",
    "Classes",
    "Custom",
    "Descriptor",
    "Directory",
    "ExportedClassInfo",
    "FieldDescriptor",
    "HandlerInfo",
    "Header",
    "Interface",
    "MethodDescriptor",
    "MethodHeader",
    "Methods",
    "PackageInfo",
    "PoolItem",
    "ReferenceLocations",
    "Remote",
    "StaticArray",
    "StaticFields",
    "StaticResource",
    "TokenMapping",
    "encode_applets",
    "encode_exports",
    "encode_imports",
    "encode_pool",
    "encode_resources",
    "read_applets",
    "read_exports",
    "read_imports",
    "read_pool",
    "read_resources",
]
