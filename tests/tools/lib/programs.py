# SPDX-License-Identifier: MIT
"""The program tests: tests/programs/*.test run a command in Trapgate, most of them also natively, and compare.

A file holds tests; docs/adding-a-test.md explains the words:

    test sort sorts by number [U02]
        run busybox sort -n
        stdin 10\\n9\\n
"""
import dataclasses
import os
import pathlib
import re
import shlex
import signal
import subprocess
import time

from . import foreign
from .results import ROOT, ROW_ID, Result

HEADING = re.compile(r"^test (.*?)(?: \[([A-Z0-9 ]+)\])?$")
WORDS = {"run", "stdin", "stdin-file", "options", "verb", "native", "stdout", "stdout-file", "stderr", "not-stderr", "status", "tree", "debian-tree",
         "replace", "timeout", "close-stdout", "repeat", "environment", "without-root"}
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/", "TERM": "dumb"}


@dataclasses.dataclass
class Case:
    file: str
    line: int
    name: str
    rows: list
    words: list = dataclasses.field(default_factory=list)  # (word, rest of the line)

    def all(self, word):
        return [rest for found, rest in self.words if found == word]

    def one(self, word, default=None):
        found = self.all(word)
        return found[-1] if found else default


class BadFile(Exception):
    pass


def read_cases(file):
    cases = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        heading = HEADING.match(line)
        if heading:
            rows = (heading.group(2) or "").split()
            cases.append(Case(file.name, number, heading.group(1), rows))
            if bad := [row for row in rows if not ROW_ID.match(row)]:
                raise BadFile(f"{file}:{number}: no row id: {' '.join(bad)}")
            continue
        word, _, rest = line.strip().partition(" ")
        if word not in WORDS or not cases:
            raise BadFile(f"{file}:{number}: unknown word `{word}`; the words are {', '.join(sorted(WORDS))}")
        cases[-1].words.append((word, rest))
    for case in cases:
        if case.one("run") is None:
            raise BadFile(f"{file}:{case.line}: the test has no `run`")
    return cases


def unescape(text):
    return text.encode("utf-8").decode("unicode_escape").encode("latin-1")


@dataclasses.dataclass
class Outcome:
    status: object  # exit status as a shell says it, or "timeout"
    stdout: bytes
    stderr: bytes


def execute(command, *, stdin=b"", cwd=None, environment=None, timeout=60, close_stdout=False):
    """Runs `command`; with close_stdout its standard output is a pipe whose reader has gone away."""
    stdout = subprocess.PIPE
    if close_stdout:
        reader, stdout = os.pipe()
        os.close(reader)

    def default_signals():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd,
                               env=environment, preexec_fn=default_signals)
    if close_stdout:
        os.close(stdout)
    try:
        out, err = process.communicate(stdin, timeout=timeout)
        status = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        status = "timeout"
    if isinstance(status, int) and status < 0:
        status = 128 - status
    return Outcome(status, out or b"", err or b"")


def clip(data, limit=600):
    text = data.decode("utf-8", "replace")
    return text if len(text) <= limit else text[:limit] + f"… ({len(text)} characters)"


def first_difference(got, expected, name):
    """The first line that is not as in the file, as a list of no or one sentence."""
    ours, theirs = got.splitlines(), expected.splitlines()
    for number, (line, wanted) in enumerate(zip(ours, theirs), 1):
        if line != wanted:
            return [f"line {number} differs from {name}: {clip(line)!r}, wanted {clip(wanted)!r}"]
    return [] if len(ours) == len(theirs) else [f"{len(ours)} lines, in {name} {len(theirs)}"]


