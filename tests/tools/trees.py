"""A small source tree on disk for the checkers' own tests."""
import pathlib
import tempfile
import unittest


class TreeTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)

    def write(self, files):
        for path, text in files.items():
            self.root.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            self.root.joinpath(path).write_text(text)

    def problems(self, checker, files):
        self.write(files)
        return list(checker.check(self.root))
