"""Runs the commands that README.md, examples/README.md and the pages under docs/ show.

    check_shell.py ROOT BUILD_DIR

Commands are the lines of `sh` blocks, and what stands between backquotes in prose and begins with one of the programs of
STARTS. Each is run by a shell in a folder of its own, where there are the files that the pages speak of, an installed copy
to compile against, and the build folder as `build`; it has to end with status 0. Training is cut short: EXTRA is put
behind. A name of a command alone (`unroll convert`) is asked for its help. Those of SKIPPED are not run, for the reason
that stands there.
"""
import itertools
import math
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import wave

import check_install
import markdown
import sources

STARTS = re.compile(r'(?:\./dev\b|(?:unroll|meson|ninja|cmake|g\+\+|python3|pip|apt-get|ldconfig) |build/(?:examples|bench|tests)/[\w/]+(?:\s|\Z))')
CODE = re.compile(r'`([^`]+)`')
NAME = re.compile(r'unroll (?:convert|diff|inspect|plot|run|train)(?: \w+(?:\|\w+)+)?\Z')
ROOT_NEEDED = 'installs packages, as root'
MINUTES = 'takes minutes'
SKIPPED = {
    './dev demo': f'{ROOT_NEEDED}; what examples/char_lm prints is compared by check_readme.py',
    './dev demo FILE': f'{ROOT_NEEDED}; the same of another text',
    './dev test': f'{ROOT_NEEDED}; it is what runs this',
    './dev data': 'downloads; ./dev test does it',
    './dev docs': f'{MINUTES}; the test "reference" makes the pages',
    './dev check': MINUTES,
    './dev fuzz': MINUTES,
    './dev bench': MINUTES,
    './dev bench memory': MINUTES,
    'meson setup build && meson compile -C build && meson test -C build': f'{MINUTES}; what this belongs to was made so',
    'meson install -C build': 'as root; check_install.py installs into a folder',
    'cmake -B out -DCMAKE_BUILD_TYPE=Release && cmake --build out': 'check_cmake.py builds with CMake',
}
# What is run in the place of a command that leaves a file open.
INSTEAD = {
    'build/tests/parity/parity FILE...': 'build/tests/parity/parity golden/*.json',
    'unroll inspect FILE': 'unroll inspect quickstart.json',
}
# Options that make a command short enough, by how it begins.
EXTRA = {'unroll train': '--steps 2 --units 8', 'build/bench/': '--seconds 0.01'}


def alternatives(command):
    """`train lm|amp --help` stands for two commands."""
    choices = [word.split('|') if re.fullmatch(r'[\w|]+', word) else [word] for word in command.split(' ')]
    return [' '.join(words) for words in itertools.product(*choices)]


def commands(root):
    """(place, command) of all pages."""
    for document in markdown.documents(root):
        blocks, prose = markdown.split(root, document)
        for block in blocks:
            if block.language == 'sh':
                for number, line in enumerate(block.text, block.line):
                    if command := line.split(' #')[0].strip():
                        yield f'{block.path}:{number}', command
        prose = [(number, '' if line == '```' else line) for number, line in prose]
        text = '\n'.join(line for _, line in prose)
        for found in CODE.finditer(text):
            command = ' '.join(found[1].split())
            if STARTS.match(command):
                number = prose[text.count('\n', 0, found.start())][0]
                yield f'{document.relative_to(root).as_posix()}:{number}', command


def write_wav(path, samples):
    with wave.open(str(path), 'wb') as file:
        file.setparams((1, 2, 48000, 0, 'NONE', ''))
        file.writeframes(struct.pack(f'<{len(samples)}h', *samples))


