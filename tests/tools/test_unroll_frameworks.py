"""Models of PyTorch and Keras themselves, and what these compute with files of ours."""
import json
import math
import unittest
import warnings

import case_report
from test_unroll_names import random_tensors, torch_shapes
from unroll_program import ProgramTest, outputs

try:
    import numpy
except ImportError:
    numpy = None
try:
    import torch
except ImportError:
    torch = None
try:
    import onnx
except ImportError:
    onnx = None
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
        self.unroll('convert', 'm.nam', 'm.npz', '--weights-only')
        self.unroll('convert', 'm.nam', 'm.safetensors', '--weights-only')
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


@unittest.skipUnless(torch and load_file, 'PyTorch is not installed: pip install torch safetensors numpy')
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
        self.unroll('convert', 'm.nam', 'p.npz', '--to', 'pytorch', '--weights-only')  # the states are given below
        model = torch.nn.ModuleDict({'lstm_cell': torch.nn.LSTM(2, 3), 'dense': torch.nn.Linear(3, 1)})
        with numpy.load(self.root / 'p.npz') as file:
            model.load_state_dict({name: torch.from_numpy(file[name]) for name in file.files})
        state = torch.tensor(nam['weights'][-10:-4])[:, None, None].reshape(2, 1, 1, 3)
        with torch.no_grad():
            y = model.dense(model.lstm_cell(torch.tensor(self.rows)[:, None], tuple(state))[0])
        self.check_close(y[:, 0, 0].tolist(), outputs(nam, self.rows))

    def test_takes_our_safetensors(self):
        nn = torch.nn
        for gates, make in [(1, nn.RNN), (3, nn.GRU), (4, nn.LSTM)]:
            for layers, directions, projection in [(1, 1, 0), (3, 1, 0), (2, 2, 0)] + [(2, 1, 3), (1, 2, 2)] * (gates == 4):
                with self.subTest(make.__name__, layers=layers, directions=directions, projection=projection):
                    size = (projection or 4) * directions
                    tensors = random_tensors({**torch_shapes('rnn.', gates, 2, 4, layers, directions, projection),
                                              'fc.weight': [3, size], 'fc.bias': [3]})
                    self.write_safetensors('x.safetensors', tensors)
                    self.unroll('convert', 'x.safetensors', 'y.safetensors', '--to', 'pytorch')
                    ours = load_file(str(self.root / 'y.safetensors'))
                    options = {'proj_size': projection} if projection else {}
                    rnn = make(2, 4, num_layers=layers, bidirectional=directions == 2, **options)
                    fc = nn.Linear(size, 3)
                    prefix = next(name for name in ours if 'weight_ih' in name).split('.')[0]
                    self.load(rnn, ours, prefix)
                    self.load(fc, ours, 'dense')
                    self.assertEqual({name.split('.')[0] for name in ours}, {prefix, 'dense'})
                    with torch.no_grad():
                        y = fc(rnn(torch.tensor(self.rows)[:, None])[0])[:, 0]
                    if directions == 1:
                        self.check_run(y, 'x.safetensors')
                    self.check_close(y.reshape(-1).tolist(), self.as_written(tensors, rnn, fc).reshape(-1).tolist())

    def test_computes_what_files_of_amplifiers_have_of_it(self):
        nn = torch.nn
        x = torch.tensor(self.rows)[:, None]
        for unit_type, make, skip in [('LSTM', nn.LSTM, 1), ('GRU', nn.GRU, 0)]:
            with self.subTest(unit_type):
                torch.manual_seed(1)
                model = nn.ModuleDict({'rec': make(2, 8), 'lin': nn.Linear(8, 1)})
                answer = lambda x: (model.lin(model.rec(x)[0]) + skip * x[..., :1]).detach()[:, 0]
                data = {'model': 'SimpleRNN', 'input_size': 2, 'skip': skip, 'output_size': 1, 'unit_type': unit_type,
                        'num_layers': 1, 'hidden_size': 8, 'bias_fl': True}
                self.write({'g.json': json.dumps({'model_data': data, 'state_dict': {
                    name: tensor.tolist() for name, tensor in model.state_dict().items()}})})
                self.check_run(answer(x), 'g.json')
                # What AIDA-X tests itself with: the second input, a knob, is at 0.
                self.unroll('convert', 'g.json', 'a.aidax')
                aidax = json.loads((self.root / 'a.aidax').read_text())
                self.check_run(answer(x), 'a.aidax')
                signal = torch.tensor(aidax['input_batch'])[:, None, None]
                expected = answer(torch.cat([signal, torch.zeros_like(signal)], 2))
                self.check_close(aidax['output_batch'], expected[:, 0].tolist())
                if unit_type == 'LSTM':
                    self.fails('nam cannot hold the model\'s skip', 'convert', 'g.json', 'n.nam')

    @unittest.skipUnless(onnx, 'ONNX is not installed: pip install onnx')
    def test_computes_what_pytorch_exports_to_onnx(self):
        nn = torch.nn

        class Model(nn.Module):
            def __init__(self, recurrent, activation):
                super().__init__()
                self.recurrent, self.head, self.activation = recurrent, nn.Linear(4, 2), activation

            def forward(self, x):
                return self.activation(self.head(self.recurrent(x)[0]))

        x = torch.tensor(self.rows)[:, None]
        for recurrent, activation in [
                (nn.LSTM(2, 4), nn.ELU()), (nn.GRU(2, 4), nn.Softmax(-1)), (nn.RNN(2, 4), nn.Tanh()),
                (nn.RNN(2, 4, nonlinearity='relu'), nn.SELU()), (nn.LSTM(2, 4, num_layers=2), nn.Softplus()),
                (nn.GRU(2, 4), nn.PReLU(init=-0.75))]:
            with self.subTest(str(recurrent), activation=str(activation)), warnings.catch_warnings():
                warnings.simplefilter('ignore')
                model = Model(recurrent, activation)
                torch.onnx.export(model, (x,), str(self.root / 'm.onnx'), dynamo=False)
                self.check_run(model(x).detach(), 'm.onnx')
        for activation, expected in [(nn.ELU(0.5), 'the attribute alpha'), (nn.Softmax(0), 'the softmax of axis 0'),
                                     (nn.Hardswish(), 'the operator HardSwish')]:
            with self.subTest(str(activation)), warnings.catch_warnings():
                warnings.simplefilter('ignore')
                torch.onnx.export(Model(nn.LSTM(2, 4), activation), (x,), str(self.root / 'm.onnx'), dynamo=False)
                self.fails(expected, 'run', 'm.onnx', 'in.csv', 'out2.csv')

    def load(self, module, tensors, prefix):
        """Into a module of PyTorch, which has to have all of them and no others."""
        module.load_state_dict({name[len(prefix) + 1:]: torch.from_numpy(tensor) for name, tensor in tensors.items()
                                if name.startswith(prefix + '.')})

    def as_written(self, tensors, rnn, fc):
        arrays = {name: numpy.array(numbers, numpy.float32).reshape(shape) for name, (shape, numbers) in tensors.items()}
        self.load(rnn, arrays, 'rnn')
        self.load(fc, arrays, 'fc')
        with torch.no_grad():
            return fc(rnn(torch.tensor(self.rows)[:, None])[0])[:, 0]


