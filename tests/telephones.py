"""A real SIP telephone and real callers, on the loopback: baresip, and sipp with scenarios of our own."""

from __future__ import annotations

import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic

_PATIENCE = 20.0


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def free_for_sip() -> int:
    """Return a port that is free for datagrams and for connections: SIP takes both."""
    while True:
        port = free_port(socket.SOCK_DGRAM)
        with socket.socket() as other, suppress(OSError):
            other.bind(("127.0.0.1", port))
            return port


class Telephone:
    """baresip with an account `emergency` that answers only when it is told to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.sip = free_for_sip()
        self.control = ("127.0.0.1", free_port())
        self.keys = ("127.0.0.1", free_port())
        self._keys: socket.socket | None = None
        modules = next(Path("/usr/lib").glob("**/baresip/modules"))
        (folder / "config").write_text(
            f"sip_listen 127.0.0.1:{self.sip}\n"
            f"ctrl_tcp_listen 127.0.0.1:{self.control[1]}\n"
            f"cons_listen 127.0.0.1:{self.keys[1]}\n"
            f"net_interface 127.0.0.1\nmodule_path {modules}\n"
            "module g711.so\nmodule aubridge.so\nmodule_tmp uuid.so\nmodule_tmp account.so\n"
            "module_app menu.so\nmodule_app ctrl_tcp.so\nmodule_app cons.so\n"
            "audio_source aubridge,line\naudio_player aubridge,line\ncall_max_calls 20\n"
        )
        (folder / "accounts").write_text(
            f"<sip:emergency@127.0.0.1:{self.sip}>;regint=0;answermode=manual;audio_codecs=pcmu\n"
        )
        (folder / "contacts").touch()
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["baresip", "-f", folder], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        # No connection is made to see whether it is there: it has one client at a time.
        give_up = monotonic() + _PATIENCE
        while b"baresip is ready" not in (folder / "log").read_bytes():
            assert self._process.poll() is None, (folder / "log").read_text(errors="replace")
            assert monotonic() < give_up, "the telephone doesn't start"

    def press_answer(self) -> None:
        """Answer with the keys of the telephone, as somebody does who takes the handset."""
        # It goes on telling what it does to who has pressed a key.
        self._keys = socket.create_connection(self.keys, timeout=_PATIENCE)
        self._keys.sendall(b"a")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._keys is not None:
            self._keys.close()

    def wait_for_a_listener(self) -> None:
        """Wait until somebody is connected to the control socket: what rings before is told to nobody."""
        established = f"0100007F:{self.control[1]:04X} 01".split()
        give_up = monotonic() + _PATIENCE
        while not any(
            [fields[1], fields[3]] == established
            for fields in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        ):
            assert monotonic() < give_up, "nobody listens to the telephone"


NUMBER = "+41225550140"

_REQUEST = """<send{again}><![CDATA[

{method} sip:emergency@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-{branch}
From: "A. Rochat" <sip:{number}@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:emergency@[remote_ip]:[remote_port]>{tag}
Call-ID: [call_id]
CSeq: {sequence} {method}
Contact: <sip:{number}@[local_ip]:[local_port]>
Max-Forwards: 70
{body}
]]></send>
"""

_NO_BODY = "Content-Length: 0\n"
_SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


def _request(method: str, sequence: int, branch: str, *, tagged: bool, body: str = _NO_BODY) -> str:
    return _REQUEST.format(
        again="" if method == "ACK" else ' retrans="500"',
        method=method,
        sequence=sequence,
        branch=branch,
        tag="[peer_tag_param]" if tagged else "",
        number=NUMBER,
        body=body,
    )


_RINGS = (
    _request("INVITE", 1, "invite", tagged=False, body=_SDP)
    + '<recv response="100" optional="true"/><recv response="180"/>'
)
_ACK = _request("ACK", 1, "ack", tagged=True)
_ACK_OF_NO = _request("ACK", 1, "invite", tagged=True)
_BYE = _request("BYE", 2, "bye", tagged=True) + '<recv response="200"/>'
_CANCEL = _request("CANCEL", 1, "invite", tagged=False)

_OK = """<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""

_IS_INVITATION = """<recv response="200" next="answered" test="1"><action>
<ereg regexp="INVITE" search_in="hdr" header="CSeq:" assign_to="1"/></action></recv>
"""

SCENARIOS = {
    # Waits until somebody answers, speaks for a moment and hangs up.
    "answered": f'{_RINGS}<recv response="200"/>{_ACK}<pause milliseconds="300"/>{_BYE}',
    # Waits until somebody answers, and then until they hang up.
    "hung up on": f'{_RINGS}<recv response="200"/>{_ACK}<recv request="BYE"/>{_OK}',
    "refused": f'{_RINGS}<recv response="486"/>{_ACK_OF_NO}',
    "gives up": (
        f'{_RINGS}<pause milliseconds="700"/>{_CANCEL}<recv response="200"/>'
        f'<recv response="487"/>{_ACK_OF_NO}'
    ),
    # Gives up in the instant in which it is answered: both may be true.
    "gives up too late": (
        f"{_RINGS}{_CANCEL}{_IS_INVITATION}"
        f'<recv response="487" next="end"/>'
        f'<label id="answered"/>{_ACK}'
        f'<label id="end"/><pause milliseconds="200"/>'
    ),
}


class Caller:
    """Somebody who calls the telephone, after a scenario."""

    def __init__(self, telephone: Telephone, scenario: str, folder: Path) -> None:
        file = folder / f"{scenario.replace(' ', '-')}.xml"
        # Labels are numbers to sipp.
        steps = SCENARIOS[scenario].replace('"answered"', '"1"').replace('"end"', '"2"')
        file.write_text(f'<?xml version="1.0"?><scenario name="{scenario}">{steps}</scenario>')
        self._errors = folder / "sipp.log"
        port, media = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
        with self._errors.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *("sipp", "-sf", file, "-m", "1", "-nostdin", "-timeout", "20s", "-timeout_error"),
                    *("-i", "127.0.0.1", "-p", str(port), "-mp", str(media), f"127.0.0.1:{telephone.sip}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def done(self) -> None:
        """Wait until the scenario has gone as it is written."""
        code = self.process.wait(timeout=30)
        assert code == 0, f"sipp ended with {code}\n{self._errors.read_text(errors='replace')}"

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