def write_data(folder):
    """What the recipes of `unroll train` read."""
    def write(name, lines):
        (folder / name).write_text(''.join(f'{line}\n' for line in lines))

    write('book.txt', ['Call me what you like; the river does not care.'] * 40)
    write('gestures.csv', [f'{"wave" if k % 2 else "point"},' + ','.join(f'{math.sin(k * t):.3f}' for t in range(3 * (2 + k % 4)))
                           for k in range(40)])
    write('temperatures.csv', [f'{10 + 8 * math.sin(k / 6):.2f}' for k in range(400)])
    dry = [math.sin(k * k / 8e5) for k in range(48000)]
    write_wav(folder / 'dry.wav', [int(20000 * x) for x in dry])
    write_wav(folder / 'wet.wav', [int(20000 * math.tanh(2 * x)) for x in dry])


class Shell:
    """Runs commands, each in a new copy of one folder."""

    def __init__(self, root, build, scratch):
        self.scratch = pathlib.Path(scratch)
        self.template = self.scratch / 'template'
        self.template.mkdir()
        write_data(self.template)
        (self.template / 'build').symlink_to(pathlib.Path(build).resolve())
        (self.template / 'dev').symlink_to(pathlib.Path(root, 'dev').resolve())
        (self.template / 'golden').symlink_to(pathlib.Path(root, 'tests/golden').resolve())
        self.environment = {**os.environ, 'PATH': f'{pathlib.Path(build).resolve() / "tools/unroll"}:{os.environ["PATH"]}'}

    def run(self, command):
        """Why it failed, or None."""
        folder = self.scratch / 'here'
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.template, folder, symlinks=True)
        if made := re.search(r'--out (\w+)', command):
            shutil.rmtree(folder / made[1], ignore_errors=True)
        done = subprocess.run(['sh', '-c', command], cwd=folder, env=self.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        return f'exit status {done.returncode}\n{done.stdout}{done.stderr}' if done.returncode else None

    def prepare(self, command, *names):
        """Keeps what the command makes for all that come after. Why it failed, or None."""
        wrong = self.run(command)
        for name in [] if wrong else names:
            made = self.scratch / 'here' / name
            (shutil.copytree if made.is_dir() else shutil.copyfile)(made, self.template / pathlib.Path(name).name)
        return wrong and f'{command}: {wrong}'

    def install(self, build):
        """A copy to compile against, on which pkg-config is told. Why it failed, or None."""
        installed, library, wrong = check_install.install(build, self.scratch)
        if not wrong:
            self.environment |= {'PKG_CONFIG_PATH': str(library / 'pkgconfig'), 'PKG_CONFIG_SYSROOT_DIR': str(installed)}
        return wrong


def completed(command):
    command = INSTEAD.get(command, command)
    if NAME.match(command):
        return f'{command} --help'
    options = [f' {more}' for begin, more in EXTRA.items() if command.startswith(begin) and '--help' not in command]
    return ''.join([command, *options])


def check_command(shell, place, command):
    for one in alternatives(completed(command)):
        if wrong := shell.run(one):
            yield f'{place}: {one}: {wrong}'


def check(root, build):
    root = pathlib.Path(root)
    with tempfile.TemporaryDirectory() as scratch:
        shell = Shell(root, build, scratch)
        shutil.copyfile(root / 'examples/quickstart.cpp', shell.template / 'quickstart.cpp')
        shutil.copyfile(root / 'examples/quickstart.cpp', shell.template / 'main.cpp')
        for wrong in (shell.install(build), shell.prepare('build/examples/quickstart', 'quickstart.json'),
                      shell.prepare('unroll train amp dry.wav wet.wav --steps 2 --units 8 --out run', 'run'),
                      shell.prepare('cp run/model.nam overdrive.nam', 'overdrive.nam')):
            if wrong:
                yield wrong
                return
        found = dict.fromkeys(SKIPPED, 0)
        for place, command in commands(root):
            if command in SKIPPED:
                found[command] += 1
                print(f'skipped: {place}: {command}: {SKIPPED[command]}', file=sys.stderr)
            else:
                yield from check_command(shell, place, command)
        for command, count in found.items():
            if not count:
                yield f'check_shell.py: SKIPPED has "{command}", which no page shows'


if __name__ == '__main__':
    sources.report(check(*sys.argv[1:]))
