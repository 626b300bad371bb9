# SPDX-License-Identifier: MIT
"""Starting `trapgate gdb`, Debian's gdb as its client, and a client of our own that speaks the packets byte by byte."""
import re
import select
import socket
import subprocess
import tempfile


class Server:
    """`trapgate gdb` on a free port of loopback. Whatever happens in a test, it is ended."""

    def __init__(self, trapgate, *words, options=(), verb="gdb"):
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen([str(trapgate), verb, "--gdb", "127.0.0.1:0", *map(str, options), *map(str, words)],
                                        stdin=subprocess.DEVNULL, stdout=self.out, stderr=subprocess.PIPE)
        line = self.process.stderr.readline().decode()
        found = re.search(r"target remote 127\.0\.0\.1:(\d+)$", line.strip())
        if not found:
            self.process.kill()
            raise AssertionError(f"the server does not say where it is: {line!r} {self.process.stderr.read()!r}")
        self.port = int(found.group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.out.close()

    def finish(self, status):
        """Waits for its end and checks the exit status; gives the guest's output."""
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            raise AssertionError("the server still runs") from None
        assert self.process.returncode == status, (self.process.returncode, self.process.stderr.read())
        self.out.seek(0)
        return self.out.read().decode()


def gdb(server, *commands, python=None, mode="remote", timeout=60):
    """What Debian's gdb prints for the commands, after it has connected."""
    words = ["gdb", "-nx", "-batch", "-ex", "set pagination off", "-ex", "set confirm off", "-ex", "set width 0"]
    if python:
        words += ["-x", str(python)]
    words += ["-ex", f"target {mode} 127.0.0.1:{server.port}"]
    for command in commands:
        words += ["-ex", command]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    return done.stdout.decode("utf-8", "replace")


def wanted(text, *patterns):
    """Every pattern is found, each behind the one before it."""
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.M).search(text, at)
        assert found, f"nothing like `{pattern}` (or not in this order) in:\n{text}"
        at = found.end()
    return text


def never(text, pattern):
    assert not re.search(pattern, text, re.M), f"`{pattern}` is in:\n{text}"


class Raw:
    """A client that can behave as it likes."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def packet(self, text):
        body = text if isinstance(text, bytes) else text.encode("latin-1")
        self.send(b"$" + body + b"#%02x" % (sum(body) % 256))

    def byte(self):
        if not self.buffer:
            self.buffer = self.socket.recv(65536)
            assert self.buffer, "the server has closed the connection"
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def answer(self):
        """The next packet of the server's, acknowledged."""
        while self.byte() != b"$":
            pass
        body = b""
        while (byte := self.byte()) != b"#":
            body += byte
        check = self.byte() + self.byte()
        assert int(check, 16) == sum(body) % 256, (body, check)
        self.send(b"+")
        return re.sub(rb"\}(.)", lambda m: bytes([m.group(1)[0] ^ 0x20]), body, flags=re.S)

    def ask(self, text):
        self.packet(text)
        return self.answer().decode("latin-1")

    def silent(self, seconds=0.3):
        """Nothing but acknowledgements comes in this time."""
        if self.buffer.strip(b"+"):
            return False
        self.buffer = b""
        while select.select([self.socket], [], [], seconds)[0]:
            if self.socket.recv(65536).strip(b"+"):
                return False
        return True
