"""Checks that README.md, examples/README.md and the pages under docs/ show nothing that is not so.

    check_readme.py ROOT BUILD_DIR

- Each C++ block says, in a comment just above it, where it is compiled: `<!-- example: examples/quickstart.cpp -->`
  (the block is a run of lines of that file, which is an example or a source of the library) or `<!-- compile -->`
  (see doc_blocks.py). Blocks of another language may be runs of lines, too.
- A block under `<!-- output of: examples/quickstart -->` is what that program prints, run with the arguments given there.
  * A line `...` stands for any number of lines.
  * Timings are not compared: a number in front of ns, us, ms, s, min, h or a rate such as chars/s, and times like 0:42.
    How many blanks stand in a row is not compared either, because timings differ in width.
  * `<!-- output of: examples/char_lm, numbers within 5% -->` is for results whose last digits depend on the processor.
- Links to files of the project lead somewhere.
"""
import difflib
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap

import markdown
import sources
from doc_blocks import MARK

OUTPUT = re.compile(r'output of: (.+?)(?:, numbers within ([\d.]+)%)?\Z')
EXAMPLE = re.compile(r'example: (\S+)\Z')
TIMING = re.compile(r'\d+:\d\d(?::\d\d)?\b|\d[\d,]*(?:\.\d+)?(?=\s?(?:ns|us|ms|s|min|h)\b|[kMG]?\s?[A-Za-z]+/s\b)')
NUMBER = re.compile(r'[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?')
QUOTABLE = (*sources.LAYERS, 'examples')


def quoted(text, block):
    """Whether the lines `block` are a run of the lines of `text`, indentation as a whole apart."""
    block = textwrap.dedent('\n'.join(line.rstrip() for line in block)).strip('\n').split('\n')
    lines = [line.rstrip() for line in text.splitlines()]
    windows = (lines[i:i + len(block)] for i in range(len(lines) - len(block) + 1))
    return any(textwrap.dedent('\n'.join(window)).split('\n') == block for window in windows)


def mask(line):
    return ' '.join(TIMING.sub('#', line).split())


def same_line(expected, actual, tolerance=0):
    expected, actual = mask(expected), mask(actual)
    if NUMBER.sub('0', expected) != NUMBER.sub('0', actual):
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(actual))
    return all(a == b or abs(float(a) - float(b)) <= tolerance * max(abs(float(a)), abs(float(b))) for a, b in pairs)


def same_output(expected, actual, tolerance=0):
    """Whether the lines agree, where a line `...` of `expected` stands for any number of lines."""
    pieces = [[]]
    for line in expected:
        if line.strip() == '...':
            pieces.append([])
        else:
            pieces[-1].append(line)

    def at(piece, start):
        return start >= 0 and start + len(piece) <= len(actual) and all(
            same_line(e, a, tolerance) for e, a in zip(piece, actual[start:]))

    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(actual) == len(first) and at(first, 0)
    position = len(first)
    for piece in pieces[1:-1]:
        start = next((i for i in range(position, len(actual)) if at(piece, i)), None)
        if start is None:
            return False
        position = start + len(piece)
    return at(first, 0) and position <= len(actual) - len(last) and at(last, len(actual) - len(last))


def run(build, command):
    """Lines that the program prints, started in an empty folder; None and why if it cannot be had."""
    program, *arguments = shlex.split(command)
    program = pathlib.Path(build, program).resolve()
    if not program.is_file():
        return None, f'no program {program}'
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        return None, f'{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}'
    return [line.rstrip() for line in done.stdout.splitlines()], ''


def check_example(root, build, block):
    name = pathlib.PurePosixPath(EXAMPLE.match(block.comment).group(1))
    path = pathlib.Path(root, name)
    if name.parts[0] not in QUOTABLE or '..' in name.parts or not path.is_file():
        yield f'{block.place}: {name}: no such file in {", ".join(QUOTABLE)}'
    elif not quoted(path.read_text(), block.text):
        yield f'{block.place}: not a run of lines of {name}'
    elif name.parts[0] == 'examples' and name.suffix == '.cpp' and not pathlib.Path(build, name).with_suffix('').is_file():
        yield f'{block.place}: {name}: not built, so not tested'


def check_output(build, block):
    command, percent = OUTPUT.match(block.comment).groups()
    actual, why = run(build, command)
    expected = [line.rstrip() for line in block.text]
    if actual is None:
        yield f'{block.place}: {why}'
    elif not same_output(expected, actual, float(percent or 0) / 100):
        difference = difflib.unified_diff(expected, actual, block.place, command, lineterm='')
        yield '\n'.join([f'{block.place}: not what {command} prints', *difference])


def check_links(root, document, prose):
    for number, line in prose:
        for target in markdown.links(line):
            if not (document.parent / target).exists():
                yield f'{document.relative_to(root)}:{number}: {target}: no such file'


def check(root, build):
    root = pathlib.Path(root)
    for document in markdown.documents(root):
        blocks, prose = markdown.split(root, document)
        yield from check_links(root, document, prose)
        for block in blocks:
            if EXAMPLE.match(block.comment):
                yield from check_example(root, build, block)
            elif block.is_cpp:
                if not MARK.match(block.comment):
                    yield f'{block.place}: C++ without <!-- example: FILE --> or <!-- compile --> above it'
            elif OUTPUT.match(block.comment):
                yield from check_output(build, block)
            elif block.comment.startswith(('output', 'example', 'compile')):
                yield f'{block.place}: a {block.language or "plain"} block cannot be checked as "{block.comment}"'


if __name__ == '__main__':
    sources.report(check(*sys.argv[1:]))
