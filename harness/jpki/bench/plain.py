"""jCardSim by itself: its own classes, unchanged, called through JPype. What the simulated card is compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cardlab.runtime import jvm
from cardlab.runtime.jcardsim.classes import runtime_classes
from cardlab.toolchain import jars
from jpki.client.constants import APPLET_CLASS, INSTANCE_AID, Profile
from jpki.sources import compile_applet


def plain_jcardsim() -> Callable[[bytes], bytes]:
    """The function that sends a command to the JPKI applet, installed and selected in a plain jCardSim simulator."""
    import jpype

    jvm.start()
    # A class loader that does not see the classes which replace jCardSim's own. Those of org.globalplatform, which the
    # applet is linked with, come last, so that nothing else is taken from there.
    files = [jars.jar("jcardsim"), compile_applet(), runtime_classes()]
    urls = [jpype.java.io.File(str(path)).toURI().toURL() for path in files]
    platform_loader = jpype.java.lang.ClassLoader.getPlatformClassLoader()
    loader = jpype.java.net.URLClassLoader(jpype.JArray(jpype.java.net.URL)(urls), platform_loader)

    def load(name: str) -> Any:
        return jpype.JClass(name, loader=loader)

    simulator = load("com.licel.jcardsim.base.Simulator")(load("com.licel.jcardsim.base.SimulatorRuntime")())
    aid = load("javacard.framework.AID")(INSTANCE_AID, 0, len(INSTANCE_AID))
    parameters = b"".join(bytes((len(one),)) + one for one in (INSTANCE_AID, b"\0", Profile.CARD.parameters))
    simulator.installApplet(aid, load(APPLET_CLASS).class_, parameters, 0, len(parameters))
    if not simulator.selectApplet(aid):
        raise RuntimeError("plain jCardSim did not select the applet")
    transmit = simulator.transmitCommand
    return lambda command: bytes(transmit(command))
