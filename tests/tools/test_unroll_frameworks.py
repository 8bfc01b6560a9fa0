"""Models of PyTorch and Keras themselves, and what these compute with files of ours."""
import json
import math
import unittest

from unroll_program import ProgramTest, lstm, outputs

try:
    import numpy
except ImportError:
    numpy = None
try:
    import torch
except ImportError:
    torch = None
try:
    import keras
except ImportError:
    keras = None
try:
    from safetensors.numpy import load_file
except ImportError:
    load_file = None


class Frameworks(ProgramTest):
    rows = [[math.sin(k), k / 7] for k in range(10)]

    def setUp(self):
        super().setUp()
        self.write({'in.csv': ''.join(f'{a!r},{b!r}\n' for a, b in self.rows)})

    def check_run(self, expected, *arguments):
        self.unroll('run', *arguments[:1], 'in.csv', 'out.csv', *arguments[1:])
        self.check_close(sum(self.numbers('out.csv'), []), [float(y) for y in expected.reshape(-1)], 1e-5)


class Arrays(Frameworks):
    def written(self):
        self.model = self.write_model(inputs=2)
        self.unroll('convert', 'm.nam', 'm.npz')
        self.unroll('convert', 'm.nam', 'm.safetensors')
        rows = [self.model['weights'][5 * k:5 * k + 5] for k in range(12)]  # gates i, f, g, o; x and h side by side
        gates = [rows[3 * k:3 * k + 3] for k in (0, 2, 1, 3)]
        return numpy.array(sum(gates, []), numpy.float32).T

    @unittest.skipUnless(numpy, 'NumPy is not installed: pip install numpy')
    def test_numpy_reads_npz(self):
        kernel = self.written()
        with numpy.load(self.root / 'm.npz') as file:
            self.assertEqual(len(file.files), 4)
            numpy.testing.assert_array_equal(file['lstm_cell/kernel'], kernel)

    @unittest.skipUnless(load_file, 'safetensors is not installed: pip install safetensors numpy')
    def test_safetensors_reads_safetensors(self):
        kernel = self.written()
        tensors = load_file(str(self.root / 'm.safetensors'))
        self.assertEqual(len(tensors), 4)
        numpy.testing.assert_array_equal(tensors['lstm_cell/kernel'], kernel)


@unittest.skipUnless(torch and numpy, 'PyTorch is not installed: pip install torch numpy')
class Torch(Frameworks):
    def test_computes_alike(self):
        nn = torch.nn
        torch.manual_seed(1)
        x = torch.tensor(self.rows)[:, None]
        for make, options in [(lambda: nn.LSTM(2, 4, num_layers=2), ()), (lambda: nn.LSTM(2, 5, proj_size=3), ()),
                              (lambda: nn.GRU(2, 4, num_layers=3), ()), (lambda: nn.RNN(2, 4), ()),
                              (lambda: nn.LSTM(2, 4, bias=False), ()),
                              (lambda: nn.RNN(2, 4, nonlinearity='relu'), ('--activation', 'rnn=relu'))]:
            with self.subTest(str(make())):
                model = nn.ModuleDict({'rnn': make()})
                y = model.rnn(x)[0]
                model['fc'] = nn.Linear(y.shape[-1], 2)
                numpy.savez(self.root / 'm.npz', **{k: v.numpy() for k, v in model.state_dict().items()})
                self.check_run(model.fc(y).detach(), 'm.npz', *options)

    def test_takes_our_state_dict(self):
        nam = self.write_model(inputs=2)
        self.unroll('convert', 'm.nam', 'p.npz', '--to', 'pytorch')
        model = torch.nn.ModuleDict({'lstm_cell': torch.nn.LSTM(2, 3), 'dense': torch.nn.Linear(3, 1)})
        with numpy.load(self.root / 'p.npz') as file:
            model.load_state_dict({name: torch.from_numpy(file[name]) for name in file.files})
        state = torch.tensor(nam['weights'][-10:-4])[:, None, None].reshape(2, 1, 1, 3)
        with torch.no_grad():
            y = model.dense(model.lstm_cell(torch.tensor(self.rows)[:, None], tuple(state))[0])
        self.check_close(y[:, 0, 0].tolist(), outputs(nam, self.rows))


@unittest.skipUnless(keras and numpy, 'Keras is not installed: pip install tensorflow')
class Keras(Frameworks):
    def test_computes_alike(self):
        layers = keras.layers
        x = numpy.array(self.rows, numpy.float32)[None]
        sequences = {'return_sequences': True}
        for make, options in [
                (lambda: [layers.LSTM(4, **sequences)], ()), (lambda: [layers.GRU(4, **sequences)], ()),
                (lambda: [layers.GRU(4, reset_after=False, **sequences)], ()),
                (lambda: [layers.SimpleRNN(4, name='rnn', activation='relu', **sequences)], ('--activation', 'rnn=relu')),
                (lambda: [layers.LSTM(4, name='a_1', **sequences), layers.LSTM(4, name='a_2', **sequences)], ()),
                (lambda: [layers.RNN(layers.StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(4)]), **sequences)], ())]:
            cells = make()
            with self.subTest(str(cells)):
                model = keras.Sequential([keras.Input((None, 2)), *cells, layers.Dense(2)])
                for w in model.weights:
                    w.assign(numpy.random.default_rng(1).uniform(-1, 1, w.shape))
                numpy.savez(self.root / 'm.npz', **{w.name: w.numpy() for w in model.weights})
                self.check_run(model(x).numpy(), 'm.npz', *options)


if __name__ == '__main__':
    unittest.main()
