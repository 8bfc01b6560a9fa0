import unittest

import run_tests


def entry(result='OK', stdout='', returncode=0):
    return {'name': 'a', 'result': result, 'stdout': stdout, 'stderr': '', 'returncode': returncode}


def doctest(passed, failed, skipped=0):
    return (f'[doctest] doctest version is "2.4.9"\n'
            f'[doctest] test cases: {passed + failed:3} | {passed:3} passed | {failed} failed | {skipped} skipped\n'
            f'[doctest] assertions: 900 | 900 passed |   0 failed |\n')


class Count(unittest.TestCase):
    def test_a_doctest_program_counts_by_its_cases(self):
        self.assertEqual(run_tests.count(entry(stdout=doctest(45, 0))), (45, 0, 0))
        self.assertEqual(run_tests.count(entry('FAIL', doctest(45, 2, 1), 1)), (45, 2, 1))

    def test_a_closing_line_counts_by_its_cases(self):
        self.assertEqual(run_tests.count(entry(stdout='reading\n12 passed, 0 failed\n')), (12, 0, 0))
        self.assertEqual(run_tests.count(entry('FAIL', '12 passed, 3 failed, 4 skipped\n', 1)), (12, 3, 4))

    def test_a_number_elsewhere_is_no_closing_line(self):
        self.assertEqual(run_tests.count(entry(stdout='12 passed, 0 failed\nand then this\n')), (1, 0, 0))

    def test_any_other_program_counts_as_one(self):
        self.assertEqual(run_tests.count(entry()), (1, 0, 0))
        self.assertEqual(run_tests.count(entry('FAIL', returncode=1)), (0, 1, 0))
        self.assertEqual(run_tests.count(entry('SKIP', returncode=77)), (0, 0, 1))
        self.assertEqual(run_tests.count(entry('EXPECTEDFAIL', returncode=1)), (1, 0, 0))

    def test_a_crash_or_a_timeout_is_a_failure(self):
        self.assertEqual(run_tests.count(entry('FAIL', doctest(45, 0), -11)), (45, 1, 0))
        self.assertEqual(run_tests.count(entry('FAIL', returncode=-11)), (0, 1, 0))
        self.assertEqual(run_tests.count(entry('TIMEOUT', '[doctest] doctest version', -15)), (0, 1, 0))

    def test_the_report_shows_what_the_program_said(self):
        test = entry('FAIL', 'ERROR: CHECK( 1 == 2 )\n', 1)
        test['stderr'] = 'and this\n'
        self.assertEqual(run_tests.report(test), '---- a: FAIL, exit status 1\nERROR: CHECK( 1 == 2 )\nand this')


if __name__ == '__main__':
    unittest.main()