@unittest.skipUnless(keras and numpy, 'Keras is not installed: pip install tensorflow')
class Keras(Frameworks):
    def setUp(self):
        super().setUp()
        self.x = numpy.array(self.rows, numpy.float32)[None]

    def cases(self, twin=False):
        """Layers before a Dense, and what the program has to be told of them."""
        layers, keep = keras.layers, {'return_sequences': True}
        yield [layers.LSTM(4, **keep)], ()
        yield [layers.LSTM(4, use_bias=twin, **keep)], ()  # our cells always have biases
        yield [layers.GRU(4, **keep)], ()
        yield [layers.GRU(4, reset_after=False, **keep)], ()
        yield [layers.SimpleRNN(4, name='rnn', activation='relu', **keep)], ('net/rnn=relu',)
        yield [layers.LSTM(4, name='a_1', **keep), layers.LSTM(4, name='a_2', **keep)], ()
        cells = [layers.LSTMCell(3), layers.GRUCell(4), layers.LSTMCell(5)]
        yield [layers.RNN(layers.StackedRNNCells(cells), **keep)], ()
        yield [layers.LSTM(4, **keep), layers.PReLU(shared_axes=[1])], ()
        yield [layers.Bidirectional(layers.LSTM(4, **keep))], ()
        yield [layers.Bidirectional(layers.GRU(4, reset_after=False, **keep))], ()

    def models(self):
        """(model, its twin with other weights, options) of each case; m.npz has the model's weights."""
        for (cells, told), (twins, _) in zip(self.cases(), self.cases(twin=True)):
            model, twin = (keras.Sequential([keras.Input((None, 2)), *layers,
                                             keras.layers.Dense(2, name='dense', activation='elu')], name='net')
                           for layers in (cells, twins))
            for k, w in enumerate(model.weights):
                w.assign(numpy.random.default_rng(k).uniform(-1, 1, w.shape))
            # Keras 2 has no paths, and names without the model's.
            numpy.savez(self.root / 'm.npz', **{getattr(w, 'path', 'net/' + w.name): w.numpy() for w in model.weights})
            yield model, twin, ('--activation', ','.join((*told, 'net/dense=elu')))

    def test_computes_alike(self):
        for model, _, options in self.models():
            if isinstance(model.layers[0], keras.layers.Bidirectional):
                continue
            with self.subTest(model.layers[0].name):
                self.check_run(model(self.x).numpy(), 'm.npz', *options)

    def test_takes_our_npz(self):
        for model, twin, options in self.models():
            with self.subTest(model.layers[0].name):
                self.check_twin(model, twin, options)

    def check_twin(self, model, twin, options):
        self.unroll('convert', 'm.npz', 'k.npz', '--to', 'keras', *options)
        with numpy.load(self.root / 'k.npz') as file:
            weights = [file[name] for name in file.files]
        # Layers that follow one another come out as one stack, in the order of their weights.
        expected = model(self.x).numpy().reshape(-1)
        for layer in twin.layers:
            count = len(layer.get_weights())
            layer.set_weights(weights[:count])
            del weights[:count]
        self.assertEqual(weights, [])
        self.check_close(twin(self.x).numpy().reshape(-1), expected)

    def rtneural(self, model):
        """As RTNeural's exporter lays a model out: each layer's weights as Keras has them."""
        listed = []
        for layer in model.layers:
            activation = getattr(layer, 'activation', None)
            name = '' if activation is None else activation.__name__
            listed.append({'type': {'PReLU': 'prelu'}.get(type(layer).__name__, type(layer).__name__.lower()),
                           'activation': '' if name == 'linear' else name, 'shape': [None, None, layer.output.shape[-1]],
                           'weights': [w.tolist() for w in layer.get_weights()]})
        return {'in_shape': [None, None, model.input_shape[-1]], 'layers': listed}

    def test_computes_what_rtneurals_files_have_of_it(self):
        layers, keep = keras.layers, {'return_sequences': True}
        for name, make in [
                ('lstm', lambda: [layers.LSTM(4, **keep), layers.Dense(3, activation='tanh'), layers.Dense(2)]),
                ('gru', lambda: [layers.GRU(4, **keep), layers.Dense(2, activation='softmax')]),
                ('two', lambda: [layers.GRU(5, **keep), layers.LSTM(4, **keep), layers.Dense(2, activation='elu')]),
                ('dense', lambda: [layers.Dense(5, activation='relu'), layers.Dense(2, activation='sigmoid')]),
                ('prelu', lambda: [layers.Dense(4), layers.PReLU(shared_axes=[1]), layers.Dense(2)])]:
            with self.subTest(name):
                model, twin = (keras.Sequential([keras.Input((None, 2)), *make()]) for _ in range(2))
                for k, w in enumerate(model.weights):
                    w.assign(numpy.random.default_rng(k).uniform(-1, 1, w.shape))
                self.write({'m.json': json.dumps(self.rtneural(model))})
                expected = model(self.x).numpy()
                self.check_run(expected, 'm.json')
                self.unroll('convert', 'm.json', 'again.json', '--to', 'rtneural')
                for layer, entry in zip(twin.layers, json.loads((self.root / 'again.json').read_text())['layers'], strict=True):
                    layer.set_weights([numpy.array(w) for w in entry['weights']])
                self.check_close(twin(self.x).numpy().reshape(-1), expected.reshape(-1))


if __name__ == '__main__':
    case_report.main()
