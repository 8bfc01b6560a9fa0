"""Gathers the C++ of README.md and docs/ that is marked `<!-- compile -->` in one source file.

    doc_blocks.py ROOT OUTPUT DEPFILE

    <!-- compile -->                  a program if it defines main, otherwise statements: they become a function's body
    <!-- compile: declarations -->    functions and classes
    <!-- compile                      either with code in front that the page leaves out
    Tensor x = ones({2, 3}); -->

unroll/unroll.hpp is included and, but for programs, namespace unroll is used. Nothing of it runs: that it compiles and
links is the test. Errors are reported at the line of the page.
"""
import pathlib
import re
import sys

import markdown

MARK = re.compile(r'compile(: declarations)?[ \t]*(?:\n(.*))?\Z', re.S)
MAIN = re.compile(r'^\s*(?:int|auto)\s+main\s*\(', re.M)
INCLUDE = re.compile(r'\s*#\s*include\b')


def source(blocks):
    includes, bodies = ['#include "unroll/unroll.hpp"'], []
    for number, block in enumerate(blocks):
        mark = MARK.match(block.comment)
        if not (block.is_cpp and mark):
            continue
        declarations, hidden = mark.groups()
        text = [*(hidden or '').split('\n'), f'#line {block.line} "{block.path}"', *block.text]
        includes += [line for line in text if INCLUDE.match(line)]
        text = ['' if INCLUDE.match(line) else line for line in text]
        if not MAIN.search('\n'.join(text)):
            text = ['using namespace unroll;', *text]
            if not declarations:
                text = ['void block() {', *text, '}']
        bodies += [f'namespace block_{number} {{', *text, '}']
    return '\n'.join([*dict.fromkeys(includes), *bodies, 'int main() {}', ''])


def main(root, output, depfile):
    pathlib.Path(output).write_text(source(markdown.all_blocks(root)))
    # README.md and the folders stand for pages that are yet to come.
    folders = [path for path in pathlib.Path(root, 'docs').rglob('*') if path.is_dir()]
    read = dict.fromkeys([pathlib.Path(root, 'README.md'), pathlib.Path(root, 'docs'), *folders, *markdown.documents(root)])
    pathlib.Path(depfile).write_text(f'{output}: ' + ' '.join(map(str, read)) + '\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
