import json
import re
import struct
import subprocess

import case_report
from unroll_program import PROGRAM, ProgramTest, lstm, outputs


class Program(ProgramTest):
    def test_helps_with_examples(self):
        commands = ['completion', 'convert', 'diff', 'inspect', 'plot', 'run', 'train']
        general = self.unroll('--help')[0]
        for command in commands:
            self.assertIn(command, general)
            self.assertIn(f'Example: ' if command != 'completion' else 'source', self.unroll(command, '--help')[0])

    def test_names_a_mistake_of_the_command_line_on_one_line(self):
        self.fails('a subcommand is required')
        self.fails('stretch', 'stretch')
        self.fails('--loud', 'inspect', 'm.nam', '--loud')
        self.fails('--to', 'convert', 'm.nam', 'x', '--to', 'tape')
        self.fails('tolerance', 'diff', 'a', 'b', '--tolerance', '-1')

    def test_completes_in_bash(self):
        script = self.unroll('completion', 'bash')[0]
        self.write({'completion.bash': script, 'amp.nam': ''})

        def complete(*words):
            return subprocess.run(['bash', '-c', 'source ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _unroll; '
                                   'printf "%s\\n" "${COMPREPLY[@]}"', 'bash', *words], cwd=self.root, check=True,
                                  capture_output=True, text=True).stdout.split()

        self.assertEqual(complete('unroll', 'in'), ['inspect'])
        self.assertEqual(complete('unroll', 'diff', '--t'), ['--tolerance'])
        self.assertEqual(complete('unroll', 'convert', 'a', 'b', '--to', 'r'), ['rtneural'])
        self.assertEqual(complete('unroll', 'convert', '--w'), ['--weights-only'])
        self.assertEqual(complete('unroll', 'inspect', 'am'), ['amp.nam'])
        self.assertEqual(complete('unroll', 'completion', 'b'), ['bash'])
        self.assertEqual(complete('unroll', 'train', ''), ['amp', 'classify', 'lm', 'regress', '--help'])
        self.assertEqual(complete('unroll', 'train', 'lm', '--lea'), ['--learning-rate'])
        self.assertEqual(complete('unroll', 'train', 'lm', '--cell', 'l'), ['lstm'])
        self.assertEqual(complete('unroll', 'train', 'lm', 'am'), ['amp.nam'])
        self.fails('fish', 'completion', 'fish')


