"""JCardSim as it comes, loaded once more by a class loader that sees nothing of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cardlab.iso7816.apdu import ResponseApdu
from cardlab.runtime import jvm
from cardlab.toolchain import jars
from tests.conformance.cards import install_data, module_aid, select_command


class RawJCardSim:
    """One untouched copy of jCardSim's classes and of the test applets; makes cards."""

    def __init__(self, applets: Path) -> None:
        import jpype

        jvm.start()
        urls = [path.absolute().as_uri() for path in (jars.jar("jcardsim"), applets)]
        # Class path folders end with a slash, which Path.as_uri() leaves out.
        url = jpype.JClass("java.net.URI")
        entries = jpype.JArray(jpype.JClass("java.net.URL"))(
            [url(urls[0]).toURL(), url(urls[1].rstrip("/") + "/").toURL()]
        )
        platform = jpype.JClass("java.lang.ClassLoader").getPlatformClassLoader()
        self._loader = jpype.JClass("java.net.URLClassLoader")(entries, platform)

    def java_class(self, name: str) -> Any:
        import jpype

        return jpype.JClass(self._loader.loadClass(name))

    def card(self, *names: str) -> RawCard:
        """A new card on which these applets are installed, the last one selected."""
        card = RawCard(self)
        for name in names:
            card.install(name)
            card.select(name)
        return card


class RawCard:
    """A card of jCardSim alone."""

    def __init__(self, jcardsim: RawJCardSim) -> None:
        self._jcardsim = jcardsim
        runtime = jcardsim.java_class("com.licel.jcardsim.base.SimulatorRuntime")
        self.simulator = jcardsim.java_class("com.licel.jcardsim.base.Simulator")(runtime())
        self.simulator.changeProtocol("T=1")

    def aid(self, name: str) -> Any:
        raw = module_aid(name)
        return self._jcardsim.java_class("javacard.framework.AID")(raw, 0, len(raw))

    def install(self, name: str, application_data: bytes = b"") -> None:
        data = install_data(module_aid(name), application_data)
        applet = self._jcardsim.java_class(f"runtimetest.{name}").class_
        self.simulator.installApplet(self.aid(name), applet, data, 0, len(data))

    def select(self, name: str) -> ResponseApdu:
        return self.raw(select_command(module_aid(name)))

    def raw(self, command: bytes) -> ResponseApdu:
        return ResponseApdu.from_bytes(bytes(self.simulator.transmitCommand(command)))

    def send(self, ins: int, data: bytes = b"", *, p1: int = 0, p2: int = 0, le: int | None = 256) -> ResponseApdu:
        """A short command of class 00."""
        body = (bytes((len(data),)) + data) if data else b""
        tail = b"" if le is None else bytes((le & 0xFF,))
        return self.raw(bytes((0x00, ins, p1, p2)) + body + tail)
