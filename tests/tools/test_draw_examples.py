import shutil
import unittest

import case_report
import draw_examples
from trees import TreeTest


class Curves(unittest.TestCase):
    def test_reads_steps_and_the_first_number_behind_each(self):
        text = 'step 50/150  loss 4.5 bits/char  300 chars/s\nstep 100/150  loss 2e-1 bits\nother\nstep 150/150  loss 0.1\n'
        self.assertEqual(draw_examples.curves(text), ({'': [(50, 4.5), (100, 0.2), (150, 0.1)]}, 'loss'))

    def test_reads_the_progress_of_fit(self):
        text = ''.join(f'{k}/90 [==>   ]  {k}%  loss 0.{k}  learning_rate 0.01  9 steps/s\n' for k in (30, 60, 90))
        self.assertEqual(draw_examples.curves(text), ({'': [(30, 0.3), (60, 0.6), (90, 0.9)]}, 'loss'))

    def test_names_and_steps_that_begin_anew_make_further_curves(self):
        named = ''.join(f'{name}  step {k}  error {k}\n' for name in ('LSTM', 'GRU') for k in (1, 2, 3))
        self.assertEqual(list(draw_examples.curves(named)[0]), ['LSTM', 'GRU'])
        again = 'step 0  loss 1\nstep 1  loss 2\nstep 2  loss 3\n' * 2
        self.assertEqual(list(draw_examples.curves(again)[0]), ['run 1', 'run 2'])

    def test_two_points_are_no_curve(self):
        self.assertEqual(draw_examples.curve_script('step 1  loss 2\nstep 2  loss 1\n'), '')


@unittest.skipUnless(shutil.which('gnuplot'), 'there is no gnuplot')
class DrawExamples(TreeTest):
    def draw(self, script, files=()):
        self.write({'examples/a.cpp': '', 'build/examples/a': '#!/bin/sh\n' + script, **dict(files)})
        (self.root / 'build/examples/a').chmod(0o755)
        problems = list(draw_examples.main(self.root, self.root / 'build', self.root / 'pictures'))
        picture = self.root / 'pictures' / 'a.svg'
        return problems, picture.read_text() if picture.is_file() else ''

    def test_draws_curves(self):
        problems, picture = self.draw('for k in 1 2 3; do echo "step $k  accuracy 0.$k"; done')
        self.assertEqual(problems, [])
        self.assertIn('accuracy', picture)

    def test_draws_with_a_recipe_what_the_program_printed_and_wrote(self):
        recipe = {'examples/pictures/a.gnuplot': "plot '< cat printed.txt file.txt' with lines title 'both'\n"}
        problems, picture = self.draw('echo 1; echo 2 > file.txt', recipe)
        self.assertEqual(problems, [])
        self.assertIn('both', picture)

    def test_draws_nothing_of_a_program_that_prints_no_curve(self):
        self.assertEqual(self.draw('echo hello'), ([], ''))

    def test_reports_programs_and_recipes_that_fail(self):
        self.assertEqual(self.draw('echo why >&2; exit 3')[0], ['a: exit status 3: why'])
        problems, _ = self.draw('echo 1', {'examples/pictures/a.gnuplot': 'plot nonsense\n'})
        self.assertIn('nonsense', problems[0])


if __name__ == '__main__':
    case_report.main()
