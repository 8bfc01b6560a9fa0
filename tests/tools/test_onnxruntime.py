"""What `unroll convert` writes as ONNX, run by onnxruntime."""
import json
import sys
import unittest

from unroll_program import ProgramTest, lstm, outputs

try:
    import numpy
    import onnxruntime
except ImportError:
    print('onnxruntime is not installed: its answers are not compared')
    sys.exit(77)


class OnnxRuntime(ProgramTest):
    def test_gives_the_outputs_of_the_model(self):
        model = lstm(units=5, inputs=2)
        head = 5 + 1
        states = 2 * 5
        model['weights'][-head - states:-head] = [0.0] * states
        self.write({'m.nam': json.dumps(model)})
        self.unroll('convert', 'm.nam', 'm.onnx')
        rows = [[0.5 - 0.1 * t, 0.3 * t - 1] for t in range(9)]
        session = onnxruntime.InferenceSession(str(self.root / 'm.onnx'), providers=['CPUExecutionProvider'])
        got = session.run(None, {'inputs': numpy.array(rows, 'float32')[:, None]})[0]
        self.assertEqual(got.shape, (9, 1, 1))
        self.check_close(got[:, 0, 0].tolist(), outputs(model, rows))


if __name__ == '__main__':
    unittest.main()
