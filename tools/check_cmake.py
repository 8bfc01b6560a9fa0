"""Checks that CMake finds an installed copy: installs into a scratch folder and builds and runs a program with
find_package(unroll), once with the shared and once with the static library. Exit status 77 where CMake is missing.

    check_cmake.py BUILD_DIR VERSION COMPILER [COMPILER_ARGUMENT]...
"""
import pathlib
import shlex
import shutil
import sys
import tempfile

import sources
from check_install import install, run

PROGRAM = '''#include <iostream>
#include <unroll/unroll.hpp>

int main() {
  unroll::GRUCell cell(3);
  auto [outputs, state] = unroll::dynamic_rnn(cell, unroll::ones({2, 5, 4}), {.dtype = unroll::float32});
  std::cout << outputs.leaf().size() << " outputs\\n";
}
'''
PRINTS = '30 outputs\n'
PROJECT = '''cmake_minimum_required(VERSION 3.20)
project(outside CXX)
find_package(unroll {version} REQUIRED {components})
add_executable(program ../program.cpp)
target_link_libraries(program unroll::unroll)
'''


def wrong_output(program):
    """Why `program` does not print what PROGRAM does, or None."""
    printed, wrong = run([program])
    return wrong or (None if printed == PRINTS else f'{program} printed "{printed}", not "{PRINTS}"')


def check(build, version, *compiler):
    with tempfile.TemporaryDirectory() as scratch:
        installed, library, wrong = install(build, scratch)
        if wrong:
            yield wrong
            return
        pathlib.Path(scratch, 'program.cpp').write_text(PROGRAM)
        prefix = next(installed.rglob('include')).parent
        for kind, components in [('shared', ''), ('static', 'COMPONENTS static')]:
            folder = pathlib.Path(scratch, kind)
            folder.mkdir()
            (folder / 'CMakeLists.txt').write_text(PROJECT.format(version=version, components=components))
            _, wrong = run(['cmake', '-S', folder, '-B', folder, f'-DCMAKE_PREFIX_PATH={prefix}'], CXX=shlex.join(compiler))
            if not wrong:
                _, wrong = run(['cmake', '--build', folder])
            if kind == 'static':
                (library / 'libunroll.so').unlink()  # what is linked to it cannot run
                (library / 'libunroll.so.0').unlink()
            wrong = wrong or wrong_output(folder / 'program')
            if wrong:
                yield f'with the {kind} library: {wrong}'


if __name__ == '__main__':
    if not shutil.which('cmake'):
        print('skipped: there is no cmake')
        sys.exit(77)
    sources.report(check(*sys.argv[1:]))
