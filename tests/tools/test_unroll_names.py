"""Layers that are told by names and shapes of tensors."""
import json
import math
import random

import case_report
from unroll_program import ProgramTest, lstm, outputs

SIGMOID = lambda x: 1 / (1 + math.exp(-x))


def random_tensors(shapes, seed=1):
    draw = random.Random(seed)
    return {name: (shape, [draw.uniform(-1, 1) for _ in range(math.prod(shape))]) for name, shape in shapes.items()}


def torch_shapes(prefix, gates, inputs, units, layers=1, directions=1, projection=0):
    shapes = {}
    for k in range(layers):
        for end in [f'_l{k}', f'_l{k}_reverse'][:directions]:
            shapes[f'{prefix}weight_ih{end}'] = [gates * units, inputs if k == 0 else (projection or units) * directions]
            shapes[f'{prefix}weight_hh{end}'] = [gates * units, projection or units]
            shapes[f'{prefix}bias_ih{end}'] = shapes[f'{prefix}bias_hh{end}'] = [gates * units]
            if projection:
                shapes[f'{prefix}weight_hr{end}'] = [projection, units]
    return shapes


def keras_shapes(path, gates, inputs, units, bias=1):
    shapes = {f'{path}/kernel': [inputs, gates * units], f'{path}/recurrent_kernel': [units, gates * units]}
    if bias:
        shapes[f'{path}/bias'] = [gates * units] if bias == 1 else [2, gates * units]
    return shapes


def nested(tensors):
    """As tolist() of PyTorch gives them."""
    rows = lambda size, numbers: [numbers[k:k + size] for k in range(0, len(numbers), size)]
    return {name: rows(shape[1], numbers) if len(shape) == 2 else numbers for name, (shape, numbers) in tensors.items()}


class Names(ProgramTest):
    rows = [[math.sin(k), k / 7] for k in range(10)]

    def setUp(self):
        super().setUp()
        self.write({'in.csv': ''.join(f'{a!r},{b!r}\n' for a, b in self.rows)})

    def layers(self, name, *options):
        """The lines of inspect that describe layers."""
        self.unroll('convert', name, 'layers.json', *options)
        return [line for line in self.unroll('inspect', 'layers.json')[0].splitlines() if '=' in line]

    def run_model(self, name, *options):
        self.unroll('run', name, 'in.csv', 'out.csv', *options)
        return self.numbers('out.csv')


