"""Checks that an installed copy is enough: installs into a scratch folder and builds and runs a program with what
pkg-config says, once with the shared and once with the static library.

    check_install.py BUILD_DIR COMPILER [COMPILER_ARGUMENT]...
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import sources

# Every installed header, and calls that need the library's code and that of its dependencies.
PROGRAM = '''{includes}
int main() {{
  unroll::Tensor a = unroll::ones({{2, 3}}), b = unroll::ones({{3, 4}});
  return unroll::matmul(a, b).size() == 8 ? 0 : 1;
}}
'''


def run(command, **environment):
    """(output, None) or (None, why it failed)."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode == 0:
        return done.stdout, None
    return None, f'{" ".join(map(str, command))}: exit status {done.returncode}\n{done.stdout}{done.stderr}'


def install(build, scratch):
    """(folder that stands for the root, folder of the libraries, None), or why `meson install` failed in the third place."""
    installed = pathlib.Path(scratch, 'installed')
    _, wrong = run(['meson', 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', installed])
    return installed, None if wrong else next(installed.rglob('unroll.pc')).parent.parent, wrong


def check(build, *compiler):
    with tempfile.TemporaryDirectory() as scratch:
        installed, library, wrong = install(build, scratch)
        if wrong:
            yield wrong
            return
        include = next(installed.rglob('include'))
        headers = sorted(path.relative_to(include).as_posix() for path in include.rglob('*.hpp'))
        program = pathlib.Path(scratch, 'program.cpp')
        program.write_text(PROGRAM.format(includes='\n'.join(f'#include <{header}>' for header in headers)))
        for kind, arguments in [('shared', []), ('static', ['--static'])]:
            if kind == 'static':
                (library / 'libunroll.so').unlink()  # the linker would prefer it
            flags, wrong = run(['pkg-config', *arguments, '--cflags', '--libs', 'unroll'],
                               PKG_CONFIG_PATH=str(library / 'pkgconfig'), PKG_CONFIG_SYSROOT_DIR=str(installed))
            for command in ([*compiler, '-std=c++20', program, '-o', program.with_suffix(''), *(flags or '').split()],
                            [program.with_suffix('')]):
                if not wrong:
                    _, wrong = run(command, LD_LIBRARY_PATH=str(library))
            if wrong:
                yield f'with the {kind} library: {wrong}'


if __name__ == '__main__':
    sources.report(check(*sys.argv[1:]))
