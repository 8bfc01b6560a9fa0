import case_report
import check_named_tests
from trees import TreeTest

TESTS = 'TEST_CASE("it works") {}\nTEST_CASE_TEMPLATE("it works "\n                   "twice", T, float) {}\n'


class CheckNamedTests(TreeTest):
    def problems(self, *cells, header='shown by'):
        table = [f'| x | {header} |', '|---|---|', *(f'| y | {cell} |' for cell in cells)]
        self.write({'docs/x.md': '\n'.join(['# Title', *table, '']), 'tests/a/a_test.cpp': TESTS,
                    'tests/golden/some.json': '{}', 'src.cpp': 'TEST_CASE("not a test")'})
        return list(check_named_tests.check(self.root))

    def test_accepts_tests_that_exist(self):
        cells = ['"it works"', '"it works twice", golden `some`', '"… twice"', 'golden `so*`, `some`']
        self.assertEqual(self.problems(*cells), [])

    def test_rejects_what_does_not_exist(self):
        self.assertEqual(self.problems('"it works"', '"it works never"'), ['docs/x.md:5: no test case "it works never"'])
        self.assertEqual(self.problems('"works"'), ['docs/x.md:4: no test case "works"'])
        self.assertEqual(self.problems('"… thrice"'), ['docs/x.md:4: no test case "… thrice"'])
        self.assertEqual(self.problems('"not a test"'), ['docs/x.md:4: no test case "not a test"'])
        self.assertEqual(self.problems('golden `some`, `none`'), ['docs/x.md:4: no file tests/golden/none.json'])

    def test_rejects_a_row_without_a_test(self):
        self.assertEqual(self.problems('tests of ops', ''), ['docs/x.md:4: names no test', 'docs/x.md:5: names no test'])

    def test_reads_no_other_table(self):
        self.assertEqual(self.problems('"anything"', header='here'), [])


if __name__ == '__main__':
    case_report.main()
