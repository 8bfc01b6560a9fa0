"""The program unroll for tests: models made by hand, computed in plain Python."""
import json
import math
import os
import pathlib
import random
import struct
import subprocess
import wave

from trees import TreeTest

PROGRAM = os.environ.get('UNROLL', 'unroll')


def lstm(units, inputs=1, seed=1):
    """A NAM model of one layer, as a dict."""
    draw = random.Random(seed)
    count = 4 * units * (inputs + units) + 4 * units + 2 * units + units + 1
    weights = [draw.uniform(-1, 1) for _ in range(count)]
    return {'version': '0.5.4', 'metadata': {'name': 'made by hand'}, 'architecture': 'LSTM',
            'config': {'input_size': inputs, 'hidden_size': units, 'num_layers': 1}, 'weights': weights,
            'sample_rate': 48000}


def outputs(model, rows):
    """What the NAM model answers to a list of rows."""
    units, inputs = model['config']['hidden_size'], model['config']['input_size']
    numbers = iter(model['weights'])
    take = lambda count: [next(numbers) for _ in range(count)]
    kernel = [take(inputs + units) for _ in range(4 * units)]
    bias, h, c, head = take(4 * units), take(units), take(units), take(units)
    head_bias = take(1)[0]
    sigmoid = lambda x: 1 / (1 + math.exp(-x))
    result = []
    for row in rows:
        gates = [b + sum(w * x for w, x in zip(k, [*row, *h])) for k, b in zip(kernel, bias)]
        i, f, g, o = (gates[n * units:(n + 1) * units] for n in range(4))
        c = [sigmoid(f[n]) * c[n] + sigmoid(i[n]) * math.tanh(g[n]) for n in range(units)]
        h = [sigmoid(o[n]) * math.tanh(c[n]) for n in range(units)]
        result.append(head_bias + sum(w * x for w, x in zip(head, h)))
    return result


class ProgramTest(TreeTest):
    def unroll(self, *arguments, status=0, **environment):
        """(standard output, standard error) of the program, run in the scratch folder; errors are one line."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.root, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, **environment})
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        if status == 2:
            self.assertRegex(done.stderr, r'\Aunroll: .+\n\Z')
            self.assertEqual(done.stdout, '')
        return done.stdout, done.stderr

    def fails(self, expected, *arguments):
        """The program says so on one line and leaves no new file."""
        before = sorted(self.root.rglob('*'))
        self.assertIn(expected, self.unroll(*arguments, status=2)[1])
        self.assertEqual(sorted(self.root.rglob('*')), before)

    def write_model(self, name='m.nam', **options):
        model = lstm(**{'units': 3, **options})
        self.write({name: json.dumps(model)})
        return model

    def write_wav(self, name, samples, rate=48000, channels=1):
        with wave.open(str(self.root / name), 'wb') as file:
            file.setparams((channels, 2, rate, 0, 'NONE', ''))
            file.writeframes(struct.pack(f'<{len(samples)}h', *samples))

    def write_safetensors(self, name, tensors):
        """A dict of names to (shape, numbers)."""
        header, data = {}, b''
        for key, (shape, numbers) in tensors.items():
            begin = len(data)
            data += struct.pack(f'<{len(numbers)}f', *numbers)
            header[key] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [begin, len(data)]}
        text = json.dumps(header).encode()
        (self.root / name).write_bytes(struct.pack('<Q', len(text)) + text + data)

    def numbers(self, name):
        return [[float(x) for x in line.split(',')] for line in (self.root / name).read_text().splitlines()]

    def check_close(self, got, expected, tolerance=2e-6):
        self.assertEqual(len(got), len(expected))
        for a, b in zip(got, expected):
            self.assertLessEqual(abs(a - b), tolerance)
