import json
import math
import unittest

import case_report
from test_unroll_names import keras_shapes, random_tensors, torch_shapes
from unroll_program import ProgramTest, lstm, outputs

try:
    import numpy
    import onnxruntime
except ImportError:
    onnxruntime = None


def without_initial_state(model):
    units = model['config']['hidden_size']
    at = len(model['weights']) - units - 1 - 2 * units
    model['weights'][at:at + 2 * units] = [0] * (2 * units)
    return model


class Onnx(ProgramTest):
    rows = [[math.sin(k), k / 7] for k in range(10)]

    def setUp(self):
        super().setUp()
        self.model = without_initial_state(lstm(3, inputs=2))
        self.write({'m.nam': json.dumps(self.model), 'in.csv': ''.join(f'{a!r},{b!r}\n' for a, b in self.rows)})

    def test_goes_out_and_comes_in(self):
        self.unroll('convert', 'm.nam', 'm.onnx')
        self.assertEqual(self.unroll('diff', 'm.nam', 'm.onnx', '--tolerance', '1e-6')[0], '')
        self.unroll('run', 'm.onnx', 'in.csv', 'out.csv')
        self.check_close([y for y, in self.numbers('out.csv')], outputs(self.model, self.rows))

    def test_refuses_initial_states(self):
        self.write({'s.nam': json.dumps(lstm(3))})
        self.fails("onnx cannot hold the model's initial states", 'convert', 's.nam', 's.onnx')

    def check_alike(self, name, *options):
        """onnxruntime answers what `run` does."""
        self.unroll('convert', name, 'x.onnx', *options)
        self.unroll('run', name, 'in.csv', 'out.csv', *options)
        self.check_close(self.in_onnxruntime().reshape(-1), sum(self.numbers('out.csv'), []), 1e-5)

    def in_onnxruntime(self):
        session = onnxruntime.InferenceSession(str(self.root / 'x.onnx'))
        return session.run(None, {'inputs': numpy.array(self.rows, numpy.float32)[:, None, :]})[0]

    @unittest.skipUnless(onnxruntime, 'onnxruntime is not installed: pip install onnxruntime')
    def test_every_kind_of_layer_answers_alike_in_onnxruntime(self):
        for name, gates, bias, options in [
                ('simple_rnn', 1, 1, ()), ('rnn', 1, 1, ('--activation', 'rnn=relu')), ('gru', 3, 1, ()), ('gru', 3, 2, ()),
                ('lstm', 4, 1, ()), ('lstm', 4, 0, ())]:
            with self.subTest(name, gates=gates, bias=bias):
                shapes = {**keras_shapes(f'{name}/{name}_cell', gates, 2, 5, bias), 'dense/kernel': [5, 3],
                          'dense/bias': [3]}
                self.write_safetensors('x.safetensors', random_tensors(shapes))
                self.check_alike('x.safetensors', *options)
        for activation in ('elu', 'relu', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh'):
            with self.subTest(activation):
                self.check_alike('x.safetensors', '--activation', 'dense=' + activation)
        self.write_safetensors('x.safetensors', random_tensors({**shapes, 'p_re_lu/alpha': [1, 5]}))
        self.check_alike('x.safetensors')
        self.write_safetensors('x.safetensors', random_tensors(torch_shapes('', 3, 2, 4, layers=3)))
        self.check_alike('x.safetensors')

    @unittest.skipUnless(onnxruntime, 'onnxruntime is not installed: pip install onnxruntime')
    def test_lengths_of_sequences_are_those_of_onnxruntime(self):
        lengths = [10, 3, 1, 7]
        for gates in (1, 3, 4):
            for directions in (1, 2):
                with self.subTest(gates=gates, directions=directions):
                    tensors = random_tensors(torch_shapes('', gates, 2, 3, directions=directions))
                    self.write_safetensors('x.safetensors', tensors)
                    self.unroll('convert', 'x.safetensors', 'x.onnx', '--sequence-length')
                    x = numpy.random.default_rng(gates).normal(size=(10, len(lengths), 2)).astype(numpy.float32)
                    session = onnxruntime.InferenceSession(str(self.root / 'x.onnx'))
                    got = session.run(None, {'inputs': x, 'sequence_length': numpy.array(lengths, numpy.int32)})[0]
                    for row, length in enumerate(lengths):
                        self.assertFalse(got[length:, row].any())
                        for direction, end in enumerate(['_l0', '_l0_reverse'][:directions]):
                            one = {name[:-len(end)] + '_l0': t for name, t in tensors.items() if name.endswith(end)}
                            step = 1 - 2 * direction
                            expected = self.run_alone(one, x[:length, row][::step])[::step]
                            columns = got[:length, row, 3 * direction:3 * direction + 3]
                            self.check_close(columns.reshape(-1), expected.reshape(-1), 1e-5)
        self.fails('--sequence-length is for onnx, not for npz', 'convert', 'x.safetensors', 'x.npz', '--sequence-length')

    def run_alone(self, tensors, rows):
        self.write_safetensors('one.safetensors', tensors)
        self.write({'one.csv': ''.join(f'{a!r},{b!r}\n' for a, b in rows.tolist())})
        self.unroll('run', 'one.safetensors', 'one.csv', 'out.csv')
        return numpy.array(self.numbers('out.csv'))

    @unittest.skipUnless(onnxruntime, 'onnxruntime is not installed: pip install onnxruntime')
    def test_peepholes_answer_alike_in_onnxruntime(self):
        self.unroll('convert', 'm.nam', 'm.json')
        model = json.loads((self.root / 'm.json').read_text())
        cell = model['modules'][0]
        cell['config']['use_peepholes'] = True
        for k, gate in enumerate('fio'):
            cell['variables'].append({**cell['variables'][1], 'name': f'lstm_cell/w_{gate}_diag', 'shape': [3],
                                      'data': [0.5 * k - 0.25, -1.5, 2]})
        self.write({'p.json': json.dumps(model)})
        self.check_alike('p.json')
        self.unroll('diff', 'p.json', 'x.onnx', '--tolerance', '1e-6')
        for format in ('rtneural', 'nam', 'aidax', 'guitarml', 'pytorch', 'keras'):
            self.fails('LSTMCell "lstm_cell" has use_peepholes', 'convert', 'p.json', 'p.npz', '--to', format)

    @unittest.skipUnless(onnxruntime, 'onnxruntime is not installed: pip install onnxruntime')
    def test_two_directions_answer_alike_in_onnxruntime(self):
        for gates in (1, 3, 4):
            tensors = random_tensors(torch_shapes('', gates, 2, 3, directions=2))
            self.write_safetensors('x.safetensors', tensors)
            self.unroll('convert', 'x.safetensors', 'x.onnx')
            both = self.in_onnxruntime()[:, 0]
            self.write({'turned.csv': ''.join(f'{a!r},{b!r}\n' for a, b in reversed(self.rows))})
            for end, rows, columns in [('_l0', 'in.csv', both[:, :3]), ('_l0_reverse', 'turned.csv', both[::-1, 3:])]:
                one = {name[:-len(end)] + '_l0': tensor for name, tensor in tensors.items() if name.endswith(end)}
                self.write_safetensors('one.safetensors', one)
                self.unroll('run', 'one.safetensors', rows, 'out.csv')
                self.check_close(columns.reshape(-1), sum(self.numbers('out.csv'), []), 1e-5)

    @unittest.skipUnless(onnxruntime, 'onnxruntime is not installed: pip install onnxruntime')
    def test_answers_alike_in_onnxruntime(self):
        gru = {'in_shape': [None, None, 2], 'layers': [
            {'type': 'gru', 'activation': '', 'shape': [None, None, 1],
             'weights': [[[0.5, -0.25, 1], [0.75, 0.25, -1]], [[-0.5, 1, 0.75]], [[0.25, -0.5, 0.125], [0.5, 1, -0.75]]]},
            {'type': 'dense', 'activation': 'tanh', 'shape': [None, None, 1], 'weights': [[[2]], [0.5]]}]}
        self.write({'gru.json': json.dumps(gru)})
        for name in ('m.nam', 'gru.json'):
            with self.subTest(name):
                self.unroll('convert', name, 'x.onnx')
                self.unroll('run', name, 'in.csv', 'out.csv')
                session = onnxruntime.InferenceSession(str(self.root / 'x.onnx'))
                got = session.run(None, {'inputs': numpy.array(self.rows, numpy.float32)[:, None, :]})[0]
                self.check_close(got[:, 0, 0], [y for y, in self.numbers('out.csv')])
                if name == 'm.nam':
                    self.check_close(got[:, 0, 0], outputs(self.model, self.rows))


if __name__ == '__main__':
    case_report.main()
