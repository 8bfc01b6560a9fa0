import subprocess

import case_report
import check_install
from trees import TreeTest

BUILD = '''project('unroll', 'cpp', version: '1', default_options: ['cpp_std=c++20', 'default_library=both'])
headers = include_directories('include')
library = library('unroll', 'a.cpp', include_directories: headers, install: true)
install_headers('include/unroll/a.hpp', subdir: 'unroll')
import('pkgconfig').generate(library)
'''
HEADER = '''namespace unroll {
struct Tensor { int count; int size() const { return count; } };
Tensor ones(int const (&shape)[2]);
Tensor matmul(Tensor, Tensor);
}
'''
SOURCE = '''#include <unroll/a.hpp>
unroll::Tensor unroll::ones(int const (&shape)[2]) { return {shape[0] * shape[1]}; }
unroll::Tensor unroll::matmul(Tensor, Tensor) { return {8}; }
'''


class CheckInstall(TreeTest):
    def problems(self, files):
        self.write({'meson.build': BUILD, 'include/unroll/a.hpp': HEADER, 'a.cpp': SOURCE, **files})
        for command in (['meson', 'setup', 'build'], ['ninja', '-C', 'build']):
            subprocess.run(command, cwd=self.root, check=True, stdout=subprocess.DEVNULL)
        return list(check_install.check(str(self.root / 'build'), 'c++'))

    def test_accepts_a_copy_that_is_complete(self):
        self.assertEqual(self.problems({}), [])

    def test_rejects_a_header_that_needs_one_left_behind(self):
        problems = self.problems({'include/unroll/b.hpp': '', 'include/unroll/a.hpp': '#include "b.hpp"\n' + HEADER})
        self.assertEqual([p.split(':')[0] for p in problems], ['with the shared library', 'with the static library'])
        self.assertIn('b.hpp', problems[0])

    def test_rejects_a_program_that_goes_wrong(self):
        problems = self.problems({'a.cpp': SOURCE.replace('8', '9')})
        self.assertIn('exit status 1', problems[0])

    def test_rejects_a_symbol_that_the_shared_library_hides(self):
        hidden = '__attribute__((visibility("hidden"))) unroll::Tensor unroll::matmul'
        problems = self.problems({'a.cpp': SOURCE.replace('unroll::Tensor unroll::matmul', hidden)})
        self.assertEqual([p.split(':')[0] for p in problems], ['with the shared library'])


if __name__ == '__main__':
    case_report.main()
