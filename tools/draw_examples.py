"""Runs the examples and draws what they print, each to OUTPUT/NAME.svg.

    draw_examples.py ROOT BUILD_DIR OUTPUT [NAME]...      default: all that are built

The picture is that of examples/pictures/NAME.gnuplot, which runs in the folder of the program's files with what it
printed in printed.txt, or else curves of the lines `step 100  loss 0.25` or of fit's progress. Of a program that prints
neither there is no picture.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

import sources

STEP = re.compile(r'(?P<name>.*?)\bstep (?P<step>\d+)(?:/\d+)?  (?P<what>[a-z]+) (?P<value>[-+.\de]+)')
PROGRESS = re.compile(r'(?P<name>)(?P<step>\d+)/\d+ \[.*\] +\d+%  (?P<what>[a-z]+) (?P<value>[-+.\de]+)')
TERMINAL = '''set terminal svg size 420,230 font 'sans-serif,11' background '#ffffff'
set output '{output}'
set grid lc rgb '#dddddd'
set key noenhanced
set title '{name}' noenhanced
'''


def curves(text):
    """{name: [(step, value)]} and what the values are. Where steps begin anew there is another curve."""
    found, what, name, last = {}, '', '', -1
    for line in text.splitlines():
        point = STEP.match(line) or PROGRESS.match(line)
        if point:
            what, step = point['what'], int(point['step'])
            if point['name'].strip() or step <= last:
                name = point['name'].strip() or f'run {len(found) + 1}'
            found.setdefault(name, []).append((step, float(point['value'])))
            last = step
    if len(found) > 1:
        found = {name or 'run 1': points for name, points in found.items()}
    return {name: points for name, points in found.items() if len(points) > 2}, what


def curve_script(text):
    series, what = curves(text)
    if not series:
        return ''
    values = [value for points in series.values() for _, value in points]
    script = ["set xlabel 'step'", f"set ylabel '{what}'"]
    script.append('set logscale y' if min(values) > 0 and max(values) > 10 * min(values) else 'set yrange [0:*]')
    for k, points in enumerate(series.values()):
        script += [f'$curve{k} << EOD', *(f'{step} {value}' for step, value in points), 'EOD']
    plots = [f"$curve{k} with lines lw 2 lc {k + 6} title '{name}'" for k, name in enumerate(series)]
    return '\n'.join([*script, 'plot ' + ', '.join(plots), ''])


def draw(root, build, output, name):
    """Draws one picture, or says what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run([build / 'examples' / name], cwd=folder, capture_output=True, text=True,
                             stdin=subprocess.DEVNULL)
        if ran.returncode != 0:
            yield f'{name}: exit status {ran.returncode}: {ran.stderr.strip()}'
            return
        pathlib.Path(folder, 'printed.txt').write_text(ran.stdout)
        recipe = root / 'examples' / 'pictures' / f'{name}.gnuplot'
        script = recipe.read_text() if recipe.is_file() else curve_script(ran.stdout)
        if script:
            done = subprocess.run(['gnuplot', '-'], input=TERMINAL.format(name=name, output=output / f'{name}.svg') + script,
                                  cwd=folder, capture_output=True, text=True)
            if done.returncode != 0:
                yield f'{name}: {done.stderr.strip()}'


def main(root, build, output, *names):
    root, build, output = (pathlib.Path(path).resolve() for path in (root, build, output))
    output.mkdir(parents=True, exist_ok=True)
    for name in names or sorted(path.stem for path in root.glob('examples/*.cpp')):
        if (build / 'examples' / name).is_file():
            yield from draw(root, build, output, name)


if __name__ == '__main__':
    sources.report(main(*sys.argv[1:]))
