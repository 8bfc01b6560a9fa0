"""Checks that no file says what belongs to the workplace of whoever wrote it: work left undone, paths of one machine,
numbers of issues, leftovers of a merge."""
import re
import sys

import sources

# Written so that this file does not find itself.
WORDS = {
    r'\b(?:TOD[O]|FIXM[E]|XX[X])\b': 'work left undone',
    r'(?<![\w.$}])/(?:wor[k]|hom[e]|roo[t]|User[s])/[\w.]': 'path of one machine',
    r'\b[Ii]ssues? #?\d': 'number of an issue',
    r'^(?:<{7}|>{7}|\|{7})(?: |$)': 'leftover of a merge',
}
WORDS = {re.compile(pattern): meaning for pattern, meaning in WORDS.items()}


def check(root):
    for path in sources.tracked(root):
        for number, line in sources.lines(root, path):
            for pattern, meaning in WORDS.items():
                found = pattern.search(line)
                if found:
                    yield f'{path}:{number}: "{found.group()}": {meaning}'


if __name__ == '__main__':
    sources.report(check(sys.argv[1]))
