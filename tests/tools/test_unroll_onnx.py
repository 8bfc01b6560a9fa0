import json
import math
import unittest

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
    unittest.main()