class Inspect(ProgramTest):
    def test_lists_layers_and_tensors(self):
        self.write_model()
        out = self.unroll('inspect', 'm.nam')[0]
        self.assertIn('LSTMCell num_units=3 activation=tanh\nDense units=1 activation=linear\n', out)
        self.assertRegex(out, r'lstm_cell/kernel +\(4, 12\) +float32 +48')
        self.assertIn('4 tensors, 64 elements\n', out)

    def test_counts_what_is_not_finite(self):
        data = struct.pack('<3f', 1, float('nan'), float('inf'))
        header = b'{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}'
        (self.root / 'x.safetensors').write_bytes(struct.pack('<Q', len(header)) + header + data)
        self.assertIn('2 not finite', self.unroll('inspect', 'x.safetensors')[0])

    def test_refuses_other_files(self):
        self.write({'x.txt': '', 'x.json': '{', 'x.nam': '[' * 100000})
        self.fails('expected .json', 'inspect', 'x.txt')
        self.fails('x.json', 'inspect', 'x.json')
        self.fails('x.nam', 'inspect', 'x.nam')
        self.fails('none.npz', 'inspect', 'none.npz')
        self.fails('FILE is required', 'inspect')

    def test_tells_formats_of_json_by_their_outermost_keys_in_any_order(self):
        model = self.write_model(units=8)
        model['weights'][-25:-9] = [0] * 16  # initial states, which other formats lack
        self.write({'m.nam': json.dumps(model)})
        for format in ('json', 'rtneural', 'aidax', 'guitarml', 'nam'):
            with self.subTest(format):
                self.unroll('convert', 'm.nam', 'x.json', '--to', format)
                content = json.loads((self.root / 'x.json').read_text())
                last = json.dumps(dict(reversed(content.items())))
                self.assertGreater(len(last), 4096)
                self.write({'x.json': last})
                name = {'json': 'unroll', 'aidax': 'rtneural'}.get(format, format)
                self.assertEqual(self.unroll('inspect', 'x.json')[0].splitlines()[0], f'x.json: {name}')
                self.assertEqual(self.unroll('diff', 'm.nam', 'x.json', '--tolerance', '1e-6')[0], '')
                if format != 'json':
                    inner = {'metadata': {'model_data': 1, 'architecture': 'format', 'format': 'unroll', 'in_shape': []}}
                    self.write({'x.json': json.dumps({**inner, **content, **inner})})
                    self.assertEqual(self.unroll('inspect', 'x.json')[0].splitlines()[0], f'x.json: {name}')

    def test_says_what_is_wrong_with_json(self):
        expected_keys = 'expected "format" (unroll), "in_shape" (RTNeural, AIDA-X), "architecture" (NAM), "model_data" (GuitarML)'
        for text, expected in [('{"layers": [], "model": {}}', 'the keys are "layers", "model", ' + expected_keys),
                               (json.dumps(dict.fromkeys('abcdefgh')), 'the keys are "a", "b", "c", "d", "e", ..., ' + expected_keys),
                               ('{}', 'the keys are none, ' + expected_keys), ('[]', 'it is an array, expected an object'),
                               ('{"format": "other", "x": 1}', 'format is "other", expected "unroll"'),
                               ('{"format": 1}', 'format is a number'), ('{"modules": []}', 'format is missing'),
                               ('{"format": "unroll", "in_shape": [1]}', 'version is missing'),
                               ('{"in_shape": [1], "format": "unroll"}', 'version is missing'),
                               ('{"in_shape": [1]}', 'there is no "layers"'), ('{"model_data": {}}', 'there is no "state_dict"'),
                               ('{"layers": [], "in_shape": [1], "layers": []}', 'the key "layers" occurs twice'),
                               ('{"version": 1, "format": "unroll", "version": 1}', 'version occurs twice'),
                               ('{"layers":\n[1,,2], "in_shape": [1]}', 'line 2, column 4'),
                               ('{"format": "unroll",\n"version": [1,,2]}', 'line 2, column 15'),
                               ('{"layers": ' + '[' * 100000, 'nested deeper than 200 levels'), ('', 'x.json')]:
            with self.subTest(text[:50]):
                self.write({'x.json': text})
                self.fails('x.json: ', 'inspect', 'x.json')
                self.fails(expected, 'inspect', 'x.json')

    def test_refuses_sizes_that_cannot_be(self):
        self.write_model()
        self.unroll('convert', 'm.nam', 'm.json', '--weights-only')
        text = (self.root / 'm.json').read_text()
        for old, new, expected in [('"num_units": 3', f'"num_units": {1 << 62}', f'num_units is {1 << 62}'),
                                   ('"num_units": 3', f'"num_units": {1 << 40}', f'num_units is {1 << 40}'),
                                   ('"num_proj": null', '"num_proj": 1e300', 'no option "num_proj"')]:
            self.assertIn(old, text)
            self.write({'x.json': text.replace(old, new)})
            self.fails(expected, 'inspect', 'x.json')


