# SPDX-License-Identifier: MIT
"""Runs a Catch2 program (version 2 or 3) and turns its XML report into Results, also when the program dies half way."""
import html
import re
import subprocess
import time

from .results import ROW_ID, Result

TEST_CASE = re.compile(r'<TestCase name="([^"]*)"(?:[^>]*? tags="([^"]*)")?[^>]*>')
EXPRESSION = re.compile(r"<Original>\s*(.*?)\s*</Original>\s*<Expanded>\s*(.*?)\s*</Expanded>", re.S)
OTHER_FAILURE = re.compile(r"<(?:Exception|FatalErrorCondition|Failure)[^>]*>\s*(.*?)\s*</", re.S)
FAILED_EXPRESSION = re.compile(r'<Expression success="false".*?</Expression>', re.S)
SKIPPED = re.compile(r"<Warning>\s*SKIPPED:?\s*(.*?)\s*</Warning>|<Skip[ >].*?</Skip>|skips=\"[1-9]", re.S)
SECONDS = re.compile(r'durationInSeconds="([0-9.e+-]+)"')


def filter_arguments(text):
    """A test specification for --filter TEXT: a row id is a tag, anything else a part of the name."""
    if not text:
        return []
    return [f"[{text}]"] if ROW_ID.match(text) else [f"*{text}*"]


def explain(block):
    parts = []
    for failed in FAILED_EXPRESSION.findall(block):
        where = re.search(r'filename="([^"]*)" line="(\d+)"', failed)
        match = EXPRESSION.search(failed)
        if match:
            parts.append(f"{where.group(1)}:{where.group(2)}: {match.group(1)}  which is  {match.group(2)}")
    stripped = FAILED_EXPRESSION.sub("", block)
    parts += [text for text in OTHER_FAILURE.findall(stripped)]
    return html.unescape("\n".join(parts))[:2000]


def run(program, suite, selection=None, timeout=900, environment=None):
    command = [str(program), "-r", "xml", "-d", "yes", *(selection or [])]
    started = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, timeout=timeout, env=environment, stdin=subprocess.DEVNULL)
        output, errors, status = done.stdout, done.stderr, done.returncode
    except subprocess.TimeoutExpired as stopped:
        output, errors, status = stopped.stdout or b"", stopped.stderr or b"", "timeout"
    text, talk = output.decode("utf-8", "replace"), errors.decode("utf-8", "replace")
    results = []
    pieces = TEST_CASE.split(text)
    for name, tags, block in zip(pieces[1::3], pieces[2::3], pieces[3::3]):
        rows = [t for t in re.findall(r"\[([^\]]*)\]", html.unescape(tags or "")) if ROW_ID.match(t)]
        finished = re.search(r'<OverallResult success="(\w+)"[^>]*', block)
        seconds = float(SECONDS.search(finished.group(0)).group(1)) if finished and SECONDS.search(finished.group(0)) else 0.0
        skipped = SKIPPED.search(block)
        if not finished:
            why = f"it did not finish ({'timeout' if status == 'timeout' else f'exit status {status}'})\n{talk[-3000:]}"
            results.append(Result("fail", suite, html.unescape(name), rows, seconds, why))
        elif finished.group(1) != "true":
            results.append(Result("fail", suite, html.unescape(name), rows, seconds, explain(block)))
        elif skipped:
            results.append(Result("skip", suite, html.unescape(name), rows, seconds, html.unescape(skipped.group(1) or "")))
        else:
            results.append(Result("pass", suite, html.unescape(name), rows, seconds))
    complete = "</Catch>" in text or "</Catch2TestRun>" in text
    if not complete and not any(r.status == "fail" for r in results):
        why = f"{program} ended with {status} before it reported all its tests\n{talk[-3000:]}"
        results.append(Result("fail", suite, f"{program.name} runs to its end", [], time.monotonic() - started, why))
    elif complete and status != 0 and not any(r.status == "fail" for r in results):
        # Catch 2 also fails when a selection matches nothing; that is no failure of a test.
        if results:
            why = f"exit status {status} though every test passed\n{talk[-3000:]}"
            results.append(Result("fail", suite, f"{program.name} exits with 0", [], 0.0, why))
    return results
