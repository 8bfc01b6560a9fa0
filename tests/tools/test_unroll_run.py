import json
import math
import os
import struct
import subprocess

import case_report
from unroll_program import PROGRAM, ProgramTest, outputs


def npy(descr, shape, data, order=False):
    header = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}".ljust(117) + '\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode() + data


class Run(ProgramTest):
    def setUp(self):
        super().setUp()
        self.model = self.write_model(inputs=2)
        self.rows = [[math.sin(k), k / 7] for k in range(10)]
        self.write({'in.csv': 'left,right\n' + ''.join(f'{a!r}, {b!r}\r\n' for a, b in self.rows) + '\n'})

    def test_writes_one_row_a_time_step_from_the_files_initial_state(self):
        self.unroll('run', 'm.nam', 'in.csv', 'out.csv')
        self.check_close([y for y, in self.numbers('out.csv')], outputs(self.model, self.rows))

    def test_reads_and_writes_npy(self):
        (self.root / 'in.npy').write_bytes(npy('>f8', (10, 2), struct.pack('>20d', *sum(self.rows, []))))
        self.unroll('run', 'm.nam', 'in.npy', 'out.npy')
        data = (self.root / 'out.npy').read_bytes()
        size = struct.unpack('<H', data[8:10])[0]
        self.assertIn(b"'shape': (10, 1)", data[:10 + size])
        self.assertEqual((10 + size) % 64, 0)
        self.check_close(struct.unpack('<10f', data[10 + size:]), outputs(self.model, self.rows))

    def test_reads_and_writes_wav(self):
        model = self.write_model('one.nam')
        samples = [int(20000 * math.sin(k / 3)) for k in range(10000)]
        self.write_wav('in.wav', samples)
        self.unroll('run', 'one.nam', 'in.wav', 'out.wav')
        data = (self.root / 'out.wav').read_bytes()
        self.assertEqual((data[:4], data[8:12]), (b'RIFF', b'WAVE'))
        at = data.index(b'fmt ') + 8
        self.assertEqual(struct.unpack('<HHI', data[at:at + 8]), (0xfffe, 1, 48000))
        self.assertEqual(struct.unpack('<H', data[at + 24:at + 26]), (3,))  # the extended format: 32-bit floats
        at = data.index(b'data') + 8
        got = struct.unpack('<10000f', data[at:at + 40000])
        self.check_close(got, outputs(model, [[x / 32768] for x in samples]))

    def test_runs_every_activation_of_a_dense_layer(self):
        scale, alpha = 1.0507009873554805, 1.6732632423543772
        sigmoid = lambda x: 1 / (1 + math.exp(-x))
        elu = lambda x: x if x > 0 else math.expm1(x)
        functions = {
            'elu': elu, 'exponential': math.exp, 'gelu': lambda x: x * 0.5 * math.erfc(-x / math.sqrt(2)),
            'hard_sigmoid': lambda x: min(max(0.2 * x + 0.5, 0), 1), 'leaky_relu': lambda x: x if x > 0 else 0.2 * x,
            'linear': lambda x: x, 'relu': lambda x: max(x, 0), 'selu': lambda x: scale * (x if x > 0 else alpha * math.expm1(x)),
            'sigmoid': sigmoid, 'silu': lambda x: x * sigmoid(x), 'softplus': lambda x: math.log1p(math.exp(x)),
            'softsign': lambda x: x / (1 + abs(x)), 'swish': lambda x: x * sigmoid(x), 'tanh': math.tanh}
        kernel, bias = [[0.5, -1.5, 2], [1, 0.25, -0.75]], [0.125, -0.25, 0.5]
        sums = [[b + x * k + y * m for k, m, b in zip(*kernel, bias)] for x, y in self.rows]
        expected = {name: [[f(z) for z in row] for row in sums] for name, f in functions.items()}
        expected['softmax'] = [[math.exp(z) / sum(map(math.exp, row)) for z in row] for row in sums]

        def check(name, activation):
            self.unroll('run', name, 'in.csv', 'out.csv')
            self.check_close(sum(self.numbers('out.csv'), []), sum(expected[activation], []), 1e-5)

        for activation in ('', 'tanh', 'relu', 'sigmoid', 'softmax', 'elu'):
            with self.subTest('RTNeural', activation=activation):
                layer = {'type': 'dense', 'activation': activation, 'shape': [None, None, 3], 'weights': [kernel, bias]}
                self.write({'r.json': json.dumps({'in_shape': [None, None, 2], 'layers': [layer]})})
                check('r.json', activation or 'linear')
                self.unroll('convert', 'r.json', 'again.json', '--to', 'rtneural')
                check('again.json', activation or 'linear')
        self.unroll('convert', 'r.json', 'own.json')
        own = (self.root / 'own.json').read_text()
        for activation in expected:
            with self.subTest(activation):
                self.write({'m.json': own.replace('"elu"', f'"{activation}"')})
                check('m.json', activation)

    def test_runs_prelu_of_rtneural_onnx_and_its_own_files(self):
        layers = [{'type': 'dense', 'activation': '', 'shape': [None, None, 2], 'weights': [[[1, 0], [0, 1]], [0, 0]]},
                  {'type': 'prelu', 'activation': '', 'shape': [None, None, 2], 'weights': [[[0.5, -2]]]}]
        self.write({'r.json': json.dumps({'in_shape': [None, None, 2], 'layers': layers}),
                    'in.csv': '1,-1\n-1,1\n-3,-0.5\n'})
        self.unroll('convert', 'r.json', 'own.json', '--to', 'json')
        self.unroll('convert', 'own.json', 'again.json', '--to', 'rtneural')
        self.unroll('convert', 'own.json', 'm.onnx')
        for name in ('r.json', 'own.json', 'again.json', 'm.onnx'):
            self.unroll('run', name, 'in.csv', 'out.csv')
            self.assertEqual(self.numbers('out.csv'), [[1, 2], [-0.5, 1], [-1.5, 1]])
        layers[1].update(shape=[None, 3, 1.0], weights=[[[-2]]])  # as PyTorch's default goes to RTNeural: one slope for all
        self.write({'one.json': json.dumps({'in_shape': [None, None, 2], 'layers': layers})})
        self.unroll('run', 'one.json', 'in.csv', 'out.csv')
        self.assertEqual(self.numbers('out.csv'), [[1, 2], [2, 1], [6, 1]])
        self.fails('PReLU "p_re_lu" cannot be held', 'convert', 'own.json', 'x.npz', '--to', 'pytorch')

    def test_says_which_activation_and_layer_are_not_known(self):
        layer = {'type': 'dense', 'activation': 'mish', 'shape': [None, None, 1], 'weights': [[[1], [2]], [0]]}
        self.write({'r.json': json.dumps({'in_shape': [None, None, 2], 'layers': [layer]})})
        self.fails('r.json: layers[0]: the activation is "mish"', 'run', 'r.json', 'in.csv', 'out.csv')
        for kind in ('conv1d', 'conv2d', 'batchnorm', 'batchnorm2d'):
            self.write({'r.json': json.dumps({'in_shape': [None, None, 2], 'layers': [{**layer, 'type': kind}]})})
            self.fails(f'r.json: layers[0]: the type is "{kind}", expected lstm', 'run', 'r.json', 'in.csv', 'out.csv')

    def test_applies_gains_and_skip(self):
        layers = [{'type': 'lstm', 'activation': '', 'shape': [None, None, 1],
                   'weights': [[[0.5, -0.25, 1, 0.75]], [[0.125, 0.5, -1, 0.25]], [0.25, 0.5, -0.5, 0.125]]},
                  {'type': 'dense', 'activation': '', 'shape': [None, None, 1], 'weights': [[[2]], [0.5]]}]
        # The same model of NAM: gates i, f, g, o; the initial state is 0.
        nam = {'config': {'input_size': 1, 'hidden_size': 1},
               'weights': [0.5, 0.125, -0.25, 0.5, 1, -1, 0.75, 0.25, 0.25, 0.5, -0.5, 0.125, 0, 0, 2, 0.5]}
        x = [0.5, -0.25, 0.75, 1]
        self.write({'in1.csv': ''.join(f'{v}\n' for v in x)})
        gain = 10 ** (6 / 20)
        plain = outputs(nam, [[v * gain] for v in x])
        for skip, expected in [(0, [y * 10 ** (-3 / 20) for y in plain]), (1, [y + v * gain for y, v in zip(plain, x)])]:
            self.write({'a.aidax': json.dumps({'in_shape': [None, None, 1], 'layers': layers, 'in_skip': skip,
                                               'in_gain': 6, 'out_gain': -3})})
            self.unroll('run', 'a.aidax', 'in1.csv', 'out.csv')
            self.check_close([y for y, in self.numbers('out.csv')], expected)

    def test_takes_constant_memory(self):
        self.write_model('one.nam')
        for name, rows in (('short', 1), ('long', 1000000)):
            self.write({f'{name}.csv': '0.25\n' * rows})
            self.write_wav(f'{name}.wav', [8192] * rows)
            (self.root / f'{name}.npy').write_bytes(npy('<f8', (rows,), struct.pack('<d', 0.25) * rows))
        for extension in ('csv', 'npy', 'wav'):
            with self.subTest(extension):
                short, long = (self.peak_kilobytes(name, extension) for name in ('short', 'long'))
                self.assertLess(long, short + 4096)

    def peak_kilobytes(self, name, extension):
        program = subprocess.Popen([PROGRAM, 'run', 'one.nam', f'{name}.{extension}', f'out.{extension}'],
                                   cwd=self.root)
        _, program.returncode, usage = os.wait4(program.pid, 0)
        self.assertEqual(program.returncode, 0)
        return usage.ru_maxrss

    def test_says_what_is_wrong_with_the_inputs(self):
        self.write({'three.csv': '1,2,3\n', 'ragged.csv': '1,2\n1\n', 'text.csv': '1,2\n3,x\n', 'empty.csv': '',
                    'names.csv': 'a,b\n', 'in.txt': ''})
        (self.root / 'short.npy').write_bytes(npy('<f4', (10, 2), bytes(79)))
        (self.root / 'cube.npy').write_bytes(npy('<f4', (1, 1, 2), bytes(8)))
        (self.root / 'fortran.npy').write_bytes(npy('<f4', (10, 2), bytes(80), True))
        (self.root / 'huge.npy').write_bytes(npy('<f4', (1 << 60, 2), bytes(8)))
        for name, expected in [
            ('three.csv', 'there are 3 numbers a step, expected 2'), ('ragged.csv', 'line 2: expected 2 numbers, got 1'),
            ('text.csv', 'line 2: expected a number, got "x"'), ('empty.csv', 'there is no row'),
            ('names.csv', 'there is no row'), ('none.csv', 'No such file'), ('in.txt', 'expected .csv, .npy or .wav'),
            ('short.npy', 'the file ends'), ('cube.npy', 'got 3 axes'), ('fortran.npy', "Fortran's order"),
            ('huge.npy', 'the file ends'), ('in.csv/x.csv', 'Not a directory'), ('.', 'expected .csv')]:
            with self.subTest(name):
                self.fails(expected, 'run', 'm.nam', name, 'out.csv')

    def test_says_what_is_wrong_with_the_rate(self):
        self.write_model('one.nam')
        self.write_wav('in.wav', [0] * 10, rate=44100)
        self.write_wav('stereo.wav', [0] * 10, channels=2)
        self.write({'bad.wav': 'RIFF'})
        self.fails('the sample rate is 44100 Hz, expected 48000 Hz', 'run', 'one.nam', 'in.wav', 'out.wav')
        self.fails('there are 2 numbers a step, expected 1', 'run', 'one.nam', 'stereo.wav', 'out.wav')
        self.fails('bad.wav', 'run', 'one.nam', 'bad.wav', 'out.wav')
        self.unroll('run', 'one.nam', 'in.wav', 'out.wav', '--sample-rate', 44100)
        self.assertTrue((self.root / 'out.wav').exists())

    def test_refuses_a_wav_that_is_shorter_than_its_header_says(self):
        self.write_model('one.nam')
        self.write_wav('whole.wav', range(0, 20000, 2))
        whole = (self.root / 'whole.wav').read_bytes()
        self.assertEqual(whole[36:44], b'data' + struct.pack('<I', 20000))
        sized = lambda at, size, data=whole: data[:at] + struct.pack('<I', size) + data[at + 4:]
        noted = whole[:36] + b'note\x03\0\0\0odd\0' + whole[36:]
        data, riff = (f'cut.wav: byte {at}: the header of "{name}" says ' for at, name in ((36, 'data'), (0, 'RIFF')))
        for content, expected in [
            (whole[:-1], f'{data}20000 bytes, the file ends after 19999'),
            (whole[:15044], f'{data}20000 bytes, the file ends after 15000'),
            (whole[:44], f'{data}20000 bytes, the file ends after 0'),
            (sized(40, 0x7ffffffe), f'{data}2147483646 bytes, the file ends after 20000'),
            (sized(4, 0xffffffff)[:15044], f'{data}20000 bytes, the file ends after 15000'),
            (noted[:-2], f'cut.wav: byte 48: the header of "data" says 20000 bytes, the file ends after 19998'),
            (sized(4, 20045), f'{riff}20045 bytes, the file ends after 20036'),
            (sized(40, 0xffffffff)[:15044], f'{riff}20036 bytes, the file ends after 15036'),
            (sized(4, 0, sized(40, 0)), f'{data}0 bytes, the file ends after 20000'),
            (sized(4, 36, sized(40, 0)), f'{data}0 bytes, the file ends after 20000')]:  # as Python's wave to a pipe
            with self.subTest(expected):
                (self.root / 'cut.wav').write_bytes(content)
                self.fails(expected, 'run', 'one.nam', 'cut.wav', 'out.wav')
                self.fails(expected, 'train', 'amp', 'whole.wav', 'cut.wav', '--out', 'run')

        def check(content, message):
            with self.subTest(message):
                (self.root / 'in.wav').write_bytes(content)
                self.unroll('run', 'one.nam', 'in.wav', 'out.csv')
                self.assertEqual(self.numbers('out.csv'), expected)

        self.unroll('run', 'one.nam', 'whole.wav', 'out.csv')
        expected = self.numbers('out.csv')
        self.assertEqual(len(expected), 10000)
        check(sized(40, 0xffffffff), 'samples to a pipe')
        check(sized(4, 0xffffffff, sized(40, 0xffffffff)), 'all to a pipe')
        check(sized(4, 8, sized(40, 0)), 'never finished by libsndfile')
        check(sized(4, 0), 'size of the file not known')
        check(sized(4, len(whole)), 'size of the file with its header')
        check(noted, 'a chunk of odd size before the samples')
        check(whole + b'note\x04\0\0\0', 'a cut chunk behind the samples')
        expected = []
        check(sized(4, 36, sized(40, 0))[:44], 'no samples')
        check(sized(4, 48, sized(40, 0))[:44] + b'note\x04\0\0\0text', 'no samples, and a chunk')

    def test_says_what_is_wrong_with_the_model_or_the_output(self):
        self.write({'bad.nam': '{"architecture": "WaveNet"}', 'tensor.npy': ''})
        (self.root / 'tensor.npy').write_bytes(npy('<f4', (2,), bytes(8)))
        self.fails('architecture is "WaveNet"', 'run', 'bad.nam', 'in.csv', 'out.csv')
        self.fails('tensors without layers', 'run', 'tensor.npy', 'in.csv', 'out.csv')
        self.fails('expected .csv, .npy or .wav', 'run', 'm.nam', 'in.csv', 'out')
        self.fails('none/out.csv', 'run', 'm.nam', 'in.csv', 'none/out.csv')
        self.fails('OUT is required', 'run', 'm.nam', 'in.csv')


if __name__ == '__main__':
    case_report.main()
