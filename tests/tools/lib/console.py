# SPDX-License-Identifier: MIT
"""A program of the guest on a pseudo-terminal of the host, typed at and read as a person would: for the sessions of tests/*/check."""
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import tempfile
import termios
import time

APPLETS = ("ash awk cat chmod cp cut date dd df diff echo env expr false find free grep gunzip gzip head hostname id kill less ln ls md5sum mkdir mv "
           "nc ps pwd rm rmdir sed seq setsid sh sleep sort stty tail tar tee test time top touch tr true tty uname uniq usleep vi "
           "watch wc which whoami xargs yes").split()


def tree(busybox, bash, files=()):
    """A folder for --root: busybox under the names of its applets, bash, and text files."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="trapgate-root-"))
    for folder in ("bin", "etc", "root", "tmp"):
        (root / folder).mkdir()
    shutil.copy(busybox, root / "bin" / "busybox")
    shutil.copy(bash, root / "bin" / "bash")
    for name in APPLETS:
        os.symlink("busybox", root / "bin" / name)
    for name, text in {"etc/passwd": "root:x:0:0:root:/root:/bin/bash\n", "etc/group": "root:x:0:\n", **dict(files)}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


class Console:
    """`command` runs on a terminal of this size. What it prints is collected; `expect` moves a mark through it."""

    def __init__(self, command, rows=24, columns=80, seconds=60, echo=None):
        self.seen, self.mark, self.seconds, self.echo = "", 0, seconds, echo
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "linux"
            os.execv(str(command[0]), [str(word) for word in command])
        self.resize(rows, columns, tell=False)

    def resize(self, rows, columns, tell=True):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            os.kill(self.pid, signal.SIGWINCH)

    def type(self, text):
        os.write(self.fd, text.encode())

    def read_more(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.seen += data.decode(errors="replace")
        if self.echo and data:
            self.echo(data)
        return bool(data)

    def expect(self, pattern, seconds=None):
        """What follows the mark up to the end of the first match, which becomes the new mark; None if it does not come."""
        end = time.monotonic() + (seconds or self.seconds)
        while True:
            if found := re.search(pattern, self.seen[self.mark:], re.S):
                text = self.seen[self.mark:self.mark + found.end()]
                self.mark += found.end()
                return text
            left = end - time.monotonic()
            if left <= 0:
                return None
            before = time.monotonic()
            if not self.read_more(min(left, 0.5)) and time.monotonic() - before < 0.01:
                return None  # the end

    def wait(self):
        """Its exit status, when it has ended."""
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
                return self.status
            self.read_more(0.1)
        return None

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
