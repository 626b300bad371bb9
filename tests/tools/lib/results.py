# SPDX-License-Identifier: MIT
"""What the tests of every kind report: one Result per named test, kept in build/test-results/ as tab-separated lines."""
import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = ROOT / "build" / "test-results"
LAST_FULL_RUN = FOLDER / "last-full-run.tsv"
ROW_ID = re.compile(r"^[A-Z]\d\d$")


@dataclasses.dataclass
class Result:
    status: str  # pass, fail or skip
    suite: str  # "unit (dev)", "programs", …
    name: str  # a sentence
    rows: list = dataclasses.field(default_factory=list)  # ids of tests/rows.tsv that it proves
    seconds: float = 0.0
    detail: str = ""  # why it failed or was skipped


def save(results, file):
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for r in results:
        first_line = r.detail.strip().split("\n")[0]
        fields = [r.status, r.suite, r.name, ",".join(r.rows), f"{r.seconds:.2f}", first_line]
        lines.append("\t".join(field.replace("\t", " ") for field in fields))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def load(file):
    results = []
    for line in file.read_text(encoding="utf-8").splitlines():
        status, suite, name, rows, seconds, detail = line.split("\t")
        results.append(Result(status, suite, name, [r for r in rows.split(",") if r], float(seconds), detail))
    return results


def rows():
    """The rows of tests/rows.tsv: id → (easily skipped?, what is said)."""
    found = {}
    for line in (ROOT / "tests" / "rows.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        row, skipped, _, said, _ = line.split("\t")
        found[row] = (skipped == "!", said)
    return found


def mutations():
    """Which mutations (tests/mutations/*.mut) break what a row says: id → their names."""
    found = {row: [] for row in rows()}
    for file in sorted((ROOT / "tests" / "mutations").glob("*.mut")):
        for row in re.findall(r"[A-Z]\d\d", " ".join(re.findall(r"^rows (.*)$", file.read_text(encoding="utf-8"), re.M))):
            found.setdefault(row, []).append(file.stem)
    return found


def print_rows():
    """`./test --rows`: id, pass | fail | none, mutated | -, the names of the tests, from the last full run."""
    broken = mutations()
    by_row = {row: [] for row in rows()}
    if LAST_FULL_RUN.exists():
        for result in load(LAST_FULL_RUN):
            for row in result.rows:
                by_row.setdefault(row, []).append(result)
    for row, tests in by_row.items():
        ran = [t for t in tests if t.status != "skip"]
        status = "none" if not ran else "fail" if any(t.status == "fail" for t in ran) else "pass"
        names = sorted({t.name for t in ran})
        print(f"{row}\t{status}\t{'mutated' if broken.get(row) else '-'}\t{'; '.join(names)}")
