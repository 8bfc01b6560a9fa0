"""What the checkers share: the project's files, and how a checker ends."""
import pathlib
import subprocess
import sys

LAYERS = ('core', 'autograd', 'cells', 'rnn', 'optim', 'io', 'train')


def tracked(root, *suffixes):
    """Paths relative to `root` of the files that git tracks; of all files where there is no repository."""
    git = subprocess.run(['git', '-c', 'safe.directory=*', '-C', str(root), 'ls-files', '-z'],
                         capture_output=True, text=True)
    if git.returncode == 0:
        paths = [pathlib.PurePosixPath(p) for p in git.stdout.split('\0') if p]
    else:
        paths = [pathlib.PurePosixPath(p.relative_to(root).as_posix()) for p in pathlib.Path(root).rglob('*')]
        paths = [p for p in paths if not p.parts[0].startswith('build')]
    return [p for p in sorted(paths)
            if (not suffixes or p.suffix in suffixes) and pathlib.Path(root, p).is_file()
            and not pathlib.Path(root, p).is_symlink()]


def lines(root, path):
    """(line number, text) of one file; nothing of a picture or other data that is not text."""
    text = pathlib.Path(root, path).read_text(encoding='utf-8', errors='replace')
    return [] if '\0' in text else enumerate(text.split('\n'), 1)


def report(problems):
    """Prints them; exit status 1 if there are any."""
    status = 0
    for problem in problems:
        print(problem)
        status = 1
    sys.exit(status)
