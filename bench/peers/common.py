"""What the Python peers of bench_rnn share: its command line, its lengths of rows, its line of JSON."""
import argparse
import json
import os
import resource
import time


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('--cell', choices=['lstm', 'gru', 'custom'], default='lstm')
    for name, default in (('-B', 32), ('-T', 50), ('-I', 64), ('-H', 64), ('--layers', 1), ('--threads', 1), ('--reps', 1000)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument('--lengths', choices=['full', 'uniform', 'zipf'], default='full')
    parser.add_argument('--seconds', type=float, default=3)
    parser.add_argument('--json', action='store_true', help='as always')
    o = parser.parse_args()
    if o.layers != 1:
        parser.error('one layer only')
    for name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS', 'OPENBLAS_NUM_THREADS'):
        os.environ[name] = str(o.threads)
    return o


def row_lengths(kind, batch, steps, seed=1):
    """The lengths that bench_rnn makes of the same arguments."""
    if kind == 'full':
        return [steps] * batch
    if kind == 'uniform':
        lengths = [1 + (steps - 1) * b // max(1, batch - 1) for b in range(batch)]
    else:
        lengths = [max(1, round(steps / (b + 1) ** 0.7)) for b in range(batch)]
    for last in range(batch - 1, 0, -1):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        other = (seed >> 33) % (last + 1)
        lengths[last], lengths[other] = lengths[other], lengths[last]
    return lengths


def report(o, peer, version, notes, step):
    """Times step() as bench_rnn does and prints the result."""
    start = time.perf_counter()
    step(), step()
    warm_up = (time.perf_counter() - start) / 2
    times, end = [], time.perf_counter() + o.seconds
    while len(times) < 3 or (len(times) < o.reps and time.perf_counter() < end):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    times.sort()
    tokens = sum(row_lengths(o.lengths, o.B, o.T))
    print(json.dumps({
        'peer': peer, 'version': version, 'cell': o.cell, 'mode': 'train', 'B': o.B, 'T': o.T, 'I': o.I, 'H': o.H,
        'layers': o.layers, 'lengths': o.lengths, 'tokens': tokens, 'ms_min': times[0] * 1e3,
        'ms_median': times[len(times) // 2] * 1e3, 'reps': len(times), 'steps_per_s': tokens / times[0],
        'warmup_ms': warm_up * 1e3, 'peak_rss_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        'notes': notes, 'threads': o.threads}))
