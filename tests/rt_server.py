"""A real Request Tracker 5 on the loopback, with a database and a configuration of its own.

Nothing of the system's Request Tracker is read or changed but its programs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from telephones import free_port

_PATIENCE = 60.0
_LIBRARY = "/usr/share/request-tracker5/lib"
_USER = "www-data"

TOKEN_OF = "desk"
"""The account that the board asks with."""

_CONFIG = """
Set($rtname, 'desk.example');
Set($Organization, 'desk.example');
Set($CorrespondAddress, 'rt@desk.example');
Set($CommentAddress, 'rt-comment@desk.example');
Set($WebPath, '');
Set($WebDomain, '127.0.0.1');
Set($WebPort, PORT);
Set($WebBaseURL, 'http://127.0.0.1:PORT');
Set($RestrictReferrer, 0);
Set($MailCommand, 'testfile');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, 'FOLDER/rtdb');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
Set($LogToFile, undef);
Set($Timezone, 'Europe/Zurich');
EXTRA
1;
"""

_SET_UP = r"""
use utf8; use strict; use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT; RT->LoadConfig; RT->Init;
binmode STDOUT, ':utf8';
my $root = RT->SystemUser;
sub ok { my ($id, $msg) = @_; die $msg unless $id; return $id }
for my $name ('Support', 'Billing') { ok(RT::Queue->new($root)->Create(Name => $name)) }
my $staff = RT::Group->new($root); ok($staff->CreateUserDefinedGroup(Name => 'Staff'));
my %staff = (desk => 'Support desk', lea => 'Léa Favre', marc => 'Marc Blanc');
for my $name (sort keys %staff) {
    my $user = RT::User->new($root);
    ok($user->Create(Name => $name, RealName => $staff{$name}, Privileged => 1,
                     EmailAddress => $name . '@desk.example'));
    ok($staff->AddMember($user->PrincipalId));
    my $token = RT::AuthToken->new($root);
    my ($id, $msg, $string) = $token->Create(Owner => $user->Id, Description => 'tests');
    ok($id, $msg);
    print "$name $string\n";
}
for my $right (qw(SeeQueue ShowTicket ShowTicketComments ReplyToTicket CommentOnTicket CreateTicket
                  ModifyTicket OwnTicket TakeTicket StealTicket ReassignTicket ShowOutgoingEmail)) {
    ok($staff->PrincipalObj->GrantRight(Right => $right, Object => RT->System));
}
my $billing = RT::User->new($root);
ok($billing->Create(Name => 'billing', EmailAddress => 'billing@desk.example', Privileged => 1));
my $queue = RT::Queue->new($root); $queue->Load('Billing');
ok($billing->PrincipalObj->GrantRight(Right => $_, Object => $queue)) for qw(SeeQueue ShowTicket);
my $token = RT::AuthToken->new($root);
my ($id, $msg, $string) = $token->Create(Owner => $billing->Id, Description => 'tests');
print "billing $string\n";
my $everyone = RT::Group->new($root); $everyone->LoadSystemInternalGroup('Everyone');
ok($everyone->PrincipalObj->GrantRight(Right => $_, Object => RT->System)) for qw(CreateTicket ReplyToTicket);
"""


class RequestTracker:
    """Request Tracker with the queues Support and Billing, the staff lea, marc and desk, who see both, and
    billing, who sees the second; `tokens` by account.

    `extra` is Perl for its configuration. `stop`, `start` and `kill` are what happens to servers.
    """

    def __init__(self, extra: str = "") -> None:
        # Right below the system's temporary place: it runs as a user of its own, who has to get there.
        self._folder = folder = Path(tempfile.mkdtemp(prefix="oncall-tui-rt-"))
        folder.chmod(0o755)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "conf.d").mkdir()
        config = (
            _CONFIG.replace("PORT", str(self.port)).replace("FOLDER", str(folder)).replace("EXTRA", extra)
        )
        (folder / "conf.d" / "10-test.pm").write_text(config)
        (folder / "site.pm").write_text("1;\n")
        shutil.chown(folder, _USER)
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "RT_SITE_CONFIG": str(folder / "site.pm"),
            "RT_SITE_CONFIG_DIR": str(folder / "conf.d"),
        }
        self._run("/usr/sbin/rt-setup-database-5", "--action", "init", "--skip-create")
        self.tokens = dict(line.split(" ", 1) for line in self.perl(_SET_UP).splitlines())
        shutil.copyfile(folder / "rtdb", folder / "rtdb.empty")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start_anew(self) -> None:
        """Have no tickets again."""
        self.stop()
        for left in self._folder.glob("rtdb-*"):
            left.unlink()
        shutil.copyfile(self._folder / "rtdb.empty", self._folder / "rtdb")
        self.start()

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"),
                    "/usr/share/request-tracker5/libexec/standalone_httpd",
                    *("--host", "127.0.0.1", "--port", str(self.port)),
                ],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        give_up = monotonic() + _PATIENCE
        while True:
            assert self._process.poll() is None, (self._folder / "log").read_text(errors="replace")
            assert monotonic() < give_up, "Request Tracker doesn't start"
            try:
                httpx.get(f"{self.url}/REST/2.0/rt", timeout=10)
            except httpx.TransportError:
                sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Kill it, with whatever it is doing."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def pause(self) -> None:
        """Let it hang: it is there and doesn't answer."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    def perl(self, program: str, *arguments: str) -> str:
        """Run Perl with Request Tracker's own library; return what it prints."""
        return self._run("/usr/bin/perl", "-", *arguments, told=program)

    def mail(
        self,
        sender: str,
        subject: str,
        text: str,
        *,
        queue: str = "Support",
        html: bool = False,
        automatic: bool = False,
        attached: Mapping[str, bytes] | None = None,
    ) -> None:
        """Bring a customer's mail, as a mail server does."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "rt@desk.example", subject
        if automatic:
            message["Auto-Submitted"] = "auto-replied"
        message.set_content(text, subtype="html" if html else "plain")
        for name, content in (attached or {}).items():
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        gate = ("/usr/bin/rt-mailgate-5", "--queue", queue, "--action", "correspond", "--url", self.url)
        subprocess.run(gate, input=bytes(message), check=True, capture_output=True, timeout=60)

    def ask(self, method: str, path: str, who: str = "lea", **more: Any) -> httpx.Response:
        """Do over REST what `who` does in a browser."""
        headers = {"Authorization": f"token {self.tokens[who]}"} | more.pop("headers", {})
        return httpx.request(
            method, f"{self.url}/REST/2.0/{path}", headers=headers, timeout=60, **more
        ).raise_for_status()

    def _run(self, *command: str, told: str = "") -> str:
        done = subprocess.run(
            ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups", *command],
            env=self._env,
            input=told.encode(),
            capture_output=True,
            timeout=120,
            check=False,
            cwd=self._folder,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode()
