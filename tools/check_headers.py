"""Each public header compiles alone, twice included, and needs only headers that are installed with it.

    check_headers.py tu ROOT HEADER SOURCE     writes the translation unit that includes nothing but HEADER, twice
    check_headers.py installed ROOT HEADER...  fails if a HEADER includes one of the library's that is not in the list
"""
import pathlib
import re
import sys

import sources

OURS = re.compile(r'\s*#\s*include\s*[<"]unroll/([^>"]+)[>"]')


def public_name(root, header):
    """The path by which a program includes `header`, without unroll/."""
    path = pathlib.Path(header).resolve().relative_to(pathlib.Path(root).resolve())
    return path.as_posix().removeprefix('include/unroll/')


def translation_unit(root, header):
    return f'#include "unroll/{public_name(root, header)}"\n' * 2


def missing(root, headers):
    public = {public_name(root, header) for header in headers}
    for header in headers:
        for number, line in sources.lines(root, header):
            include = OURS.match(line)
            if include and include.group(1) not in public:
                yield f"{header}:{number}: {line.strip()}: not in its folder's list of headers, so not installed"


if __name__ == '__main__':
    mode, *arguments = sys.argv[1:]
    if mode == 'tu':
        root, header, source = arguments
        pathlib.Path(source).write_text(translation_unit(root, header))
    else:
        sources.report(missing(arguments[0], arguments[1:]))
