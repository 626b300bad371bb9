# SPDX-License-Identifier: MIT
"""What the files tests/mutations/*.mut say (docs/adding-a-test.md), and whether they fit the sources."""
import dataclasses
import re

from . import results
from .results import ROOT

WORDS = ("breaks", "rows", "noticed", "variant", "file", "replace", "with", "regex")


@dataclasses.dataclass
class Mutation:
    name: str
    breaks: str
    rows: list
    noticed: list  # names of tests (or parts of names) of which one must fail
    variants: list  # kernels of other choices that those tests boot
    edits: list  # (file, text or regex, replacement, is it a regex?)

    def guest_only(self):
        return all(name.startswith(("guest/", "docs/")) for name, *_ in self.edits)

    def is_chosen(self, words):
        skipped_rows = [row for row in self.rows if results.rows()[row][0]]
        named = {self.name, *self.rows, *(row[0] for row in self.rows), *(["marked"] if skipped_rows else [])}
        return not words or bool(named & set(words))


class Bad(Exception):
    pass


def unescape(text):
    return text.replace("\\n", "\n").replace("\\t", "\t")


def read(file):
    mutation = Mutation(file.stem, "", [], [], [], [])
    target = wanted = None
    is_regex = False
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word not in WORDS:
            raise Bad(f"{file.name}:{number}: unknown word `{word}`; the words are {', '.join(WORDS)}")
        if word == "breaks":
            mutation.breaks = rest
        elif word == "rows":
            mutation.rows = rest.split()
        elif word == "noticed":
            mutation.noticed.append(rest)
        elif word == "variant":
            mutation.variants.append(rest)
        elif word == "file":
            target = rest
        elif word in ("replace", "regex"):
            wanted, is_regex = rest, word == "regex"
        elif word == "with":
            mutation.edits.append((target, wanted, rest, is_regex))
    if not (mutation.breaks and mutation.noticed and mutation.edits):
        raise Bad(f"{file.name}: needs breaks, noticed, file, replace and with")
    if unknown := [row for row in mutation.rows if row not in results.rows()]:
        raise Bad(f"{file.name}: no such row: {' '.join(unknown)}")
    return mutation


def read_all():
    return [read(file) for file in sorted((ROOT / "tests" / "mutations").glob("*.mut"))]


def edited(mutation, name, text, edit):
    """One edit. It must match exactly once: a mutation that no longer fits is an error, not a pass."""
    wanted, replacement, is_regex = edit
    pattern = re.compile(wanted if is_regex else re.escape(unescape(wanted)), re.M)
    found = len(pattern.findall(text))
    if found != 1:
        raise Bad(f"{mutation.name}: `{wanted}` is {found} times in {name}, must be once")
    changed = pattern.sub(lambda match: match.expand(replacement) if is_regex else unescape(replacement), text)
    if changed == text:
        raise Bad(f"{mutation.name}: the edit of {name} changes nothing")
    return changed


def changed_files(mutation, tree):
    """The files that it breaks, with their broken texts."""
    texts = {}
    for name, *edit in mutation.edits:
        file = tree / name
        if not file.exists():
            raise Bad(f"{mutation.name}: there is no file {name}")
        texts[file] = edited(mutation, name, texts.get(file) or file.read_text(encoding="utf-8"), edit)
    return texts


def unfit():
    """What is wrong with mutations, without building anything."""
    wrong = []
    for file in sorted((ROOT / "tests" / "mutations").glob("*.mut")):
        try:
            changed_files(read(file), ROOT)
        except Bad as error:
            wrong.append(str(error))
    return wrong