class Convert(ProgramTest):
    def test_goes_round_all_formats_of_models(self):
        model = lstm(8)
        at = len(model['weights']) - 9 - 16
        model['weights'][at:at + 16] = [0] * 16  # initial states, which other formats lack
        self.write({'m.nam': json.dumps(model)})
        last = 'm.nam'
        for format, name in [('json', 'a.json'), ('rtneural', 'b.json'), ('aidax', 'c.aidax'), ('guitarml', 'd.json'),
                             ('nam', 'e.nam'), ('npz', 'f.npz'), ('safetensors', 'g.safetensors')]:
            self.unroll('convert', last, name, '--to', format)
            self.assertEqual(self.unroll('diff', 'm.nam', name, '--tolerance', '1e-6')[0], '', name)
            if format not in ('npz', 'safetensors'):
                last = name
        self.assertEqual(json.loads((self.root / 'e.nam').read_text())['sample_rate'], 48000)
        for format in ('pytorch', 'keras'):
            self.unroll('convert', 'm.nam', 'p.npz', '--to', format)
            self.assertIn('kernel' if format == 'keras' else 'weight_ih_l0', self.unroll('inspect', 'p.npz')[0])

    def test_refuses_what_the_format_cannot_hold(self):
        self.write_model(units=9)
        self.write({'g.json': json.dumps({
            'model_data': {'input_size': 1, 'skip': 1, 'output_size': 1, 'unit_type': 'LSTM', 'num_layers': 1,
                           'hidden_size': 1},
            'state_dict': {'rec.weight_ih_l0': [[1]] * 4, 'rec.weight_hh_l0': [[1]] * 4, 'rec.bias_ih_l0': [1] * 4,
                           'rec.bias_hh_l0': [0] * 4, 'lin.weight': [[1]], 'lin.bias': [0]}})})
        self.fails("nam cannot hold the model's skip", 'convert', 'g.json', 'g.nam')
        self.fails("rtneural cannot hold the model's skip", 'convert', 'g.json', 'r.json', '--to', 'rtneural')
        self.fails("aidax cannot hold the model's initial states", 'convert', 'm.nam', 'm.aidax')
        self.fails('npy holds one tensor, not 4', 'convert', 'm.nam', 'm.npy', '--weights-only')
        self.fails('give the format with --to', 'convert', 'm.nam', 'm.xyz')
        self.unroll('convert', 'm.nam', 'm.npz', '--weights-only')
        self.fails('tensors without layers', 'convert', 'm.npz', 'm.json')
        self.fails('none', 'convert', 'm.nam', 'none/m.npz', '--weights-only')

    formats = ['json', 'npz', 'npy', 'safetensors', 'pytorch', 'keras', 'rtneural', 'onnx', 'nam', 'aidax', 'guitarml']

    def refused(self, name, format, *options):
        """What of the model's signal the format is said not to hold, none if it is written."""
        out = 'out.npz' if format in ('pytorch', 'keras') else 'out'
        (self.root / out).unlink(missing_ok=True)
        done = subprocess.run([PROGRAM, 'convert', name, out, '--to', format, *options], cwd=self.root,
                              capture_output=True, text=True)
        if format == 'npy' and 'npy holds one tensor' in done.stderr:  # no model is one
            return []
        self.assertEqual((self.root / out).exists(), done.returncode == 0)
        if done.returncode == 0:
            return []
        said = re.fullmatch(f"unroll: convert: {format} cannot hold the model's (.*); --weights-only leaves out .*\n",
                            done.stderr)
        self.assertTrue(said, done.stderr)
        return said[1].split(', ')

    def test_loses_no_gain_skip_or_initial_state_but_for_weights_only(self):
        self.write_model(units=8)
        self.unroll('convert', 'm.nam', 'plain.aidax', '--weights-only')
        plain = json.loads((self.root / 'plain.aidax').read_text())
        del plain['input_batch'], plain['output_batch']  # the self-test, of other gains
        for name, signal in [('out', {'out_gain': -3}), ('skip', {'in_skip': 1}), ('both', {'in_gain': 3, 'in_skip': 1}),
                             ('none', {'in_gain': 0, 'out_gain': 0, 'in_skip': 0})]:
            self.write({name + '.aidax': json.dumps({**plain, **signal})})
        gains, skip, states = 'gains', 'skip from the input to the output', 'initial states'
        for name, has in [('m.nam', {states}), ('out.aidax', {gains}), ('skip.aidax', {skip}), ('both.aidax', {gains, skip}),
                          ('none.aidax', set())]:
            for format in self.formats:
                with self.subTest(name, format=format):
                    holds = {'nam': {states}, 'aidax': {gains, skip}, 'guitarml': {skip}}.get(format, set())
                    self.assertEqual(set(self.refused(name, format)), has - holds)
                    if name in ('m.nam', 'both.aidax'):
                        self.assertEqual(self.refused(name, format, '--weights-only'), [])

    def test_weights_only_leaves_out_what_the_format_could_hold_too(self):
        model = self.write_model(units=8)
        rows = [[0.5], [-0.25], [0.75]]
        self.write({'in.csv': ''.join(f'{x}\n' for x, in rows)})
        begun = outputs(model, rows)
        model['weights'][-25:-9] = [0] * 16
        at_zero = outputs(model, rows)
        self.assertGreater(abs(begun[0] - at_zero[0]), 1e-3)
        for format in ('nam', 'json', 'aidax'):
            with self.subTest(format):
                self.unroll('convert', 'm.nam', 'x.' + format, '--weights-only')
                self.unroll('run', 'x.' + format, 'in.csv', 'out.csv')
                self.check_close([y for y, in self.numbers('out.csv')], at_zero)
        self.assertEqual(json.loads((self.root / 'x.nam').read_text())['sample_rate'], 48000)


class Diff(ProgramTest):
    def test_says_by_how_much(self):
        model = self.write_model()
        self.assertEqual(self.unroll('diff', 'm.nam', 'm.nam')[0], '')
        model['weights'][-1] += 0.5  # the bias of the Dense
        self.write({'n.nam': json.dumps(model)})
        self.assertEqual(self.unroll('diff', 'm.nam', 'n.nam', status=1)[0], 'dense/bias: differs by up to 0.5\n')
        self.unroll('diff', 'm.nam', 'n.nam', '--tolerance', '0.51')
        self.write_model('o.nam', units=4)
        self.assertIn('dense/kernel: ', self.unroll('diff', 'm.nam', 'o.nam', status=1)[0])

    def test_refuses_a_file_that_is_not_there(self):
        self.write_model()
        self.fails('n.nam', 'diff', 'm.nam', 'n.nam')
        self.fails('B is required', 'diff', 'm.nam')


if __name__ == '__main__':
    case_report.main()
