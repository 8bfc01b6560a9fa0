"""Times a training step of a long sequence against the memory that its backward pass may take.

    bench_memory.py BUILD_DIR [-B N] [-T N] [-I N] [-H N] [--threads N] [--spill DIR]

Runs bench_memory for each share of the memory that storing all takes, stored and recomputed, spilled to a directory, and
whatever is predicted to be fastest with one; a process each, so that peak memory is measured. Prints a table and draws
BUILD_DIR/bench/memory.svg.
"""
import argparse
import pathlib
import re
import subprocess
import sys

from bench_run import Failed, run

SHARES = [1, 0.3, 0.1, 0.05, 0.02, 0.01]


def predicted_ms(line):
    found = re.search(r'predicted ([0-9.e+]+) ms', line['notes'])
    return float(found[1]) if found else None


def draw(path, heading, points):
    block = lambda points: '\n'.join(f'{mb:.4g} {time:.4g}' for mb, time in sorted(points))
    script = f'''set terminal svg size 720,420 font "sans-serif,13" background "#ffffff"
set output "{path}"
set title "{heading}"
set logscale x
set xlabel "memory held for the backward pass, MB"
set ylabel "time / stored"
set yrange [0.8:]
set grid lc rgb "#dddddd"
set key top right
$recomputed << EOD
{block(points['recomputed'])}
EOD
$spilled << EOD
{block(points['spilled'])}
EOD
$chosen << EOD
{block(points['as chosen'])}
EOD
plot $recomputed with linespoints lw 2 pt 7 lc rgb "#1f6fb4" title "stored (right), recomputed", \\
  $spilled with points lw 2 pt 5 lc rgb "#e08214" title "spilled", \\
  $chosen with points lw 2 pt 6 ps 1.5 lc rgb "#333333" title "with a spill directory, as chosen"
'''
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=pathlib.Path)
    parser.add_argument('-B', type=int, default=8)
    parser.add_argument('-T', type=int, default=20000)
    parser.add_argument('-I', type=int, default=64)
    parser.add_argument('-H', type=int, default=128)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--spill', type=pathlib.Path, help='a directory on the disk to try; default: BUILD_DIR')
    options = parser.parse_args()
    spill = options.spill or options.build
    shape = ['-B', options.B, '-T', options.T, '-I', options.I, '-H', options.H, '--threads', options.threads]
    cases = [('stored' if share == 1 else 'recomputed', share, ['--share', share]) for share in SHARES]
    cases += [('spilled', 1, ['--spill', spill, '--spill-always']), ('as chosen', 1, ['--spill', spill])]

    print(f'{"tier":12}{"share":>7}{"ms":>10}{"/ stored":>10}{"predicted":>11}{"step MB":>9}  what was chosen')
    stored, points = None, {'recomputed': [], 'spilled': [], 'as chosen': []}
    for tier, share, arguments in cases:
        try:
            line = run([options.build / 'bench' / 'bench_memory', *shape, *arguments], options.threads, timeout=300)
        except Failed as error:
            print(f'{tier:12}{share:7.2f}  {error}')
            continue
        ms = line['ms_min']
        stored = stored or ms
        guess = predicted_ms(line)
        print(f'{tier:12}{share:7.2f}{ms:10.1f}{ms / stored:10.2f}{f"{guess:.1f}" if guess else "":>11}'
              f'{line["peak_rss_mb"] - line["base_rss_mb"]:9.0f}  {line["notes"]}', flush=True)
        held = re.search(r'([0-9.]+) MB held', line['notes'])
        points['recomputed' if tier == 'stored' else tier].append((float(held[1]), ms / stored))
    if not stored:
        sys.exit('nothing could be measured')
    picture = options.build / 'bench' / 'memory.svg'
    draw(picture, f'LSTM training step, (B,T,I,H) = ({options.B},{options.T},{options.I},{options.H}), '
         f'{options.threads} thread' + ('s' if options.threads > 1 else ''), points)
    print(f'wrote {picture}')


if __name__ == '__main__':
    main()
