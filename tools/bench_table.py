"""Runs bench_rnn over a few shapes and prints a table: `bench_table.py PROGRAM`."""
import json
import subprocess
import sys

# Batch, time, inputs, units: audio models, text models, and one that needs the caches.
SHAPES = [(1, 2048, 1, 40), (16, 32, 32, 32), (32, 50, 64, 64), (32, 100, 256, 256)]
CELLS = ['rnn', 'lstm', 'gru', 'custom']
COLUMNS = '{:<8}{:>5}{:>6}{:>5}{:>5}{:>9}{:>12}{:>12}'


def main(program):
    print(COLUMNS.format('cell', 'B', 'T', 'I', 'H', 'threads', 'ms (min)', 'ms (median)'))
    for cell in CELLS:
        for shape in SHAPES:
            sizes = [argument for name, size in zip(('-B', '-T', '-I', '-H'), shape) for argument in (name, str(size))]
            command = [program, '--cell', cell, '--mode', 'train', *sizes, '--threads', '1', '--seconds', '1']
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                print(f'{" ".join(command)}: exit status {done.returncode}\n{done.stdout}{done.stderr}', file=sys.stderr)
                return 1
            result = json.loads(done.stdout)
            print(COLUMNS.format(cell, *shape, result['threads'], f"{result['ms_min']:.3f}", f"{result['ms_median']:.3f}"),
                  flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