class Torch(Names):
    def test_kinds_and_sizes_are_told_by_shapes(self):
        for gates, expected in [(1, 'BasicRNNCell'), (3, 'CudnnCompatibleGRUCell'), (4, 'LSTMCell')]:
            self.write_safetensors('x.safetensors', random_tensors(torch_shapes('', gates, 2, 5)))
            self.assertEqual(self.layers('x.safetensors'), [expected + ' num_units=5 activation=tanh'])
        self.write_safetensors('x.safetensors', random_tensors(torch_shapes('rnn.', 4, 2, 5, projection=3)))
        self.assertEqual(self.layers('x.safetensors'), ['LSTMCell num_units=5 num_proj=3 activation=tanh'])
        self.write_safetensors('x.safetensors', random_tensors(torch_shapes('rnn.', 3, 2, 5, layers=2)))
        self.assertEqual(len(self.run_model('x.safetensors')[0]), 5)

    def test_goes_out_and_comes_in(self):
        for to in ('pytorch', 'keras'):
            for end in ('npz', 'safetensors'):
                model = self.write_model(units=4, inputs=2)
                model['weights'][-13:-5] = [0] * 8
                self.write({'m.nam': json.dumps(model)})
                self.unroll('convert', 'm.nam', 'p.' + end, '--to', to)
                self.assertEqual(self.unroll('diff', 'm.nam', 'p.' + end, '--tolerance', '1e-6')[0], '')
                self.unroll('convert', 'p.' + end, 'n.nam')
                self.assertEqual(self.unroll('diff', 'm.nam', 'n.nam', '--tolerance', '1e-6')[0], '')
                self.check_close([y for y, in self.run_model('p.' + end)], outputs(model, self.rows))

    def test_the_other_activation_of_an_rnn_is_an_option(self):
        tensors = random_tensors(torch_shapes('rnn.', 1, 2, 1))
        self.write_safetensors('x.safetensors', tensors)
        (a, b), u, bias = (tensors['rnn.weight_ih_l0'][1], tensors['rnn.weight_hh_l0'][1][0],
                           tensors['rnn.bias_ih_l0'][1][0] + tensors['rnn.bias_hh_l0'][1][0])
        for options, f in [((), math.tanh), (('--activation', 'rnn=relu'), lambda x: max(x, 0))]:
            h, expected = 0, []
            for x, y in self.rows:
                h = f(a * x + b * y + u * h + bias)
                expected.append(h)
            self.check_close([y for y, in self.run_model('x.safetensors', *options)], expected)
        self.fails('has the activation "elu", which PyTorch', 'run', 'x.safetensors', 'in.csv', 'o.csv', '--activation', 'rnn=elu')
        self.fails('there is no "gru" among "rnn"', 'run', 'x.safetensors', 'in.csv', 'o.csv', '--activation', 'gru=relu')

    def test_layers_follow_one_another_by_their_sizes(self):
        linear = lambda name, inputs, units: {f'{name}.weight': [units, inputs], f'{name}.bias': [units]}
        shapes = {**linear('a', 7, 1), **linear('b', 5, 7), **torch_shapes('rnn.', 4, 2, 5)}
        self.write_safetensors('x.safetensors', random_tensors(shapes))
        self.assertEqual(self.layers('x.safetensors'), ['LSTMCell num_units=5 activation=tanh',
                                                        'Dense units=7 activation=linear', 'Dense units=1 activation=linear'])
        self.assertEqual(self.layers('x.safetensors', '--activation', 'a=elu')[-1], 'Dense units=1 activation=elu')
        shapes = {**linear('first', 5, 5), **linear('then', 5, 5), **torch_shapes('rnn.', 4, 2, 5)}
        self.write_safetensors('x.safetensors', random_tensors(shapes))
        self.fails('"first" and "then" can change places', 'convert', 'x.safetensors', 'x.json')
        self.assertEqual(len(self.layers('x.safetensors', '--layers', 'rnn,then,first')), 3)
        self.assertNotEqual(self.run_model('x.safetensors', '--layers', 'rnn,then,first'),
                            self.run_model('x.safetensors', '--layers', 'rnn,first,then'))
        self.fails('has to be named once', 'convert', 'x.safetensors', 'x.json', '--layers', 'rnn,then')
        self.fails('"rnn" has 2 inputs, what comes before it 5', 'convert', 'x.safetensors', 'x.json', '--layers',
                   'first,rnn,then')
        shapes = {**linear('fc.10', 5, 5), **linear('fc.2', 5, 5), **torch_shapes('rnn.', 4, 2, 5)}
        self.write_safetensors('x.safetensors', random_tensors(shapes))
        self.assertEqual(self.run_model('x.safetensors'), self.run_model('x.safetensors', '--layers', 'rnn,fc.2,fc.10'))

    def test_two_directions_go_where_they_can(self):
        shapes = {**torch_shapes('rnn.', 3, 2, 4, layers=2, directions=2), 'fc.weight': [1, 8], 'fc.bias': [1]}
        self.write_safetensors('x.safetensors', random_tensors(shapes))
        for name, to in [('p.npz', 'pytorch'), ('k.npz', 'keras'), ('o.onnx', 'onnx')]:
            self.unroll('convert', 'x.safetensors', name, '--to', to)
            self.assertEqual(self.unroll('diff', 'x.safetensors', name, '--tolerance', '1e-6')[0], '')
        self.write({'old': 'old'})
        for to in ('rtneural', 'nam', 'aidax', 'guitarml'):
            self.fails(f'CudnnCompatibleGRUCell "cudnn_compatible_gru_cell" has two directions, which {to} cannot hold',
                       'convert', 'x.safetensors', 'old', '--to', to)
            self.assertEqual((self.root / 'old').read_text(), 'old')
        self.fails('two directions', 'convert', 'x.safetensors', 'r.json')
        self.fails('a stream cannot be run through', 'run', 'x.safetensors', 'in.csv', 'out.csv')

    def test_says_what_is_no_layer(self):
        good = torch_shapes('rnn.', 4, 2, 5)
        for change, expected in [({'norm.running_mean': [5]}, '"norm.running_mean" belongs to no RNN'),
                                 ({'norm.weight': [5]}, '"norm.weight" has shape (5,), expected a matrix'),
                                 ({'rnn.weight_hh_l0': [20, 4]}, 'which is no RNN, GRU or LSTM of 4 units'),
                                 ({'rnn.weight_ih_l2': [20, 5]}, '"rnn.weight_ih_l2" belongs to no layer'),
                                 ({'embedding.weight': [5, 9]}, 'do not follow one another')]:
            self.write_safetensors('x.safetensors', random_tensors({**good, **change}))
            self.assertIn('no layers: ', self.unroll('inspect', 'x.safetensors')[0])
            self.fails('tensors without layers', 'convert', 'x.safetensors', 'x.json')
            self.fails(expected, 'convert', 'x.safetensors', 'x.json')


