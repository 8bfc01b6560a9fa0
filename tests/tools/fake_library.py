"""A library with as much of the interface as a program from outside uses, built by meson as the real one is."""
import pathlib
import shutil
import subprocess

from trees import TreeTest

BUILD = '''project('unroll', 'cpp', version: '0.3.2', default_options: ['cpp_std=c++20', 'default_library=both'])
zlib = dependency('zlib')
headers = include_directories('include')
library = library('unroll', 'a.cpp', include_directories: headers, dependencies: zlib, version: '0.3.2', install: true)
unroll_dep = declare_dependency(include_directories: headers, link_with: library)
meson.override_dependency('unroll', unroll_dep)
install_headers('include/unroll/unroll.hpp', subdir: 'unroll')
import('pkgconfig').generate(library)
private_packages = ['zlib']
private_libraries = ['-lm']
subdir('cmake')
'''
HEADER = '''#pragma once
namespace unroll {
struct Tensor { int count; int size() const { return count; } Tensor leaf() const { return *this; } };
struct GRUCell { int units; explicit GRUCell(int n) : units(n) {} };
enum DType { float32 };
struct Options { DType dtype; };
struct Result { Tensor outputs, state; };
Tensor ones(int const (&shape)[3]);
Result dynamic_rnn(GRUCell& cell, Tensor inputs, Options);
}
'''
SOURCE = '''#include <unroll/unroll.hpp>
#include <zlib.h>
unroll::Tensor unroll::ones(int const (&shape)[3]) { return {shape[0] * shape[1] * (zlibVersion() ? 1 : 0)}; }
unroll::Result unroll::dynamic_rnn(GRUCell& cell, Tensor inputs, Options) { return {{inputs.count * cell.units}, {0}}; }
'''


class FakeLibraryTest(TreeTest):
    def build(self, files):
        """Writes the tree, some files of it other ones, and builds it."""
        self.write({'meson.build': BUILD, 'include/unroll/unroll.hpp': HEADER, 'a.cpp': SOURCE, **files})
        shutil.copytree(pathlib.Path(__file__).parents[2] / 'cmake', self.root / 'cmake')
        for command in (['meson', 'setup', 'build'], ['ninja', '-C', 'build']):
            subprocess.run(command, cwd=self.root, check=True, stdout=subprocess.DEVNULL)
        return self.root / 'build'
