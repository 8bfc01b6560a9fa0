"""What Doxygen reads in place of a header or a page of Markdown. Lines keep their numbers.

- The `//` comment at the top of a header is about the file.
- What follows the namespace, specialisations of the standard library's templates, is left out.
- Functions that follow one another without a blank line share the comment above them.
- Links of a page lead to where build_docs.py puts what they lead to; within another page Doxygen finds no heading.
"""
import pathlib
import re

FUNCTION = re.compile(r'(?!using|friend|#|//)[^={]*\(')
LINK = re.compile(r'(\]\()([^)#:\s]+)((?:#[^)\s]*)?)\)')


def about_the_file(lines):
    """The lines, the comment at the top made one that Doxygen takes for the file's."""
    if len(lines) < 2 or lines[0] != '#pragma once' or not lines[1].startswith('// '):
        return lines
    end = next((k for k in range(1, len(lines)) if not lines[k].startswith('//')), len(lines))
    comment = ['' if 'IWYU' in line else '/' + line for line in lines[1:end]]
    return ['/// @file', *comment, *lines[end:]]


def within_namespace(lines):
    end = next((k for k in range(len(lines) - 1, 0, -1) if lines[k].startswith('}  // namespace')), len(lines) - 1)
    return lines[:end + 1]


def indentation(line):
    return len(line) - len(line.lstrip())


def end_of_function(lines, start):
    """Behind the last line of the function that is declared at `start`; `start` if something else is."""
    end = start + 1 if lines[start].lstrip().startswith('template') else start
    if not FUNCTION.match(lines[end].lstrip()):
        return start
    indent, end = indentation(lines[start]), end + 1
    while end < len(lines) and lines[end].strip() and (
            indentation(lines[end]) > indent or lines[end] == ' ' * indent + '}'):
        end += 1
    return end


def share_comments(lines):
    lines = list(lines)
    for start, line in enumerate(lines):
        first = start + 1
        if not line.lstrip().startswith('/// ') or first >= len(lines) or lines[first].lstrip().startswith('///'):
            continue
        ends = []
        while not ends or ends[-1] < len(lines):
            begin = ends[-1] if ends else first
            if indentation(lines[begin]) != indentation(line):
                break
            end = end_of_function(lines, begin)
            if end == begin:
                break
            ends.append(end)
        if len(ends) > 1:
            opening = start
            while lines[opening].lstrip().startswith('///'):
                opening -= 1
            lines[opening] += '  /**@{*/'
            lines[ends[-1] - 1] += '  /**@}*/'
    return lines


def with_links(root, page, text):
    def replaced(link):
        target = (page.parent / link[2]).resolve()
        heading = '' if target.suffix == '.md' else link[3]
        return f'{link[1]}{target.relative_to(root).as_posix()}{heading})' if target.is_relative_to(root) else link[0]
    return LINK.sub(replaced, text)


def filtered(root, path):
    text = path.read_text(encoding='utf-8')
    if path.suffix == '.md':
        return with_links(root, path, text)
    return '\n'.join(share_comments(about_the_file(within_namespace(text.split('\n')))))
