"""Real mail servers on the loopback: Dovecot has the mailboxes, exim4 takes mail and brings it there.

Both run from configurations of their own, in a folder of their own. Whoever knows `PASSWORD` may log in under
any address; every address has a mailbox, but for those whose local part says what becomes of a mail:
`nobody@` is refused, `later@` has no room, and `vanished@` is taken and comes back.
"""

from __future__ import annotations

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from telephones import free_port

from oncall_tui.domain.correspondence import SourceAccess

SUPPORT = "support@desk.example"
ANNE = "anne@leman.example"
PASSWORD = "spätzünder{3}$"
"""With letters that are none of ASCII's."""

NEEDS = ("dovecot", "exim4")
_PATIENCE = 20.0


def there() -> bool:
    """Say whether the servers are installed, and may be started here."""
    return all(shutil.which(program) for program in NEEDS) and os.geteuid() == 0


class Mailboxes:
    """Dovecot: IMAP in the clear or with STARTTLS, IMAP over TLS, and LMTP for who brings mail."""

    def __init__(self) -> None:
        # Its processes run under other users, to whom a test's own folder is closed.
        self.folder = Path(tempfile.mkdtemp(prefix="oncall-tui-mail-"))
        self.folder.chmod(0o755)
        self.imap, self.imaps, self.lmtp = free_port(), free_port(), free_port()
        self.ca_file, self._key = certificate(self.folder)
        mails = self.folder / "mails"
        mails.mkdir()
        shutil.chown(mails, "mail", "mail")
        (self.folder / "dovecot.conf").write_text(self._configuration())
        with (self.folder / "stderr").open("wb") as said:
            self._process = subprocess.Popen(
                ["dovecot", "-F", "-c", self.folder / "dovecot.conf"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        for port in (self.imap, self.imaps, self.lmtp):
            listens(port, self._process, self.folder)

    def _configuration(self) -> str:
        listener = "inet_listener {name} {{\n  address = 127.0.0.1\n  port = {port}\n  ssl = {ssl}\n }}\n"
        return (
            f"base_dir = {self.folder}/run\nstate_dir = {self.folder}/state\nlog_path = {self.folder}/log\n"
            "protocols = imap lmtp\nlisten = 127.0.0.1\nfirst_valid_uid = 1\n"
            "mail_uid = mail\nmail_gid = mail\nhostname = mail.desk.example\n"
            f"mail_location = maildir:{self.folder}/mails/%u\nauth_username_format = %Lu\n"
            "auth_mechanisms = plain login\ndisable_plaintext_auth = no\nauth_failure_delay = 0\n"
            "mail_max_userip_connections = 100\npostmaster_address = postmaster@desk.example\n"
            f"ssl = yes\nssl_cert = <{self.ca_file}\nssl_key = <{self._key}\n"
            f"passdb {{\n driver = static\n args = password={PASSWORD}\n}}\n"
            f"userdb {{\n driver = static\n args = home={self.folder}/mails/%u allow_all_users=yes\n}}\n"
            f"service imap-login {{\n {listener.format(name='imap', port=self.imap, ssl='no')}"
            f" {listener.format(name='imaps', port=self.imaps, ssl='yes')}}}\n"
            f"service lmtp {{\n {listener.format(name='lmtp', port=self.lmtp, ssl='no')}}}\n"
            "service stats {\n chroot =\n}\n"
        )

    def stop(self) -> None:
        """Stop the server, and take away all that is in it."""
        self.kill_sessions()
        self._process.terminate()
        self._process.wait(_PATIENCE)
        shutil.rmtree(self.folder)

    def kill_sessions(self) -> int:
        """Kill the processes that serve clients, and not their parent; return how many there were."""
        killed = 0
        for process in _children(self._process.pid):
            if process.name == "imap":
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                    killed += 1
        return killed

    def maildir(self, address: str) -> Path:
        """Return the folder that has the mails of `address`."""
        return self.folder / "mails" / address

    def mails(self, address: str) -> list[Message]:
        """Return the mails of `address`, in the order in which they came."""
        found = [*self.maildir(address).glob("new/*"), *self.maildir(address).glob("cur/*")]
        return [message_from_bytes(path.read_bytes()) for path in sorted(found, key=_arrived)]

    def files(self, address: str) -> list[str]:
        """Return the names of the files that mails are in, which say their flags."""
        found = [*self.maildir(address).glob("new/*"), *self.maildir(address).glob("cur/*")]
        return sorted(path.name for path in found)

    def access(self, **changes: object) -> SourceAccess:
        """Return how the mailbox of `SUPPORT` is reached, in the clear."""
        values = {
            "name": "support",
            "kind": "mailbox",
            "url": f"imap://127.0.0.1:{self.imap}",
            "user": SUPPORT,
            "secret": lambda: PASSWORD,
            "address": SUPPORT,
        }
        return SourceAccess(**(values | changes))  # type: ignore[arg-type]

    def put(self, address: str, *mails: bytes) -> None:
        """Bring mails into a mailbox, without a server in between that would put anything into them."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as lmtp:
            for mail in mails:
                lmtp.sendmail("", [address], mail)


class Exchange:
    """exim4: takes mails for everybody, and brings them into the mailboxes."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        self._boxes = mailboxes
        self.folder = mailboxes.folder / "exim"
        self.folder.mkdir()
        self.smtp, self.smtps = free_port(), free_port()
        shutil.chown(self.folder, "Debian-exim", "Debian-exim")
        key = self.folder / "key.pem"
        shutil.copy(mailboxes.folder / "key.pem", key)
        shutil.chown(key, "Debian-exim", "Debian-exim")
        self._config = mailboxes.folder / "exim.conf"
        self._config.write_text(self._configuration(key))
        self._config.chmod(0o644)
        self.start()

    def _configuration(self, key: Path) -> str:
        return (
            f"primary_hostname = mail.desk.example\nspool_directory = {self.folder}\n"
            f"log_file_path = {self.folder}/%slog\npid_file_path = {self.folder}/pid\n"
            f"local_interfaces = <; 127.0.0.1.{self.smtp} ; 127.0.0.1.{self.smtps}\n"
            f"tls_on_connect_ports = {self.smtps}\ntls_advertise_hosts = *\n"
            f"tls_certificate = {self._boxes.ca_file}\ntls_privatekey = {key}\n"
            "keep_environment =\nhost_lookup =\nrfc1413_hosts =\nqualify_domain = desk.example\n"
            "message_size_limit = 80M\nsmtp_accept_max = 100\nacl_smtp_rcpt = rcpt\nacl_smtp_data = accept\n"
            "smtp_enforce_sync = false\n"
            "begin acl\nrcpt:\n deny local_parts = nobody\n  message = no such person here\n"
            " defer local_parts = later\n  message = 452 4.2.2 the mailbox is full\n accept\n"
            "begin routers\nvanished:\n driver = redirect\n local_parts = vanished\n allow_fail\n"
            " data = :fail: that person has left\n"
            "all:\n driver = manualroute\n transport = lmtp\n route_list = * 127.0.0.1\n self = send\n"
            f"begin transports\nlmtp:\n driver = smtp\n protocol = lmtp\n hosts = 127.0.0.1\n"
            f" port = {self._boxes.lmtp}\n hosts_override\n allow_localhost\n"
            "begin retry\n* * F,1h,1m\n"
            "begin authenticators\nplain:\n driver = plaintext\n public_name = PLAIN\n server_prompts = :\n"
            f" server_condition = ${{if eq{{$auth3}}{{{_for_exim(PASSWORD)}}}}}\n server_set_id = $auth2\n"
        )

    def start(self) -> None:
        """Start the server; the mails that it has go on."""
        self._process = subprocess.Popen(
            ["exim4", "-bdf", "-q1m", "-C", self._config],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for port in (self.smtp, self.smtps):
            listens(port, self._process, self.folder)

    def kill(self) -> None:
        """Kill the server with all that it does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_sessions(self) -> None:
        """Kill the processes that take mails, and not their parent."""
        for process in _children(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Stop the server, if it runs."""
        if self._process.poll() is None:
            self.kill()

    def post(self, mail: EmailMessage | bytes, to: str = SUPPORT, sender: str = ANNE) -> None:
        """Hand a mail over, as a customer's mail system does."""
        with smtplib.SMTP("127.0.0.1", self.smtp) as smtp:
            smtp.sendmail(sender, [to], mail if isinstance(mail, bytes) else mail.as_bytes())

    def access(self, **changes: object) -> SourceAccess:
        """Return how both servers are reached, in the clear."""
        return self._boxes.access(**({"smtp": f"smtp://127.0.0.1:{self.smtp}"} | changes))


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """Write a certificate that vouches for itself, and its key; return both files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return public, private


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until `holds` does."""
    give_up = monotonic() + _PATIENCE
    while not holds():
        assert monotonic() < give_up, what
        sleep(0.01)


def listens(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until `process` takes connections at `port`."""
    until(partial(_connects, port, process, folder), f"nothing listens on {port}")


def _connects(port: int, process: subprocess.Popen[bytes], folder: Path) -> bool:
    said = "\n".join(path.read_text(errors="replace") for path in folder.glob("*") if path.is_file())
    assert process.poll() is None, said
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class _Process(NamedTuple):
    pid: int
    name: str


def _children(pid: int) -> Iterator[_Process]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            # It may have ended meanwhile.
            with suppress(OSError):
                yield _Process(child, Path(f"/proc/{child}/comm").read_text().strip())


def _arrived(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def _for_exim(text: str) -> str:
    """Return `text` as it stands in an expansion."""
    return "".join(f"\\{sign}" if sign in '\\${}"' else sign for sign in text)
