import contextlib
import io
import pathlib
import tempfile
import unittest.mock

import case_report
import check_shell
from trees import TreeTest

PAGE = """# Title

Say `./dev`, or `unroll train lm|amp --help`, or `make it
so`, `unroll convert`, and `build/examples/program
--fast`. `build/bench/chart.svg` is a picture.

```sh
echo a > here      # a file
test -e here
```

Then `unroll plot run`.
"""


class CheckShell(TreeTest):
    def shell(self):
        scratch = self.enterContext(tempfile.TemporaryDirectory())
        self.write({'dev': '', 'build/tools/unroll/unroll': '#!/bin/sh\necho "$@" > asked; test "$1" != plot\n'})
        (self.root / 'build/tools/unroll/unroll').chmod(0o755)
        return check_shell.Shell(self.root, self.root / 'build', scratch)

    def test_finds_the_lines_of_blocks_and_the_commands_in_prose_with_their_places(self):
        self.write({'README.md': PAGE})
        self.assertEqual(list(check_shell.commands(self.root)), [
            ('README.md:8', 'echo a > here'), ('README.md:9', 'test -e here'), ('README.md:3', './dev'),
            ('README.md:3', 'unroll train lm|amp --help'), ('README.md:4', 'unroll convert'),
            ('README.md:4', 'build/examples/program --fast'), ('README.md:12', 'unroll plot run')])

    def test_takes_each_alternative(self):
        self.assertEqual(check_shell.alternatives('unroll train lm|amp --help'),
                         ['unroll train lm --help', 'unroll train amp --help'])
        self.assertEqual(check_shell.alternatives('a && b'), ['a && b'])

    def test_cuts_training_short_and_asks_a_mere_name_for_its_help(self):
        for command, expected in [('unroll train lm book.txt', 'unroll train lm book.txt --steps 2 --units 8'),
                                  ('unroll train lm|amp', 'unroll train lm|amp --help'), ('unroll plot run', 'unroll plot run'),
                                  ('unroll inspect FILE', 'unroll inspect quickstart.json'), ('./dev', './dev')]:
            self.assertEqual(check_shell.completed(command), expected)

    def test_runs_each_command_in_a_new_folder_with_the_data_and_reports_those_that_fail(self):
        shell = self.shell()
        for command in ('test -s book.txt && test -s wet.wav && test -d build && touch new', 'test ! -e new',
                        'unroll inspect x && grep -q "inspect x" asked'):
            self.assertIsNone(shell.run(command))
        self.assertEqual(list(check_shell.check_command(shell, 'a.md:1', 'unroll plot run')),
                         ['a.md:1: unroll plot run: exit status 1\n'])
        self.assertEqual(list(check_shell.check_command(shell, 'a.md:1', 'unroll diff|plot run --help')),
                         ['a.md:1: unroll plot run --help: exit status 1\n'])
        self.assertIn('no_such_command', shell.run('no_such_command'))

    def test_keeps_what_is_prepared(self):
        shell = self.shell()
        self.assertIsNone(shell.prepare('mkdir run && touch run/model; touch one', 'run', 'one'))
        self.assertIsNone(shell.run('test -e run/model && test -e one'))
        self.assertIn('false: exit status 1', shell.prepare('false', 'none'))

    def test_says_what_it_skips_and_what_need_not_be_skipped_any_more(self):
        self.write({'README.md': 'Say `./dev test`.\n', 'examples/quickstart.cpp': '', 'build/x': ''})
        said = io.StringIO()
        nothing = lambda *arguments: None
        with unittest.mock.patch.multiple(check_shell.Shell, install=nothing, prepare=nothing), \
                contextlib.redirect_stderr(said):
            problems = list(check_shell.check(self.root, self.root / 'build'))
        self.assertIn('skipped: README.md:1: ./dev test: ', said.getvalue())
        self.assertEqual(len(problems), len(check_shell.SKIPPED) - 1)
        self.assertIn('check_shell.py: SKIPPED has "./dev demo", which no page shows', problems)


if __name__ == '__main__':
    case_report.main()
