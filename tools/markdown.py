"""The fenced blocks of README.md, examples/README.md and the pages under docs/, each with the HTML comment above it."""
import dataclasses
import pathlib
import re

FENCE = re.compile(r'( *)```\s*([^\s`]*)')
COMMENT = re.compile(r'<!--((?:(?!-->).)*)-->\s*\Z', re.S)
LINK = re.compile(r'\]\(([^)#:\s]+)(?:#[^)\s]*)?\)')
CPP = ('cpp', 'c++', 'C++', 'cc', 'cxx', 'hpp')


@dataclasses.dataclass
class Block:
    path: str  # of the document, relative to the root
    line: int  # of its first line of text
    language: str
    comment: str  # what the comment says, or ''
    text: list  # lines, without the fence's indentation

    @property
    def place(self):
        return f'{self.path}:{self.line}'

    @property
    def is_cpp(self):
        return self.language in CPP


def documents(root):
    root = pathlib.Path(root)
    first = [root / 'README.md', root / 'examples' / 'README.md']
    return [p for p in [*first, *sorted(root.glob('docs/**/*.md'))] if p.is_file()]


def split(root, document):
    """(blocks, prose): prose as (line number, text) of what is outside the blocks."""
    name = pathlib.Path(document).relative_to(root).as_posix()
    blocks, prose, block, indent = [], [], None, ''
    for number, line in enumerate(pathlib.Path(document).read_text(encoding='utf-8').splitlines(), 1):
        fence = FENCE.match(line)
        if block is not None:
            if fence and not fence.group(2):
                block = None
            else:
                block.text.append(line.removeprefix(indent))
        elif fence:
            indent = fence.group(1)
            comment = COMMENT.search('\n'.join(text for _, text in prose[-20:]))
            block = Block(name, number + 1, fence.group(2), comment.group(1).strip() if comment else '', [])
            blocks.append(block)
            prose.append((number, '```'))  # so that no comment reaches past a block
        else:
            prose.append((number, line))
    return blocks, prose


def links(text):
    """What the text links to in the project."""
    return LINK.findall(text)


def all_blocks(root):
    return [block for document in documents(root) for block in split(root, document)[0]]