class Keras(Names):
    def test_kinds_and_sizes_are_told_by_shapes(self):
        for path, gates, bias, expected in [
                ('simple_rnn/simple_rnn_cell', 1, 1, 'BasicRNNCell num_units=5'), ('gru_2/gru_cell_4', 3, 1, 'GRUCell num_units=5'),
                ('gru/gru_cell', 3, 2, 'CudnnCompatibleGRUCell num_units=5'), ('lstm/lstm_cell', 4, 1, 'LSTMCell num_units=5'),
                ('sequential/lstm/lstm_cell', 4, 0, 'LSTMCell num_units=5')]:
            self.write_safetensors('x.safetensors', random_tensors(keras_shapes(path, gates, 2, 5, bias)))
            self.assertEqual(self.layers('x.safetensors'), [expected + ' activation=tanh'])

    def test_a_gru_without_a_bias_needs_an_option(self):
        self.write_safetensors('x.safetensors', random_tensors(keras_shapes('gru/gru_cell', 3, 2, 5, 0)))
        self.fails('give it with --reset-after', 'convert', 'x.safetensors', 'x.json')
        self.assertEqual(self.layers('x.safetensors', '--reset-after', 'true'), ['CudnnCompatibleGRUCell num_units=5 activation=tanh'])
        self.assertEqual(self.layers('x.safetensors', '--reset-after', 'false'), ['GRUCell num_units=5 activation=tanh'])

    def test_stacks_and_activations(self):
        shapes = {**keras_shapes('rnn/stacked_rnn_cells/gru_cell', 3, 3, 6, 2),
                  **keras_shapes('rnn/stacked_rnn_cells/lstm_cell', 4, 2, 3),
                  **keras_shapes('rnn/stacked_rnn_cells/lstm_cell_1', 4, 6, 4),
                  'dense/kernel:0': [4, 1], 'dense/bias:0': [1]}
        self.write_safetensors('x.safetensors', random_tensors(shapes))
        self.unroll('convert', 'x.safetensors', 'k.npz', '--to', 'keras')
        self.assertEqual(self.unroll('diff', 'x.safetensors', 'k.npz', '--tolerance', '1e-6')[0], '')
        self.unroll('convert', 'k.npz', 'x.npz')
        self.assertIn('multi_rnn_cell/cell_1/cudnn_compatible_gru_cell', self.unroll('inspect', 'x.npz')[0])
        self.assertNotEqual(self.run_model('k.npz', '--activation', 'dense=tanh'), self.run_model('k.npz'))


class Json(Names):
    def test_tensors_in_nested_arrays_are_the_model_that_they_are_in_other_files(self):
        for origin, shapes, options in [
                ('PyTorch', {**torch_shapes('rec.', 4, 2, 5), 'lin.weight': [1, 5], 'lin.bias': [1]}, ()),
                ('PyTorch', {'dense.weight': [3, 5], **torch_shapes('gru.', 3, 2, 5, layers=2)}, ('--activation', 'dense=elu')),
                ('Keras', {'d/kernel': [4, 1], 'd/bias': [1], **keras_shapes('gru/gru_cell', 3, 2, 4, 2)}, ('--layers', 'gru,d'))]:
            with self.subTest(origin, options=options):
                tensors = random_tensors(shapes)
                self.write_safetensors('x.safetensors', tensors)
                self.write({'x.json': json.dumps(nested(tensors))})
                self.assertEqual(self.unroll('inspect', 'x.json')[0].split('\n', 1)[0], f'x.json: json, names of {origin}')
                self.assertEqual(self.unroll('diff', 'x.safetensors', 'x.json')[0], '')
                self.assertEqual(self.run_model('x.json', *options), self.run_model('x.safetensors', *options))

    def test_says_which_member_is_no_tensor(self):
        good = nested(random_tensors({**torch_shapes('rec.', 1, 2, 2), 'lin.weight': [1, 2], 'lin.bias': [1]}))
        anything = 'expected a vector or a matrix of numbers, got '
        for name, value, expected in [
                ('rec.bias_hh_l0', 3, anything + '3'), ('rec.bias_hh_l0', None, anything + 'null'), ('epoch', 'x', anything + '"x"'),
                ('lin.weight', [[[1, 2]]], anything + '[[[1,2]]]'), ('lin.weight', {'a': 1}, anything + '{"a":1}'),
                ('rec.weight_ih_l0', [[1, 2], [3]], 'expected an array of 2 like the others, got [3]'),
                ('rec.weight_ih_l0', [[1], 2], 'expected an array of 1 like the others, got 2'),
                ('rec.bias_ih_l0', [1, [2]], '[2] is no number'), ('rec.bias_ih_l0', [1, 'x'], '"x" is no number'),
                ('rec.bias_ih_l0', [1, True], 'true is no number')]:
            with self.subTest(name, value=value):
                self.write({'x.json': json.dumps({**good, name: value})})
                self.fails(f'x.json: tensors by names of PyTorch: {name}: {expected}', 'inspect', 'x.json')
        for name, value, expected in [('rec.weight_hh_l0', [[1, 2]], '"rec.weight_hh_l0" has shape (1, 2), expected (2, 2)'),
                                      ('lin.weight', [], '"lin.weight" has shape (0,), expected a matrix'),
                                      ('norm.weight', [1, 2], '"norm.weight" has shape (2,), expected a matrix')]:
            with self.subTest(name, value=value):
                self.write({'x.json': json.dumps({**good, name: value})})
                self.assertIn('no layers: ', self.unroll('inspect', 'x.json')[0])
                self.fails(expected, 'convert', 'x.json', 'y.json')


if __name__ == '__main__':
    case_report.main()
