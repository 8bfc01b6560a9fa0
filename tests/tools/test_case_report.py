import os
import pathlib
import subprocess
import sys

import case_report
from trees import TreeTest

CASES = {
    'passes': 'def test_passes(self): pass',
    'fails': 'def test_fails(self): self.fail()',
    'errs': 'def test_errs(self): 1 / 0',
    'skips': '@unittest.skip("there is no b: pip install b")\n def test_skips(self): pass',
    'skips inside': 'def test_skips_inside(self): self.skipTest("there is no b: pip install b")',
    'skips for another reason': '@unittest.skip("there is\\nno c")\n def test_another(self): pass',
    'some fail': 'def test_some(self):\n  for k in range(3):\n   with self.subTest(k): self.assertEqual(k, 0)',
    'some skip': 'def test_some(self):\n  for k in range(3):\n   with self.subTest(k): self.skipTest("k")',
    'fails and skips': 'def test_both(self):\n  with self.subTest(): self.skipTest("k")\n  self.fail()',
    'is known to fail': '@unittest.expectedFailure\n def test_known(self): self.fail()',
    'is thought to fail': '@unittest.expectedFailure\n def test_thought(self): pass',
}


class CaseReport(TreeTest):
    def run_cases(self, *names, above=''):
        """(exit status, standard output) of a program of these cases."""
        cases = '\n '.join(CASES[name] for name in names) or 'pass'
        self.write({'cases.py': f'import unittest\nimport case_report\n{above}\nclass Cases(unittest.TestCase):\n {cases}\n'
                                'if __name__ == "__main__": case_report.main()\n'})
        done = subprocess.run([sys.executable, '-B', self.root / 'cases.py'], capture_output=True, text=True,
                              env={**os.environ, 'PYTHONPATH': str(pathlib.Path(__file__).parent)})
        return done.returncode, done.stdout

    def test_counts_cases(self):
        self.assertEqual(self.run_cases('passes'), (0, '1 passed, 0 failed\n'))
        self.assertEqual(self.run_cases('passes', 'fails', 'errs'), (1, '1 passed, 2 failed\n'))
        self.assertEqual(self.run_cases('passes', 'some fail'), (1, '1 passed, 1 failed\n'))
        self.assertEqual(self.run_cases('passes', 'is known to fail'), (0, '2 passed, 0 failed\n'))
        self.assertEqual(self.run_cases('passes', 'is thought to fail'), (1, '1 passed, 1 failed\n'))

    def test_says_which_are_skipped_and_why(self):
        self.assertEqual(self.run_cases('passes', 'skips', 'skips for another reason', 'skips inside'),
                         (0, 'skipped: there is no c\n  Cases.test_another\n'
                             'skipped: there is no b: pip install b\n  Cases.test_skips\n  Cases.test_skips_inside\n'
                             '1 passed, 0 failed, 3 skipped\n'))
        self.assertEqual(self.run_cases('passes', 'some skip'),
                         (0, 'skipped: k\n  Cases.test_some\n1 passed, 0 failed, 1 skipped\n'))

    def test_is_skipped_if_all_cases_are(self):
        self.assertEqual(self.run_cases('skips'),
                         (77, 'skipped: there is no b: pip install b\n  Cases.test_skips\n0 passed, 0 failed, 1 skipped\n'))
        self.assertEqual(self.run_cases('passes', 'fails', above='@unittest.skip("none")'),
                         (77, 'skipped: none\n  Cases.test_fails\n  Cases.test_passes\n0 passed, 0 failed, 2 skipped\n'))

    def test_fails_if_a_case_does_or_there_is_none(self):
        self.assertEqual(self.run_cases('skips', 'fails')[0], 1)
        self.assertEqual(self.run_cases('fails and skips'), (1, '0 passed, 1 failed\n'))
        self.assertEqual(self.run_cases(), (1, '0 passed, 0 failed\n'))


if __name__ == '__main__':
    case_report.main()
