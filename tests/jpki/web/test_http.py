"""The page's server: what it gives out, whom it answers, and what it refuses."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jpki.web.application import static_files
from tests.jpki.web.conftest import Serve, Served

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    """One for all: nothing here changes it."""
    return serve()


def ask(
    served: Served, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and header fields of an answer."""
    connection = http.client.HTTPConnection(urlsplit(served.server.url).netloc, timeout=30)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    found = (answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
    connection.close()
    return found


def test_every_answer_has_its_policy(served: Served) -> None:
    """Nothing is loaded or run but what comes from here, and nobody puts the page into a frame."""
    for path in ("/", *(f"/{name}" for name in static_files() if name != "index.html"), "/facts", "/nowhere"):
        status, _, headers = ask(served, "GET", path)
        assert status == (404 if path == "/nowhere" else 200), path
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_events_are_numbered_and_go_on_where_a_page_was(served: Served) -> None:
    def first(last: str) -> int:
        connection = http.client.HTTPConnection(urlsplit(served.server.url).netloc, timeout=30)
        connection.request("GET", "/events", headers={"Last-Event-ID": last})
        answer = connection.getresponse()
        assert answer.headers["content-type"].startswith("text/event-stream")
        while not (line := answer.readline()).startswith(b"id:"):
            pass
        data = answer.readline()
        connection.close()
        assert json.loads(data.removeprefix(b"data: "))["type"]
        return int(line.split()[1])

    assert first("0") == 1
    served.desk.look()
    assert first("1") == 2
    assert ask(served, "GET", "/events", headers={"Last-Event-ID": "x"})[0] == 400


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {}, 415),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {**JSON, "Origin": "http://evil.test"}, 403),
        (b"{}", {**JSON, "Origin": "null"}, 403),
        (b"{", JSON, 400),
        (b"[" * 40_000, JSON, 400),
        (b" " * 60_000, JSON, 413),
        (b"{}", JSON, 400),
        (b'{"number": 1, "answer": true}', JSON, 400),
    ],
)
def test_what_is_not_from_its_own_page_is_refused(
    served: Served, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert ask(served, "POST", "/answer", body, headers)[0] == status


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{}", "a serial number is missing"),
        (b'{"serial": 5}', "a serial number is missing"),
        (b'{"serial": "xyz"}', "xyz is no serial number"),
    ],
)
def test_what_is_ordered_away_has_a_serial_number(served: Served, body: bytes, said: str) -> None:
    status, answer, _ = ask(served, "POST", "/order-away", body, JSON)
    assert (status, json.loads(answer)["text"]) == (400, said)


def test_it_answers_to_its_own_name_only(served: Served) -> None:
    """A page elsewhere whose name was made to lead here cannot read anything (DNS rebinding)."""
    assert ask(served, "GET", "/facts", headers={"Host": "evil.test"})[0] == 400
    assert ask(served, "GET", "/facts", headers={"Host": "localhost"})[0] == 200


def test_command(sample: Path, tmp_path: Path) -> None:
    """It says where the page is, and ends when it is interrupted; a folder that holds something else is refused."""
    command = [sys.executable, "-m", "jpki.cli", "phone", "web", "--json", "--world"]
    process = subprocess.Popen([*command, str(sample)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    url = json.loads(b"".join(process.stdout.readline() for _ in range(3)))["page"]
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", "/facts")
    facts = json.loads(connection.getresponse().read())
    assert facts["phones"] == ["phone1", "phone2"]
    assert facts["residents"] == [{"name": "hanako", "password": None}]
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    process.stdout.close()
    (tmp_path / "other").write_text("something else")
    assert subprocess.run([*command, str(tmp_path)], capture_output=True).returncode == 2


def test_a_world_for_once_is_gone_when_it_is_told_to_end(tmp_path: Path) -> None:
    """The temporary folder has keys in it. (SIGTERM here, SIGHUP in tests/cardlab/concurrency/test_ending.py.)"""
    command = [sys.executable, "-m", "jpki.cli", "phone", "web", "--json"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    process.stdout.readline()
    assert [one.name[:5] for one in tmp_path.iterdir()] == ["jpki-"]
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    assert said.endswith(b"jpki: ended by SIGTERM\n")
    assert [*tmp_path.iterdir()] == []
