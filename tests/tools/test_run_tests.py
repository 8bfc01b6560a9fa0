import json
import os
import subprocess
import sys
import unittest

import case_report
import run_tests
from trees import TreeTest


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

    def test_a_skipped_program_counts_by_its_cases_if_it_says_them(self):
        self.assertEqual(run_tests.count(entry('SKIP', 'skipped: no a\n0 passed, 0 failed, 4 skipped\n', 77)), (0, 0, 4))

    def test_a_number_elsewhere_is_no_closing_line(self):
        self.assertEqual(run_tests.count(entry(stdout='12 passed, 0 failed\nand then this\n')), (1, 0, 0))

    def test_any_other_program_counts_as_one(self):
        self.assertEqual(run_tests.count(entry()), (1, 0, 0))
        self.assertEqual(run_tests.count(entry('FAIL', returncode=1)), (0, 1, 0))
        self.assertEqual(run_tests.count(entry('SKIP', returncode=77)), (0, 0, 1))
        self.assertEqual(run_tests.count(entry('SKIP', 'skipped: no a\n', 77)), (0, 0, 1))
        self.assertEqual(run_tests.count(entry('EXPECTEDFAIL', returncode=1)), (1, 0, 0))

    def test_a_crash_or_a_timeout_is_a_failure(self):
        self.assertEqual(run_tests.count(entry('FAIL', doctest(45, 0), -11)), (45, 1, 0))
        self.assertEqual(run_tests.count(entry('FAIL', returncode=-11)), (0, 1, 0))
        self.assertEqual(run_tests.count(entry('TIMEOUT', '[doctest] doctest version', -15)), (0, 1, 0))

    def test_the_report_shows_what_the_program_said(self):
        test = entry('FAIL', 'ERROR: CHECK( 1 == 2 )\n', 1)
        test['stderr'] = 'and this\n'
        self.assertEqual(run_tests.report(test), '---- a: FAIL, exit status 1\nERROR: CHECK( 1 == 2 )\nand this')


class Skips(unittest.TestCase):
    def test_each_reason_is_a_line(self):
        output = ('skipped: no b: pip install b\n  A.x\n  A.y\nskipped: no c\n  A.z\nskipped: no b: pip install b\n'
                  'was skipped: d\n1 passed, 0 failed, 3 skipped\n')
        lines = ['skipped: a: no b: pip install b', 'skipped: a: no c']
        self.assertEqual(run_tests.skips(entry(stdout=output)), lines)
        self.assertEqual(run_tests.skips(entry('SKIP', output, 77)), lines)
        self.assertEqual(run_tests.skips(entry('FAIL', output, 1)), lines)

    def test_nothing_is_skipped_without_a_line(self):
        self.assertEqual(run_tests.skips(entry()), [])
        self.assertEqual(run_tests.skips(entry(stdout='2 passed, 0 failed\n')), [])
        self.assertEqual(run_tests.skips(entry(stdout=doctest(3, 0))), [])
        self.assertEqual(run_tests.skips(entry(stdout=doctest(3, 0, 2))), ['skipped: a: cases with doctest::skip(): 2'])
        self.assertEqual(run_tests.skips(entry('SKIP', returncode=77)), ['skipped: a: it does not say why'])


class Main(TreeTest):
    def run_main(self, *tests):
        """(exit status, lines of output) where meson logs these entries."""
        failed = int(any(test['result'] == 'FAIL' for test in tests))
        self.write({'meson': f'#!/bin/sh\ncp "$3/log" "$3/meson-logs/testlog.json"\nexit {failed}\n', 'meson-logs/x': '',
                    'log': ''.join(json.dumps(test) + '\n' for test in tests)})
        (self.root / 'meson').chmod(0o755)
        done = subprocess.run([sys.executable, '-B', run_tests.__file__, self.root], capture_output=True, text=True,
                              env={**os.environ, 'PATH': f'{self.root}:{os.environ["PATH"]}'})
        self.assertEqual(done.stderr, '')
        return done.returncode, done.stdout.splitlines()

    def test_closes_with_what_was_skipped_and_the_sums(self):
        part = entry(stdout='skipped: no b\n  A.x\n2 passed, 0 failed, 1 skipped\n')
        all_of_it = entry('SKIP', 'skipped: no c\n  A.x\n  A.y\n0 passed, 0 failed, 2 skipped\n', 77)
        self.assertEqual(self.run_main(entry(), part, all_of_it),
                         (0, ['skipped: a: no b', 'skipped: a: no c', '3 passed, 0 failed, 3 skipped']))
        self.assertEqual(self.run_main(entry(stdout=doctest(5, 0))), (0, ['5 passed, 0 failed']))

    def test_shows_what_failed_and_fails(self):
        failing = entry('FAIL', 'so it is\nskipped: no b\n  A.x\n2 passed, 1 failed, 1 skipped\n', 1)
        status, lines = self.run_main(failing, entry())
        self.assertEqual((status, lines[:2]), (1, ['---- a: FAIL, exit status 1', 'so it is']))
        self.assertEqual(lines[-2:], ['skipped: a: no b', '3 passed, 1 failed, 1 skipped'])


if __name__ == '__main__':
    case_report.main()
