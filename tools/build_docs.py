"""Builds the reference and the guide with Doxygen; the first page is OUTPUT/index.html. Warnings are errors, and so is
a class or function that nothing is said of. Exit status 77 where Doxygen is missing.

    build_docs.py ROOT VERSION OUTPUT HEADER...
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import doxygen_filter
import markdown
import sources
from check_headers import public_name

HREF = re.compile(r'(?:href|src)="([^"#:]+)(?:#[^"]*)?"')


def write_filtered(root, headers, scratch):
    """What Doxygen is to read, headers under the names by which programs include them."""
    names = {page: page.relative_to(root) for page in markdown.documents(root)}
    names |= {header: pathlib.Path('include/unroll', public_name(root, header)) for header in headers}
    for path, name in names.items():
        copy = scratch / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(doxygen_filter.filtered(root, path.resolve()), encoding='utf-8')
        yield copy


def run_doxygen(root, version, output, headers):
    """What it complains of."""
    with tempfile.TemporaryDirectory() as scratch:
        read = write_filtered(root, [pathlib.Path(header) for header in headers], pathlib.Path(scratch))
        own = {
            'PROJECT_NUMBER': version,
            'INPUT': ' '.join(f'"{path}"' for path in read),
            'OUTPUT_DIRECTORY': f'"{output}"',
            'STRIP_FROM_PATH': f'"{scratch}"',
            'STRIP_FROM_INC_PATH': f'"{scratch}/include"',
            'USE_MDFILE_AS_MAINPAGE': f'"{scratch}/README.md"',
        }
        text = pathlib.Path(__file__).with_name('Doxyfile').read_text()
        done = subprocess.run(['doxygen', '-'], input=text + ''.join(f'{name} = {own[name]}\n' for name in own), text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=scratch)
        if done.returncode != 0:
            yield done.stderr.strip().replace(scratch + '/', '') or f'doxygen: exit status {done.returncode}'


def is_documented(element):
    return any(''.join(element.find(part).itertext()).strip() for part in ('briefdescription', 'detaileddescription'))


def undocumented(xml):
    """Classes and functions, members of classes apart, of which neither they nor the top of their file say anything."""
    compounds = [ElementTree.parse(path).getroot().find('compounddef') for path in sorted(xml.glob('*_8hpp.xml'))]
    said = {c.find('location').get('file'): is_documented(c) for c in compounds}

    def nothing_said(element, name):
        place = element.find('location')
        if not is_documented(element) and not said.get(place.get('file')):
            yield f'{place.get("file")}:{place.get("line")}: nothing is said of {name}'

    for path in sorted(xml.glob('namespaceunroll*.xml')):
        namespace = ElementTree.parse(path).getroot().find('compounddef')
        for function in namespace.iterfind('.//memberdef[@kind="function"]'):
            yield from nothing_said(function, function.findtext('name'))
        for inner in namespace.iterfind('innerclass'):
            # What takes the options says what they are.
            if not inner.text.endswith('Options'):
                compound = ElementTree.parse(xml / f'{inner.get("refid")}.xml').getroot().find('compounddef')
                yield from nothing_said(compound, inner.text)


def copy_linked(root, output):
    """What the pages link to, or show, beside other pages."""
    for document in markdown.documents(root):
        for target in markdown.links(document.read_text(encoding='utf-8')):
            path = (document.parent / target).resolve()
            if path.is_file() and path.suffix != '.md' and path.is_relative_to(root):
                copy = output / path.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


def dead_links(output):
    for page in [output / 'index.html', *sorted(output.glob('md_*.html'))]:
        for target in dict.fromkeys(HREF.findall(page.read_text(encoding='utf-8'))):
            if not (output / target).exists():
                yield f'{page.name}: {target}: no such file'


def build(root, version, output, *headers):
    root, output = pathlib.Path(root).resolve(), pathlib.Path(output).resolve()
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    yield from run_doxygen(root, version, output, headers)
    yield from undocumented(output / 'xml')
    shutil.rmtree(output / 'xml')
    copy_linked(root, output)
    yield from dead_links(output)


if __name__ == '__main__':
    if not shutil.which('doxygen'):
        print('skipped: there is no doxygen')
        sys.exit(77)
    sources.report(build(*sys.argv[1:]))
