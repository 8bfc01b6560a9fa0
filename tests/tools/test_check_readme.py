import stat

import case_report
import check_readme
from trees import TreeTest

PROGRAM = '#include <cstdio>\n\nint main() {\n  if (true) {\n    std::puts("a");\n    std::puts("b");\n  }\n}\n'


def page(comment, language, *lines):
    return '\n'.join(['# Title', f'<!-- {comment} -->', f'```{language}', *lines, '```', ''])


class CheckReadme(TreeTest):
    def problems(self, files):
        self.write({'examples/a.cpp': PROGRAM, 'build/examples/a': '', **files})
        return list(check_readme.check(self.root, self.root / 'build'))

    def program(self, script):
        path = self.root / 'build' / 'examples' / 'shown'
        self.write({path: '#!/bin/sh\n' + script})
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def output(self, *lines, comment='output of: examples/shown'):
        return self.problems({'README.md': page(comment, 'text', *lines)})

    def test_accepts_a_run_of_lines_of_an_example(self):
        for block in [PROGRAM.splitlines(), ['  if (true) {', '    std::puts("a");'], ['std::puts("a");', 'std::puts("b");']]:
            self.assertEqual(self.problems({'README.md': page('example: examples/a.cpp', 'cpp', *block)}), [])

    def test_rejects_a_block_that_is_not_what_the_example_says(self):
        for block in [['std::puts("c");'], ['std::puts("a");', '  std::puts("b");'], ['int main() {', '    std::puts("a");']]:
            problems = self.problems({'README.md': page('example: examples/a.cpp', 'cpp', *block)})
            self.assertEqual(problems, ['README.md:4: not a run of lines of examples/a.cpp'])

    def test_compares_blocks_of_other_languages_with_examples_too(self):
        files = {'examples/a.py': 'a = 1\nb = 2\n'}
        self.assertEqual(self.problems({'README.md': page('example: examples/a.py', 'python', 'b = 2'), **files}), [])
        self.assertEqual(self.problems({'README.md': page('example: examples/a.py', 'python', 'b = 3'), **files}),
                         ['README.md:4: not a run of lines of examples/a.py'])

    def test_rejects_an_example_that_is_missing_or_not_built(self):
        for name in ['examples/none.cpp', 'tests/core/a.cpp', 'examples/../secret.cpp']:
            self.assertIn('no such file', self.problems({'docs/x.md': page(f'example: {name}', 'cpp', 'x')})[0])
        self.write({'examples/b.cpp': 'int b;\n'})
        self.assertIn('not built', self.problems({'docs/x.md': page('example: examples/b.cpp', 'cpp', 'int b;')})[0])

    def test_rejects_unmarked_cpp_in_any_spelling(self):
        for language in ['cpp', 'c++', 'C++']:
            self.assertEqual(len(self.problems({'docs/a.md': f'text\n\n  ```{language}\n  int a;\n  ```\n'})), 1)
        self.assertEqual(len(self.problems({'docs/a.md': page('compiled', 'cpp', 'int a;')})), 1)

    def test_a_comment_belongs_to_the_next_block_alone(self):
        text = '<!-- compile -->\n\n```cpp\nint a;\n```\n\n```cpp\nint b;\n```\n<!-- compile -->\nprose\n```cpp\nint c;\n```\n'
        self.assertEqual([p.split(': ')[0] for p in self.problems({'docs/a.md': text})], ['docs/a.md:8', 'docs/a.md:13'])

    def test_leaves_other_blocks_alone(self):
        self.assertEqual(self.problems({'README.md': '```sh\n./dev test\n```\n\n```text\nanything\n```\n'}), [])

    def test_compares_what_a_program_prints(self):
        self.program('echo "loss 0.25"; echo done')
        self.assertEqual(self.output('loss 0.25', 'done'), [])
        for lines in [['loss 0.26', 'done'], ['loss 0.25'], ['loss 0.25', 'done', 'more'], ['done', 'loss 0.25']]:
            problems = self.output(*lines)
            self.assertEqual(len(problems), 1)
            self.assertIn('README.md:4: not what examples/shown prints', problems[0])

    def test_passes_arguments_and_reports_a_program_that_fails(self):
        self.program('test "$1" = "--short" && echo "$2"')
        self.assertEqual(self.output('a b', comment='output of: examples/shown --short "a b"'), [])
        self.assertIn('exit status 1', self.output('a b')[0])
        self.assertIn('no program', self.output('a', comment='output of: examples/none')[0])

    def test_does_not_compare_timings(self):
        self.program('echo "step   9 loss 0.25 in  12.5 ms, 81,234 chars/s, 1:05 left, 3 min"')
        self.assertEqual(self.output('step 9 loss 0.25 in 7 ms, 981 chars/s, 0:09 left, 12 min'), [])
        self.assertTrue(self.output('step 8 loss 0.25 in 7 ms, 981 chars/s, 0:09 left, 12 min'))
        self.assertTrue(self.output('step 9 loss 0.25 in 7 s, 981 chars/s, 0:09 left, 12 min'))

    def test_an_ellipsis_stands_for_any_number_of_lines(self):
        self.program('for i in 1 2 3 4 5 6; do echo "line $i"; done')
        good = ['1 ... 6', '... 6', '1 ...', '1 2 ... 4 ... 6', '... 3 4 ...', '...', '1 2 3 ... 4 5 6']
        bad = ['... 3', '2 ...', '1 ... 4 3 ... 6', '1 2 3 4 ... 4 5 6', '1 ... 3 ... 3 ... 6', '... 7 ...']
        for lines in good + bad:
            block = [line if line == '...' else f'line {line}' for line in lines.split()]
            self.assertEqual(bool(self.output(*block)), lines in bad, lines)

    def test_compares_numbers_within_a_tolerance_where_the_page_says_so(self):
        self.program('echo "accuracy 0.50, loss -2e-3"')
        near = 'output of: examples/shown, numbers within 5%'
        self.assertEqual(self.output('accuracy 0.52, loss -2.05e-3', comment=near), [])
        for line in ['accuracy 0.54, loss -2e-3', 'accuracy 0.50, loss 2e-3', 'error 0.50, loss -2e-3']:
            self.assertTrue(self.output(line, comment=near), line)

    def test_rejects_a_mark_that_checks_nothing(self):
        self.assertTrue(self.problems({'README.md': page('output: examples/a', 'text', 'a')}))

    def test_rejects_links_to_nowhere(self):
        self.write({'docs/b.md': ''})
        text = 'See [b](docs/b.md#part), [us](https://a.b/c) and [up](#title).\n'
        self.assertEqual(self.problems({'README.md': text}), [])
        self.assertEqual(self.problems({'docs/b.md': 'x\n[c](c.md)\n'}), ['docs/b.md:2: c.md: no such file'])


if __name__ == '__main__':
    case_report.main()
