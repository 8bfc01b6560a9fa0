"""Checks that files stay small enough to have one subject: 400 lines, tests 500, examples 150."""
import pathlib
import sys

import sources

LIMITS = {'tests': 500, 'examples': 150}
LIMIT = 400


def check(root):
    for path in sources.tracked(root, '.hpp', '.cpp', '.py'):
        limit = LIMITS.get(path.parts[0], LIMIT)
        count = len(pathlib.Path(root, path).read_bytes().splitlines())
        if count > limit:
            yield f'{path}: {count} lines, at most {limit}: split it by subject'


if __name__ == '__main__':
    sources.report(check(sys.argv[1]))
