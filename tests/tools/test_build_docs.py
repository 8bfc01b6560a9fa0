import shutil
import unittest

import build_docs
import case_report
import doxygen_filter
from trees import TreeTest

HEADER = '''#pragma once
// Sums and products.
// Both are quick.
#include <vector>

namespace unroll {

/// a + b
int add(int a, int b);
int add(int a, int b, int c);

/// Adds up.
class Sum {
 public:
  explicit Sum(int start);
};

}  // namespace unroll

template <>
struct std::hash<unroll::Sum> {};
'''
PAGE = '# Start\n\nSee [the guide](docs/guide.md#part), [code](examples/a.cpp).\n'


class Filter(TreeTest):
    def filtered(self, text):
        self.write({'a.hpp': text})
        return doxygen_filter.filtered(self.root, self.root / 'a.hpp').split('\n')

    def test_keeps_line_numbers_and_takes_the_comment_at_the_top_for_the_files(self):
        lines = self.filtered(HEADER)
        self.assertEqual(lines[:4], ['/// @file', '/// Sums and products.', '/// Both are quick.', '#include <vector>'])
        self.assertEqual(lines[11], '/// Adds up.')

    def test_functions_without_a_blank_line_between_share_a_comment(self):
        lines = self.filtered(HEADER)
        self.assertEqual(lines[6:10], ['  /**@{*/', '/// a + b', 'int add(int a, int b);',
                                       'int add(int a, int b, int c);  /**@}*/'])
        body = ['/// one', 'template <class T>', 'T one() {', '  return {};', '}', 'int two(int a,', '        int b);', '']
        shared = self.filtered('\n'.join(['', *body, 'int three();', '']))
        self.assertEqual([k for k, line in enumerate(shared) if '/**@' in line], [0, 7])

    def test_variables_do_not_share_a_comment(self):
        self.assertNotIn('@{', '\n'.join(self.filtered('\n/// one\nint a = f(1);\nint b = 2;\n')))

    def test_leaves_out_what_follows_the_namespace(self):
        self.assertNotIn('hash', '\n'.join(self.filtered(HEADER)))


@unittest.skipUnless(shutil.which('doxygen'), 'there is no doxygen')
class BuildDocs(TreeTest):
    def problems(self, files):
        self.write({'README.md': PAGE, 'docs/guide.md': '# Guide\n\n[Back](../README.md)\n', 'examples/a.cpp': 'int a;\n',
                    'core/sum.hpp': HEADER, **files})
        (self.root / 'include').mkdir()
        output = self.root / 'build' / 'docs'
        return list(build_docs.build(self.root, '1', output, self.root / 'core' / 'sum.hpp')), output

    def test_makes_pages_of_headers_and_markdown(self):
        problems, output = self.problems({})
        self.assertEqual(problems, [])
        self.assertIn('md_docs_guide.html', (output / 'index.html').read_text())
        self.assertIn('unroll/core/sum.hpp', (output / 'classunroll_1_1Sum.html').read_text())
        self.assertTrue((output / 'examples' / 'a.cpp').is_file())

    def test_rejects_what_doxygen_warns_of(self):
        problems, _ = self.problems({'core/sum.hpp': HEADER.replace('/// Adds up.', '/// Adds up, see @ref nothing.')})
        self.assertIn('include/unroll/core/sum.hpp:12: error: unable to resolve reference', problems[0])

    def test_rejects_classes_and_functions_of_which_nothing_is_said(self):
        silent = '\n'.join(line for line in HEADER.split('\n') if not line.startswith('//'))
        problems, _ = self.problems({'core/sum.hpp': silent})
        self.assertEqual([p.split(' of ')[1] for p in problems], ['add', 'add', 'unroll::Sum'])

    def test_rejects_links_to_nowhere(self):
        problems, _ = self.problems({'README.md': PAGE + '[No](docs/none.txt)\n'})
        self.assertEqual(problems, ['index.html: docs/none.txt: no such file'])


if __name__ == '__main__':
    case_report.main()
