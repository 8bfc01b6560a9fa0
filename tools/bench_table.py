"""Times training steps of a few recurrent layers with unroll and with the libraries that are installed, side by side.

    bench_table.py BUILD_DIR [--python PATH]... [--budget SECONDS] [--threads N,N]

Every program runs in turn, round after round as long as the budget lasts; its least time counts. The table and the
chart (BUILD_DIR/bench/chart.svg) compare them with each other and with the limit that limit.py computes from the machine's
own rates, which are measured at every round as well.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import sys
import time

import bench_chart
import limit
from bench_run import Results, find_peers, run


@dataclasses.dataclass(frozen=True)
class Case:
    cell: str
    batch: int
    time: int
    inputs: int
    units: int
    lengths: str = 'full'

    @property
    def title(self):
        name = {'custom': 'layer-norm LSTM'}.get(self.cell, self.cell.upper())
        return name if self.lengths == 'full' else f'{name}, {self.lengths} lengths'

    @property
    def shape(self):
        return f'{self.batch},{self.time},{self.inputs},{self.units}'

    def arguments(self):
        return ['--cell', self.cell, '-B', self.batch, '-T', self.time, '-I', self.inputs, '-H', self.units,
                '--lengths', self.lengths]

    def optional_for(self, name):
        return self.cell == 'custom' and name == 'oneDNN'


GRID = [Case('lstm', 32, 50, 64, 64), Case('lstm', 32, 100, 256, 256), Case('lstm', 16, 512, 1, 24),
        Case('gru', 32, 50, 64, 64), Case('lstm', 64, 200, 64, 128, 'zipf'), Case('custom', 32, 50, 64, 64),
        Case('lstm', 8, 1000, 64, 128)]
NOISE = 0.97  # a time within 3 % of the fastest peer's is not slower


def measure(programs, probe, threads, budget, seconds=0.25):
    def rates():
        return run([probe, '--threads', max(threads)], max(threads))

    start, results, probes, rounds = time.monotonic(), Results(), [rates()], 0
    while rounds == 0 or (time.monotonic() - start) * (rounds + 1) / rounds < budget:
        for case in GRID:
            for n in threads:
                for name, command in programs.items():
                    if time.monotonic() - start > budget:
                        print(f'out of time in round {rounds + 1}: the machine is busy, or give a larger --budget')
                        return results.best, limit.best(probes), rounds + 1
                    results.measure(name, command, case, n, seconds)
        probes.append(rates())
        rounds += 1
    return results.best, limit.best(probes), rounds


def tables(best, rates, threads):
    """For each number of threads (title, limit in ms, {name: ms}) of each case."""
    def row(case, n):
        times = {name: result['ms_min'] for name, result in best[case, n].items()}
        tokens = next(iter(best[case, n].values()))['tokens']
        return case, limit.limit_ms(rates, case.cell, case.batch, case.time, case.inputs, case.units, n, tokens), times
    return {n: [row(case, n) for case in GRID if (case, n) in best] for n in threads}


def print_table(by_threads, names):
    print(f'{"training step":<22}{"B,T,I,H":<16}{"threads":>8}' + ''.join(f'{name + " ms":>14}' for name in names)
          + f'{"limit ms":>10}{"% of limit":>12}{"speed-up":>10}')
    for threads, table in by_threads.items():
        for case, bound, times in table:
            cells = ''.join(f'{times[name]:>14.4g}' if name in times else f'{"":>14}' for name in names)
            line = f'{case.title:<22}{case.shape:<16}{threads:>8}{cells}{bound:>10.4g}'
            if 'unroll' in times:
                line += f'{100 * bound / times["unroll"]:>12.0f}'
                peers = [ms for name, ms in times.items() if name != 'unroll']
                if peers:
                    gain = min(peers) / times['unroll']
                    line += f'{gain:>10.2f}' + ('  slower' if gain < NOISE else '')
            print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build')
    parser.add_argument('--python', action='append', default=[],
                        help='a Python with PyTorch, TensorFlow or JAX; may be repeated')
    parser.add_argument('--budget', type=float, default=150, help='seconds for all rounds')
    parser.add_argument('--threads', help='numbers of threads, with commas; default: 1,2, or 1 on a single CPU')
    o = parser.parse_args()
    cpus = len(os.sched_getaffinity(0))
    threads = [int(n) for n in o.threads.split(',')] if o.threads else [1, 2][:cpus]
    if min(threads) < 1 or max(threads) > cpus:
        parser.error(f'--threads: 1 to {cpus}, the number of CPUs')

    bench = pathlib.Path(o.build, 'bench')
    peers, missing = find_peers(o.build, pathlib.Path(__file__).parent.parent / 'bench' / 'peers', o.python + ['python3'])
    print(*missing, sep='\n', end='\n' if missing else '')
    if os.getloadavg()[0] > 0.5:
        print(f'{os.getloadavg()[0]:.1f} other processes are busy: expect larger times, and most of all with two threads')
    programs = {'unroll': [bench / 'bench_rnn']} | peers
    best, rates, rounds = measure(programs, bench / 'machine_rates', threads, o.budget)
    if not any('unroll' in row for row in best.values()):
        print('bench_table: bench_rnn did not run', file=sys.stderr)
        return 1

    machine = rates['machine']
    about = f'{machine["processor"]}, {machine["highway"]}, OpenBLAS {machine["blas"]}'
    print(f'\n{about}; the least of {rounds} rounds. speed-up: fastest other / unroll')
    by_threads = tables(best, rates, threads)
    print_table(by_threads, list(programs))
    results = [result | {'peer': name} for row in best.values() for name, result in row.items()]
    (bench / 'results.json').write_text(json.dumps({'rates': rates, 'results': results}, indent=1))
    chart = {n: [(f'{case.title}\\n({case.shape})', bound, times) for case, bound, times in table]
             for n, table in by_threads.items()}
    heading = f'Training step, float32, ms on the bars, (batch, time, inputs, units); {about}'
    bench_chart.draw(bench / 'chart.svg', heading, chart, list(programs))
    print(f'chart: {bench / "chart.svg"}; every result: {bench / "results.json"}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
