import subprocess

import case_report
import doc_blocks
import markdown
from trees import TreeTest

HEADER = 'namespace unroll { inline int twice(int a) { return 2 * a; } }\n'


class DocBlocks(TreeTest):
    def compiles(self, text):
        """What the compiler says of a page."""
        self.write({'README.md': text, 'include/unroll/unroll.hpp': HEADER})
        (self.root / 'all.cpp').write_text(doc_blocks.source(markdown.all_blocks(self.root)))
        command = ['c++', '-std=c++20', '-Wall', '-Werror', '-Wno-unused', '-Wno-return-type', '-Iinclude', 'all.cpp', '-o', 'all']
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True).stderr

    def test_compiles_statements_programs_and_declarations_of_one_page(self):
        self.assertEqual(self.compiles('''
<!-- compile -->
```cpp
#include <vector>
std::vector<int> a = {twice(1)};
```
<!-- compile -->
```cpp
#include <vector>
int main() {
  std::vector<int> a = {unroll::twice(1)};
}
```
<!-- compile: declarations -->
```cpp
template <class T> T thrice(T a) { return a + twice(a); }
```
<!-- compile
int given = 1;
-->
```cpp
given = twice(given);
```
'''), '')

    def test_reports_an_error_at_the_line_of_the_page(self):
        errors = self.compiles('# Title\n\n<!-- compile -->\n```cpp\nint a = 1;\nint b = unknown(a);\n```\n')
        self.assertIn('README.md:6:', errors)

    def test_what_is_declared_but_not_defined_does_not_link(self):
        self.assertIn('missing', self.compiles('<!-- compile -->\n```cpp\nint missing(int);\nint b = missing(1);\n```\n'))

    def test_leaves_other_blocks_out(self):
        self.assertEqual(self.compiles('<!-- example: a.cpp -->\n```cpp\nwrong\n```\n<!-- compile -->\n```text\nwrong\n```\n'), '')

    def test_the_dependencies_name_every_page(self):
        self.write({'README.md': '', 'docs/a.md': ''})
        doc_blocks.main(self.root, self.root / 'out.cpp', self.root / 'out.d')
        depends = (self.root / 'out.d').read_text()
        self.assertTrue(depends.startswith(f'{self.root}/out.cpp: '))
        for path in ['README.md', 'docs/a.md', 'docs']:
            self.assertIn(f'{self.root}/{path}', depends.split())


if __name__ == '__main__':
    case_report.main()
