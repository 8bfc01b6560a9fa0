"""unittest.main for programs that tools/run_tests.py counts by their cases.

Standard output ends with what was skipped, by reason, and a closing line:

    skipped: onnxruntime is not installed: pip install onnxruntime
      Onnx.test_takes_a_batch
    2 passed, 0 failed, 1 skipped

The exit status is 1 if a case failed or there was none, and 77, which is a skipped test for meson, if all were skipped.
"""
import sys
import unittest


class Result(unittest.TextTestResult):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addExpectedFailure(self, test, error):
        super().addExpectedFailure(test, error)
        self.passed += 1


class Runner(unittest.TextTestRunner):
    resultclass = Result


def case_name(test):
    """Of a test, or of one of its subtests."""
    return getattr(test, 'test_case', test).id().removeprefix('__main__.')


def main():
    result = unittest.main('__main__', testRunner=Runner, exit=False).result
    failed = {case_name(test) for test, _ in result.failures + result.errors}
    failed.update(map(case_name, result.unexpectedSuccesses))
    skipped = {}
    for test, reason in result.skipped:
        if case_name(test) not in failed:
            skipped.setdefault(case_name(test), ' '.join(reason.split()))
    for reason in dict.fromkeys(skipped.values()):
        print(f'skipped: {reason}', *(f'  {name}' for name in skipped if skipped[name] == reason), sep='\n')
    print(f'{result.passed} passed, {len(failed)} failed' + (f', {len(skipped)} skipped' if skipped else ''))
    if failed or not (result.passed or skipped):
        sys.exit(1)
    sys.exit(0 if result.passed else 77)
