"""Checks that the library works as a subproject of another meson project: configures one outside of the tree and
builds and runs a program of it.

    check_subproject.py ROOT BUILD_DIR COMPILER [COMPILER_ARGUMENT]...

Compiling the library a second time would take minutes. So of the subproject one source is compiled, as a sample of its
options; the program is compiled as the outer project says and linked as it says, to a copy of the library in BUILD_DIR.
"""
import json
import pathlib
import re
import shlex
import shutil
import sys
import tempfile

import sources
from check_cmake import PROGRAM, wrong_output
from check_install import run

PROJECT = '''project('outside', 'cpp', default_options: ['cpp_std=c++20', 'buildtype=release'])
unroll = dependency('unroll', fallback: 'unroll')
executable('program', 'program.cpp', dependencies: unroll)
'''


def build_and_run(inner, build):
    """Why it does not work, or None."""
    targets, _ = run(['ninja', '-C', inner, '-t', 'targets', 'all'])
    objects = re.findall(r'^(subprojects/unroll/.*\.o|program\.p/.*\.o): ', targets, re.M)
    sample = [next(o for o in objects if o.startswith(folder)) for folder in ('subprojects', 'program')]
    _, wrong = run(['ninja', '-C', inner, *sample])
    if wrong:
        return wrong
    for library in pathlib.Path(build).glob('libunroll.so*'):
        if library.is_file() and not library.is_symlink():  # meson has made the links already
            shutil.copy(library, inner / 'subprojects' / 'unroll')
    link, _ = run(['ninja', '-C', inner, '-t', 'commands', '-s', 'program'])
    _, wrong = run(['sh', '-ec', f'cd {shlex.quote(str(inner))}; {link.splitlines()[-1]}'])
    return wrong or wrong_output(inner / 'program')


def check(root, build, *compiler):
    with tempfile.TemporaryDirectory() as scratch:
        outer, inner = pathlib.Path(scratch), pathlib.Path(scratch, 'build')
        (outer / 'meson.build').write_text(PROJECT)
        (outer / 'program.cpp').write_text(PROGRAM)
        (outer / 'subprojects').mkdir()
        (outer / 'subprojects' / 'unroll').symlink_to(pathlib.Path(root).resolve())
        # Not a copy that happens to be installed.
        _, wrong = run(['meson', 'setup', '--force-fallback-for=unroll', inner, outer], CXX=shlex.join(compiler))
        if wrong:
            yield wrong
            return
        targets = json.loads(run(['meson', 'introspect', '--targets', inner])[0])
        unexpected = {target['name'] for target in targets if target['build_by_default']} - {'unroll', 'program'}
        if unexpected:
            yield f'the subproject builds more than its library: {", ".join(sorted(unexpected))}'
        wrong = build_and_run(inner, build)
        if wrong:
            yield wrong


if __name__ == '__main__':
    sources.report(check(*sys.argv[1:]))
