import subprocess

import case_report
import check_words
from trees import TreeTest

# Put together here, so that this file passes the check.
UNDONE = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X']
ELSEWHERE = ['/wo' + 'rk/main', '/ho' + 'me/somebody', '/ro' + 'ot/.cache']
ISSUES = ['iss' + 'ue 3', 'Iss' + 'ue #12']
MERGES = ['<' * 7 + ' HEAD', '>' * 7 + ' branch', '|' * 7]


class CheckWords(TreeTest):
    def test_rejects_each_with_its_line(self):
        for word in UNDONE + ELSEWHERE + ISSUES:
            problems = self.problems(check_words, {'core/a.cpp': f'int a;\n// see {word}: later\n'})
            self.assertEqual(len(problems), 1, word)
            self.assertTrue(problems[0].startswith('core/a.cpp:2: '), problems)
        for line in MERGES:
            self.assertEqual(len(self.problems(check_words, {'core/a.cpp': line + '\n'})), 1, line)

    def test_looks_at_every_kind_of_file(self):
        for path in ['README.md', 'dev', 'meson.build', 'tests/golden/a.json', 'docs/json.md']:
            self.assertTrue(self.problems(check_words, {path: UNDONE[0]}), path)
            self.write({path: ''})

    def test_leaves_pictures_alone(self):
        self.assertEqual(self.problems(check_words, {'docs/a.png': 'PNG\0 ' + UNDONE[2]}), [])

    def test_leaves_ordinary_text_alone(self):
        text = 'homework, frames/work/x, a network, autodoc, $root/work/a, an issue of style\n' + '=' * 7 + '\n1 << 7 >> 2\n'
        self.assertEqual(self.problems(check_words, {'docs/a.md': text}), [])

    def test_looks_at_what_git_tracks(self):
        self.write({'a.txt': UNDONE[0], 'b.txt': UNDONE[0]})
        for command in (['init', '-q'], ['add', 'a.txt']):
            subprocess.run(['git', '-C', str(self.root), *command], check=True)
        self.assertEqual([p.split(':')[0] for p in check_words.check(self.root)], ['a.txt'])


if __name__ == '__main__':
    case_report.main()
