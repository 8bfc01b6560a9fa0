import case_report
import check_sizes
from trees import TreeTest


class CheckSizes(TreeTest):
    def test_each_kind_of_file_has_its_limit(self):
        for path, limit in [('core/a.hpp', 400), ('core/a.cpp', 400), ('tests/core/a.cpp', 500),
                            ('examples/a.cpp', 150), ('tools/a.py', 400)]:
            self.assertEqual(self.problems(check_sizes, {path: 'x\n' * limit}), [])
            problems = self.problems(check_sizes, {path: 'x\n' * (limit + 1)})
            self.assertEqual(len(problems), 1)
            self.assertIn(f'{path}: {limit + 1} lines, at most {limit}', problems[0])
            self.write({path: ''})

    def test_a_last_line_without_newline_counts(self):
        self.assertTrue(self.problems(check_sizes, {'core/a.hpp': 'x\n' * 400 + 'x'}))

    def test_data_may_be_long(self):
        self.assertEqual(self.problems(check_sizes, {'tests/golden/a.json': '1\n' * 5000}), [])


if __name__ == '__main__':
    case_report.main()
