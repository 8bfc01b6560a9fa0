import shutil
import unittest

import case_report
from unroll_program import ProgramTest


@unittest.skipUnless(shutil.which('gnuplot'), 'gnuplot is not installed')
class Plot(ProgramTest):
    def test_draws_a_table_to_files_and_in_the_terminal(self):
        self.write({'run/loss.csv': 'step,loss,validation_loss,rate\n' + ''.join(
            f'{k},{1 / (k + 1)},{2 / (k + 1)},nan\n' for k in range(20))})
        out = self.unroll('plot', 'run', COLUMNS='80')[0]
        self.assertIn('loss', out)
        self.assertIn('*', out)
        self.assertTrue(out.endswith('wrote run/curves.svg and run/curves.png\n'))
        self.assertTrue((self.root / 'run/curves.png').read_bytes().startswith(b'\x89PNG'))
        svg = (self.root / 'run/curves.svg').read_text()
        self.assertIn('validation_loss', svg)
        self.assertNotIn('rate', svg)  # no finite point

    def test_takes_names_that_gnuplot_would_run(self):
        self.write({'x.csv': 'step,"`touch ../pwned`\',\'@x\n0,1,1\n1,2,2\n'})
        self.unroll('plot', 'x.csv', '--output', 'y')
        self.assertFalse((self.root / 'pwned').exists() or (self.root.parent / 'pwned').exists())
        self.assertTrue((self.root / 'y.svg').exists())

    def test_says_what_is_wrong(self):
        self.write({'empty/x.txt': '', 'bad.csv': 'step,loss\n1,x\n', 'ragged.csv': 'step,loss\n1\n2,3\n',
                    'names.csv': 'step,loss\n', 'events.out.tfevents.1': 'x' * 100, 'one.csv': 'step,loss\n0,1\n1,2\n'})
        for name, expected in [('empty', 'found none'), ('bad.csv', 'line 2: expected a number, got "x"'),
                               ('ragged.csv', 'line 2: expected 2 numbers, got 1'), ('names.csv', 'no points to draw'),
                               ('none.csv', 'No such file'), ('events.out.tfevents.1', 'a checksum is wrong at byte 0')]:
            with self.subTest(name):
                self.fails(expected, 'plot', name)
        self.fails('RUN is required', 'plot')
        self.fails('none/y', 'plot', 'one.csv', '--output', 'none/y')


if __name__ == '__main__':
    case_report.main()
