"""Checks that the tests which README.md and docs/*.md name exist.

    check_named_tests.py ROOT

In tables whose last column is "shown by", each row names tests there: "the name of a test case" (after … its end is
enough), or golden `name`, a file of tests/golden without its suffix, perhaps with * in it.
"""
import pathlib
import re
import sys

import markdown
import sources

LITERAL = r'"((?:[^"\\]|\\.)*)"'
TEST_CASE = re.compile(rf'\b(?:TEST_CASE\w*|SUBCASE)\(\s*(?:\w+,\s*)?((?:{LITERAL}\s*)+)')
QUOTED = re.compile(r'"([^"]+)"')
GOLDEN = re.compile(r'golden (`[^`]+`(?:, `[^`]+`)*)')


def test_cases(root):
    for path in sources.tracked(root, '.cpp'):
        if path.parts[0] == 'tests':
            for name in TEST_CASE.findall((root / path).read_text(encoding='utf-8')):
                yield ''.join(re.findall(LITERAL, name[0]))


def rows(prose):
    """(line number, last cell) of the rows of tables that say what they are shown by."""
    shown = False
    for number, line in prose:
        if not line.startswith('|'):
            shown = False
            continue
        last = line.rstrip().removesuffix('|').rsplit('|', 1)[-1].strip()
        if last == 'shown by':
            shown = True
        elif shown and not re.fullmatch('[-:]+', last):
            yield number, last


def unknown(root, names, cell):
    """What the cell names that does not exist."""
    quoted, golden = QUOTED.findall(cell), GOLDEN.findall(cell)
    for name in quoted:
        end = name.removeprefix('… ')
        if name not in names and (end == name or not any(known.endswith(end) for known in names)):
            yield f'no test case "{name}"'
    for pattern in (p for group in golden for p in re.findall('`([^`]+)`', group)):
        if not any((root / 'tests' / 'golden').glob(pattern + '.json')):
            yield f'no file tests/golden/{pattern}.json'
    if not quoted and not golden:
        yield 'names no test'


def check(root):
    names = None
    for document in markdown.documents(root):
        for number, cell in rows(markdown.split(root, document)[1]):
            names = set(test_cases(root)) if names is None else names
            for problem in unknown(root, names, cell):
                yield f'{document.relative_to(root)}:{number}: {problem}'


if __name__ == '__main__':
    sources.report(check(pathlib.Path(sys.argv[1])))