class Runner:
    def __init__(self, trapgate, suite):
        self.trapgate, self.suite = str(trapgate), suite

    def commands(self, case):
        """The command in Trapgate and the native one. Raises foreign.Missing when a program cannot be had."""
        words = shlex.split(case.one("run"))
        program = foreign.program(words[0]) if words[0] != "-" else None
        verb = case.one("verb", "run")
        inside = [self.trapgate] + [foreign.expand(word) for word in shlex.split(verb)]
        if case.one("without-root") is not None and os.geteuid() == 0:  # root without the right to read every file
            inside = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] + inside
        options = [foreign.expand(option) for option in shlex.split(case.one("options", ""))]
        if case.one("tree") is not None:
            options += ["--root", str(foreign.tree())]
        if case.one("debian-tree") is not None:
            options += ["--root", str(foreign.debian_tree())]
        inside += options + ([str(program)] if program else []) + [foreign.expand(w) for w in words[1:]]
        return inside, ([str(program)] if program else []) + words[1:]

    def check(self, case, inside, native):
        """What is wrong, as a list of sentences."""
        stdin = foreign.data_file(case.one("stdin-file")).read_bytes() if case.one("stdin-file") else unescape(case.one("stdin", ""))
        limit = float(case.one("timeout", "60"))
        close = case.one("close-stdout") is not None
        environment = dict(os.environ, **dict(word.split("=", 1) for word in shlex.split(case.one("environment", ""))))
        wrong = []
        got = execute(inside, stdin=stdin, timeout=limit, close_stdout=close, environment=environment)
        for _ in range(int(case.one("repeat", "1")) - 1):
            again = execute(inside, stdin=stdin, timeout=limit, close_stdout=close, environment=environment)
            if (again.status, again.stdout, again.stderr) != (got.status, got.stdout, got.stderr):
                wrong.append(f"two runs differ: {clip(got.stdout + got.stderr)} then {clip(again.stdout + again.stderr)}")
        if got.status == "timeout":
            wrong.append(f"it still ran after {limit:g} s; stdout: {clip(got.stdout)}; stderr: {clip(got.stderr)}")
            return wrong
        if native is not None:
            cwd = foreign.tree() if case.one("tree") is not None else "/"
            expected = execute(native, stdin=stdin, cwd=cwd, environment=ENVIRONMENT, timeout=limit, close_stdout=close)
            ours, theirs = got.stdout, expected.stdout
            for replace in case.all("replace"):
                pattern, _, text = replace.partition(" : ")[0].partition(" => ")
                ours, theirs = (re.sub(pattern.encode(), text.encode(), data, flags=re.M) for data in (ours, theirs))
            if ours != theirs:
                wrong.append(f"stdout differs: ours {clip(ours)!r}, native {clip(theirs)!r}; stderr {clip(got.stderr)!r}")
            if got.status != expected.status:
                wrong.append(f"status {got.status}, natively {expected.status}; stderr {clip(got.stderr)!r}")
        if (status := case.one("status")) is not None and str(got.status) != status:
            wrong.append(f"status {got.status}, wanted {status}; stderr {clip(got.stderr)!r}; stdout {clip(got.stdout)!r}")
        if (name := case.one("stdout-file")) is not None:
            wrong += first_difference(got.stdout, (ROOT / "tests" / "programs" / name).read_bytes(), name)
        for stream, data in (("stdout", got.stdout), ("stderr", got.stderr)):
            for pattern in case.all(stream):
                if not re.search(pattern.encode(), data, flags=re.M | re.S):
                    wrong.append(f"{stream} has nothing like `{pattern}`: {clip(data)!r}")
        for pattern in case.all("not-stderr"):
            if re.search(pattern.encode(), got.stderr, flags=re.M | re.S):
                wrong.append(f"stderr has `{pattern}`: {clip(got.stderr)!r}")
        return wrong

    def run(self, case):
        started = time.monotonic()
        try:
            inside, native = self.commands(case)
        except foreign.Missing as missing:
            return Result("skip", self.suite, case.name, case.rows, 0.0, str(missing))
        native_word = case.one("native", "yes")
        compare = not native_word.startswith("no")
        wrong = self.check(case, inside, native if compare else None)
        detail = ""
        if wrong:
            detail = "\n".join(wrong) + f"\n{case.file}:{case.line}: {shlex.join(inside)}"
        return Result("fail" if wrong else "pass", self.suite, case.name, case.rows, time.monotonic() - started, detail)


def load_all(text_filter=""):
    cases = []
    for file in sorted((ROOT / "tests" / "programs").glob("*.test")):
        cases += read_cases(file)
    names = [case.name for case in cases]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadFile(f"two program tests have the same name: {twice[0]}")
    return [case for case in cases if text_filter in case.name or text_filter in case.rows]
