"""Starts the programs that bench_table.py compares, pinned to as many CPUs as they have threads; keeps their least times."""
import json
import os
import pathlib
import subprocess
import sys

PYTHON_PEERS = {'torch': 'PyTorch', 'tensorflow': 'TensorFlow', 'jax': 'JAX'}


class Failed(Exception):
    pass


def run(command, threads, timeout=15):
    """The line of JSON that a program prints last."""
    cpus = sorted(os.sched_getaffinity(0))[-threads:]
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads))
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=timeout, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    except subprocess.TimeoutExpired as error:
        raise Failed(f'took more than {timeout} s') from error
    if done.returncode != 0:
        raise Failed((done.stderr.strip() or f'exit status {done.returncode}').splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


def has_module(python, module):
    look = f'import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)'
    try:
        return subprocess.run([python, '-c', look], capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def find_peers(build, peers_folder, pythons):
    """Name to command of those that can be started, and a line for each that cannot."""
    found, missing = {}, []
    onednn = pathlib.Path(build, 'bench', 'peers', 'onednn_rnn')
    if onednn.exists():
        found['oneDNN'] = [onednn]
    else:
        missing.append('oneDNN left out: it is built with libdnnl-dev (2.x) and OpenMP')
    for module, name in PYTHON_PEERS.items():
        python = next((p for p in pythons if has_module(p, module)), None)
        if python:
            found[name] = [python, pathlib.Path(peers_folder, module + '_rnn.py')]
        else:
            missing.append(f'{name} left out: no Python with it (--python PATH names one)')
    return found, missing


class Results:
    """The fastest result of each program at each (case, threads)."""

    def __init__(self):
        self.best, self.failed = {}, set()

    def measure(self, name, command, case, threads, seconds):
        key = (case, threads)
        if (name, *key) in self.failed:
            return
        try:
            result = run(command + case.arguments() + ['--threads', threads, '--seconds', seconds], threads)
        except Failed as error:
            self.failed.add((name, *key))
            if not case.optional_for(name):
                print(f'{name}, {case.title}, {case.shape}, {threads} threads: {error}', file=sys.stderr)
            return
        row = self.best.setdefault(key, {})
        if name not in row or result['ms_min'] < row[name]['ms_min']:
            row[name] = result
