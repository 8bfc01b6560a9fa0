"""Runs `meson test` and closes with `N passed, N failed` (`, N skipped` only if some are).

    run_tests.py BUILD_DIR [MESON_TEST_ARGUMENT]...

A program counts by the cases of its own closing line (doctest's summary, or `N passed, N failed[, N skipped]`), any
other program as one. A program that fails without naming a failed case, by a crash or a timeout, is one failure more.
The output of the failing programs is printed, and `skipped: NAME: REASON` for each reason for which a program skipped
something, which are lines `skipped: REASON` of its output; the exit status is 1 if anything failed.
"""
import itertools
import json
import pathlib
import re
import subprocess
import sys

DOCTEST = re.compile(r'^\[doctest\] test cases: +\d+ \| +(\d+) passed \| +(\d+) failed \| +(\d+) skipped', re.M)
CLOSING = re.compile(r'(?:^|\n)(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*\Z')
REASON = re.compile(r'^skipped: (.*\S)', re.M)
GOOD = ('OK', 'EXPECTEDFAIL')


def count(test):
    """(passed, failed, skipped) of one entry of meson's testlog.json."""
    good = test['result'] in GOOD + ('SKIP',)
    output = test.get('stdout', '')
    summary = DOCTEST.search(output) or CLOSING.search(output)
    if not summary:
        return (0, 0, 1) if test['result'] == 'SKIP' else (int(good), int(not good), 0)
    passed, failed, skipped = (int(n or 0) for n in summary.groups())
    if not good and failed == 0:
        failed = 1
    return passed, failed, skipped


def skips(test):
    """Lines of why something of one entry was skipped."""
    output = test.get('stdout', '')
    reasons = list(dict.fromkeys(REASON.findall(output)))
    if not reasons and (skipped := count(test)[2]):
        reasons = [f'cases with doctest::skip(): {skipped}' if DOCTEST.search(output) else 'it does not say why']
    return [f"skipped: {test['name']}: {reason}" for reason in reasons]


def report(test):
    head = f"---- {test['name']}: {test['result']}, exit status {test['returncode']}"
    return '\n'.join([head, test.get('stdout', '').rstrip(), test.get('stderr', '').rstrip()]).rstrip()


def main(build, *arguments):
    log = pathlib.Path(build, 'meson-logs', 'testlog.json')
    log.unlink(missing_ok=True)
    on_terminal = sys.stdout.isatty()
    meson = subprocess.run(
        ['meson', 'test', '-C', build, '--no-rebuild', '--timeout-multiplier', '4', *arguments],
        stdin=subprocess.DEVNULL, stdout=None if on_terminal else subprocess.PIPE,
        stderr=None if on_terminal else subprocess.STDOUT, text=True)
    tests = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    passed, failed, skipped = (sum(column) for column in zip((0, 0, 0), *map(count, tests)))
    for test in tests:
        if test['result'] not in GOOD + ('SKIP',):
            print(report(test))
    for line in itertools.chain.from_iterable(map(skips, tests)):
        print(line)
    if meson.returncode != 0 and failed == 0:  # meson itself went wrong
        print(meson.stdout or f'meson test: exit status {meson.returncode}')
        failed = 1
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
