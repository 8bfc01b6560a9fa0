"""Checks who includes whom.

- Nothing in the library includes upward or sideways: core <- autograd <- cells <- rnn; optim sees core and autograd,
  io sees core, autograd and cells; train sees all of these. Tests, examples, bench and tools see everything, and no layer sees them.
- The library includes its own files as "unroll/LAYER/file.hpp", the path that also works once installed.
- xtensor is included by .cpp files and core/xtensor.hpp alone, and no other header includes core/xtensor.hpp: it costs
  seconds in every file that it reaches.
- Highway is included in core/kernels alone.
"""
import re
import sys

import sources

ALLOWED = {
    'core': {'core'},
    'autograd': {'core', 'autograd'},
    'cells': {'core', 'autograd', 'cells'},
    'rnn': {'core', 'autograd', 'cells', 'rnn'},
    'optim': {'core', 'autograd', 'optim'},
    'io': {'core', 'autograd', 'cells', 'io'},
    'train': {'core', 'autograd', 'cells', 'rnn', 'optim', 'io', 'train'},
    'include': set(sources.LAYERS),
}
INCLUDE = re.compile(r'\s*#\s*(?:include\s*|define\s+HWY_TARGET_INCLUDE\s+)([<"])([^>"]+)[>"]')
XTENSOR = re.compile(r'(xtensor|xtensor-blas|xtl|xsimd)/')
BRIDGE = 'core/xtensor.hpp'


def problem(path, quote, included):
    """What is wrong with `path` including `included`, or None."""
    layer = path.parts[0]
    header = path.suffix == '.hpp'
    if XTENSOR.match(included):
        if header and str(path) != BRIDGE:
            return f'xtensor belongs in .cpp files and {BRIDGE}'
    elif included.startswith('hwy/'):
        if path.parts[:2] != ('core', 'kernels'):
            return 'Highway belongs in core/kernels'
    elif included.startswith('unroll/'):
        target = included.split('/')[1]
        if target not in ALLOWED[layer]:
            return f'{layer} may include {", ".join(sorted(ALLOWED[layer]))}; not {target}'
        if header and included == f'unroll/{BRIDGE}':
            return f'no header includes {BRIDGE}'
    elif quote == '"':
        return 'a file of the library is included as "unroll/LAYER/file.hpp"'
    return None


def check(root):
    for path in sources.tracked(root, '.hpp', '.cpp'):
        if path.parts[0] not in ALLOWED:
            continue
        for number, line in sources.lines(root, path):
            include = INCLUDE.match(line)
            wrong = include and problem(path, *include.groups())
            if wrong:
                yield f'{path}:{number}: {line.strip()}: {wrong}'


if __name__ == '__main__':
    sources.report(check(sys.argv[1]))
