import json
import math
import random
import re
import signal
import struct
import subprocess
import time

import case_report
from unroll_program import PROGRAM, ProgramTest


class TrainTest(ProgramTest):
    model_file = 'model.json'

    def train(self, *arguments, status=0):
        """The lines of the standard output of a run."""
        return self.unroll('train', *arguments, status=status)[0].splitlines()

    def held_out(self, *arguments):
        """The numbers of the last line."""
        last = self.train(*arguments)[-1]
        self.assertTrue(last.startswith('held out: '), last)
        return [float(x) for x in re.findall(r'\d+(?:\.\d+)?(?:e-?\d+)?', last)]

    def stop(self, signal_number, *arguments):
        """(status, standard error) of a run that gets a signal after it has written a checkpoint."""
        checkpoints = lambda: set(folder.glob('checkpoint-*.safetensors'))
        folder = self.root / arguments[arguments.index('--out') + 1] / 'checkpoints'
        before = checkpoints()
        run = subprocess.Popen([PROGRAM, 'train', *map(str, arguments)], cwd=self.root, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while run.poll() is None and checkpoints() <= before:
            time.sleep(0.005)
        run.send_signal(signal_number)
        return run.wait(), run.communicate()[1]

    def check_resumes(self, *arguments):
        """A run that is killed, interrupted and resumed ends with the bits of one that is not."""
        arguments = [*arguments, '--checkpoint-every', 5]
        self.train(*arguments, '--out', 'whole')
        self.assertEqual(self.stop(signal.SIGKILL, *arguments, '--out', 'parts')[0], -signal.SIGKILL)
        self.assertFalse((self.root / 'parts' / self.model_file).exists())
        self.fails('is there already', 'train', *arguments, '--out', 'parts')
        status, said = self.stop(signal.SIGINT, *arguments, '--out', 'parts', '--resume')
        self.assertEqual(status, 130, said)
        self.assertIn('--resume goes on', said)
        self.train(*arguments, '--out', 'parts', '--resume')
        for name in (self.model_file, 'loss.csv', 'options.ini'):
            self.assertEqual(*((self.root / run / name).read_bytes() for run in ('whole', 'parts')), name)
        # What is complete is not trained again.
        self.train(*arguments, '--out', 'parts', '--resume')
        self.assertEqual(*((self.root / run / self.model_file).read_bytes() for run in ('whole', 'parts')))

    def check_helps(self, recipe):
        out = self.unroll('train', recipe, '--help')[0]
        self.assertIn(f'Example: unroll train {recipe} ', out)
        for option in ('--out', '--resume', '--units', '--validation', '--epochs', '--seed'):
            self.assertIn(option, out)


class LanguageModel(TrainTest):
    def setUp(self):
        super().setUp()
        draw = random.Random(1)
        words = ['river', 'stone', 'cloud', 'ember', 'forest']
        self.write({'book.txt': ''.join(draw.choice(words) + ' ' for _ in range(1500))})

    def test_learns_the_words_of_a_text(self):
        bits, guessing = self.held_out('lm', 'book.txt', '--out', 'run', '--units', 32, '--steps', 200, '--window', 16,
                                       '--learning-rate', 0.02, '--sample', 60)
        self.assertLess(bits, 0.6)  # which of five words: 2.32 bits for each six letters
        self.assertAlmostEqual(guessing, 4, 5)  # of 16 letters
        made_up = (self.root / 'run/sample.txt').read_text()
        self.assertEqual(len(made_up), 60)
        self.assertGreater(sum(made_up.count(word) for word in ('river', 'stone', 'cloud', 'ember', 'forest')), 4)
        alphabet = (self.root / 'run/alphabet.csv').read_text().splitlines()
        self.assertEqual(alphabet[:3], ['column,byte', '0,32', '1,98'])
        self.assertIn('LSTMCell num_units=32', self.unroll('inspect', 'run/model.json')[0])
        self.write({'in.csv': '0,' * 15 + '1\n'})
        self.unroll('run', 'run/model.json', 'in.csv', 'out.csv')
        self.assertEqual(len(self.numbers('out.csv')[0]), 16)
        for name in ('m.onnx', 'm.safetensors'):
            self.unroll('convert', 'run/model.json', name)

    def test_records_each_step(self):
        self.train('lm', 'book.txt', '--out', 'run', '--units', 8, '--epochs', 2, '--batch', 8, '--window', 50)
        rows = [line.split(',') for line in (self.root / 'run/loss.csv').read_text().splitlines()]
        self.assertEqual(rows[0], ['step', 'loss', 'validation_loss'])
        self.assertEqual([int(row[0]) for row in rows[1:]], list(range(1, len(rows))))
        self.assertEqual(sum(row[2] != 'nan' for row in rows[1:]), 2)
        self.assertEqual(len(list((self.root / 'run').glob('events.out.tfevents.*'))), 1)

    def test_resumes_to_the_same_bits(self):
        self.check_resumes('lm', 'book.txt', '--units', 32, '--layers', 2, '--dropout', 0.2, '--steps', 400, '--window',
                           16, '--cell', 'gru', '--patience', 0)

    def test_stops_early(self):
        draw = random.Random(2)
        self.write({'noise.txt': ''.join(draw.choice('abcdefgh') for _ in range(3000))})
        self.train('lm', 'noise.txt', '--out', 'run', '--units', 64, '--epochs', 200, '--patience', 3, '--cell', 'rnn')
        losses = [row[2] for row in self.numbers_of_table('run/loss.csv') if row[2] == row[2]]
        self.assertLess(len(losses), 100)
        self.assertEqual(len(losses) - 1 - losses.index(min(losses)), 3)

    def numbers_of_table(self, name):
        return [[float(x) for x in line.split(',')] for line in (self.root / name).read_text().splitlines()[1:]]

    def test_helps(self):
        self.check_helps('lm')

    def test_says_what_is_wrong(self):
        self.write({'empty.txt': '', 'short.txt': 'ab' * 30, 'full/x': '', 'file': ''})
        lm = ['train', 'lm']
        self.fails('none.txt', *lm, 'none.txt', '--out', 'run')
        self.fails('there are 0 characters', *lm, 'empty.txt', '--out', 'run')
        self.fails('short.txt: there are 54 characters to learn from and 6 held out', *lm, 'short.txt', '--out', 'run')
        self.fails('full: is there already', *lm, 'book.txt', '--out', 'full')
        self.fails('file: is there already', *lm, 'book.txt', '--out', 'file')
        self.fails('none: there is no run to resume', *lm, 'book.txt', '--out', 'none', '--resume')
        self.fails('full: there is no run to resume', *lm, 'book.txt', '--out', 'full', '--resume')
        self.fails('file/run: cannot create the folder', *lm, 'book.txt', '--out', 'file/run')
        self.fails('/proc/run: cannot create the folder', *lm, 'book.txt', '--out', '/proc/run')
        self.fails('--out is required', *lm, 'book.txt')
        self.fails('TEXT is required', *lm, '--out', 'run')
        self.fails('A subcommand is required', 'train')
        self.fails('--cell', *lm, 'book.txt', '--out', 'run', '--cell', 'transformer')
        self.fails('--units', *lm, 'book.txt', '--out', 'run', '--units', 0)
        self.fails('--epochs', *lm, 'book.txt', '--out', 'run', '--epochs', 2, '--steps', 3)
        small = [*lm, 'book.txt', '--out', 'run', '--units']
        self.unroll(*small, 4, '--steps', 1)
        self.fails('run: the run was started with units=4, the command has units=5', *small, 5, '--steps', 1, '--resume')


class Classifier(TrainTest):
    def sequences(self, count, seed=1):
        """(label, steps) of ragged rows: whether the first of two large numbers rises; the second is noise."""
        draw = random.Random(seed)
        for _ in range(count):
            slope = draw.choice([-3, 3])
            yield ('up' if slope > 0 else 'down',
                   [(1000 + slope * t + draw.gauss(0, 1), draw.gauss(-50, 20)) for t in range(draw.randint(3, 9))])

    def write_sequences(self, name, last=False):
        lines = []
        for label, steps in self.sequences(300):
            numbers = ','.join(f'{x:.4f}' for step in steps for x in step)
            lines.append(f'{numbers},{label}' if last else f'{label},{numbers}')
        self.write({name: 'label,x,y\n' * (not last) + '\n'.join(lines) + '\n'})

    def test_tells_ragged_sequences_of_numbers_apart(self):
        self.write_sequences('data.csv')
        right, rows, guessing = self.held_out('classify', 'data.csv', '--features', 2, '--out', 'run', '--units', 16,
                                              '--epochs', 20, '--validation', 0.2, '--learning-rate', 0.02)
        self.assertEqual(rows, 60)
        self.assertGreater(right, 0.95)
        self.assertLess(guessing, 0.7)
        self.assertEqual((self.root / 'run/labels.txt').read_text(), 'down\nup\n')
        # The saved model takes the numbers as they are.
        for label, steps in self.sequences(5, seed=2):
            self.write({'in.csv': ''.join(f'{x},{y}\n' for x, y in steps)})
            self.unroll('run', 'run/model.json', 'in.csv', 'out.csv')
            down, up = self.numbers('out.csv')[-1]
            self.assertEqual(up > down, label == 'up')

    def test_tells_words_apart(self):
        draw = random.Random(1)
        self.write({'words.csv': ''.join(f'{"ends in a" if word[-1] == "a" else "other"},{word}\n' for word in (
            ''.join(draw.choice('ab,') for _ in range(draw.randint(1, 8))) for _ in range(300)))})
        right, _, guessing = self.held_out('classify', 'words.csv', '--text', '--out', 'run', '--units', 16, '--epochs', 20,
                                           '--cell', 'gru', '--learning-rate', 0.02)
        self.assertGreater(right, 0.95)
        self.assertLess(guessing, 0.9)
        self.assertEqual((self.root / 'run/alphabet.csv').read_text(), 'column,byte\n0,44\n1,97\n2,98\n')
        self.assertIn('CudnnCompatibleGRUCell num_units=16', self.unroll('inspect', 'run/model.json')[0])

    def test_resumes_to_the_same_bits(self):
        self.write_sequences('data.csv', last=True)
        self.check_resumes('classify', 'data.csv', '--features', 2, '--label', 'last', '--epochs', 40, '--units', 16,
                           '--layers', 2, '--dropout', 0.3, '--patience', 0)

    def test_helps(self):
        self.check_helps('classify')

    def test_says_what_is_wrong(self):
        rows = 'a,1\nb,2\n' * 20
        self.write({'empty.csv': '\n', 'bare.csv': rows + 'a\n', 'hollow.csv': rows + 'a,\n', 'text.csv': rows + 'a,1,x\n',
                    'nan.csv': rows + 'a,nan\n', 'odd.csv': rows + 'a,1,2,3\n', 'one.csv': 'a,1\n' * 20,
                    'rare.csv': ''.join(f'label {k},1\n' for k in range(20))})
        for name, expected in [
            ('none.csv', 'none.csv: cannot open'), ('empty.csv', 'there is no row'),
            ('bare.csv', 'line 41: expected a label, a comma'), ('hollow.csv', 'line 41: expected a label, a comma'),
            ('text.csv', 'line 41: expected finite numbers, got "1,x"'), ('nan.csv', 'line 41: expected finite'),
            ('one.csv', 'there are 1 labels to learn from'), ('rare.csv', 'is in rows alone that are held out')]:
            with self.subTest(name):
                self.fails(expected, 'train', 'classify', name, '--out', 'run')
        self.fails('expected a multiple of 3 numbers, got 1', 'train', 'classify', 'odd.csv', '--features', 3, '--out', 'run')
        self.fails('--features', 'train', 'classify', 'one.csv', '--text', '--features', 3, '--out', 'run')


class Regression(TrainTest):
    def series(self, time):
        """Two columns of large and of small numbers: a wave, and what the wave was two steps before."""
        wave = lambda t: 1000 + 30 * math.sin(2 * math.pi * t / 12)
        return [[wave(t), 0.01 * wave(t - 2)] for t in range(time)]

    def write_series(self, name, rows):
        self.write({name: 'wave,echo\n' + ''.join(','.join(map(str, row)) + '\n' for row in rows)})

    def check_forecasts(self, cell):
        rows = self.series(500)
        self.write_series('series.csv', rows)
        error, again = self.held_out('regress', 'series.csv', '--horizon', 3, '--out', 'run', '--units', 16, '--window',
                                     30, '--epochs', 60, '--learning-rate', 0.02, '--cell', cell)
        self.assertLess(error, 0.1)
        self.assertAlmostEqual(again, 1.044, delta=0.01)  # the root of the mean of 4 sin(k pi / 12)^2 for k = 1, 2, 3
        # The saved model takes and gives the numbers as they are.
        self.unroll('run', 'run/model.json', 'series.csv', 'out.csv')
        for t, forecast in enumerate(self.numbers('out.csv')[400:497], 400):
            for k in range(3):
                self.assertAlmostEqual(forecast[2 * k], rows[t + 1 + k][0], delta=0.3 * 30)
                self.assertAlmostEqual(forecast[2 * k + 1], rows[t + 1 + k][1], delta=0.3 * 0.3)

    def test_forecasts_several_steps_of_several_columns(self):
        self.check_forecasts('lstm')

    def test_forecasts_with_a_gru(self):
        self.check_forecasts('gru')

    def test_holds_out_the_end(self):
        # It changes for good where the held-out part begins: nothing to learn from that.
        self.write_series('series.csv', [[t % 2, 1] for t in range(180)] + [[7, 1]] * 20)
        error, again = self.held_out('regress', 'series.csv', '--out', 'run', '--units', 8, '--epochs', 20)
        self.assertGreater(error, 5)
        self.assertAlmostEqual(again, math.sqrt(12**2 / 40), 4)  # at the first row held out, in one column

    def test_reads_sound(self):
        self.write_wav('tone.wav', [round(9000 * math.sin(t / 3)) for t in range(800)])
        error, again = self.held_out('regress', 'tone.wav', '--out', 'run', '--units', 16, '--epochs', 100,
                                     '--learning-rate', 0.02)
        self.assertLess(error, again / 2)

    def test_resumes_to_the_same_bits(self):
        self.write_series('series.csv', self.series(800))
        self.check_resumes('regress', 'series.csv', '--layers', 2, '--dropout', 0.2, '--steps', 300, '--units', 32,
                           '--patience', 0)

    def test_helps(self):
        self.check_helps('regress')

    def test_says_what_is_wrong(self):
        self.write({'empty.csv': '', 'text.csv': '1\nx\n', 'nan.csv': '1\nnan\n', 'ragged.csv': '1,2\n3\n',
                    'series.txt': '1\n'})
        self.write_series('short.csv', self.series(50))
        regress = lambda name, *more: ['train', 'regress', name, '--out', 'run', *more]
        for name, expected in [('none.csv', 'none.csv: cannot open'), ('empty.csv', 'there is no row of numbers'),
                               ('text.csv', 'line 2: expected a number'), ('nan.csv', 'time step 1: expected finite'),
                               ('ragged.csv', 'line 2: expected 2 numbers, got 1'), ('series.txt', 'expected .csv')]:
            with self.subTest(name):
                self.fails(expected, *regress(name))
        self.fails('45 time steps to learn from and 5 held out, expected at least 51 and 2', *regress('short.csv'))
        self.fails('and 5 held out, expected at least 15 and 6', *regress('short.csv', '--window', 10, '--horizon', 5))
        self.fails('--horizon', *regress('short.csv', '--horizon', 0))


class Amplifier(TrainTest):
    model_file = 'model.nam'

    def sounds(self, count=16000, seed=1):
        """Noise that comes and goes, and what an overdriven stage with a filter before it makes of it."""
        draw, low, dry, wet = random.Random(seed), 0, [], []
        for t in range(count):
            dry.append(draw.uniform(-9000, 9000) * math.sin(t / 500) ** 2)
            low += 0.3 * (dry[-1] - low)
            wet.append(9000 * math.tanh(low / 2000))
        return dry, wet

    def write_sounds(self, dry, wet, **options):
        self.write_wav('dry.wav', [round(x) for x in dry], **options)
        self.write_wav('wet.wav', [round(x) for x in wet], **options)

    def test_learns_an_effect_from_two_sounds(self):
        dry, wet = self.sounds()
        self.write_sounds(dry, wet, rate=8000)
        ratio, = self.held_out('amp', 'dry.wav', 'wet.wav', '--out', 'run', '--units', 8, '--window', 64,
                               '--epochs', 20, '--name', 'Overdrive', '--learning-rate', 0.02)
        self.assertLess(ratio, 0.05)
        for name in ('model.nam', 'model.aidax', 'rtneural.json'):
            self.assertIn('num_units=8', self.unroll('inspect', f'run/{name}')[0])
        nam, aidax = (json.loads((self.root / 'run' / name).read_text()) for name in ('model.nam', 'model.aidax'))
        self.assertEqual((nam['sample_rate'], nam['metadata']['name']), (8000, 'Overdrive'))
        self.assertEqual((aidax['metadata']['samplerate'], aidax['metadata']['name']), (8000, 'Overdrive'))
        # Played by the program, the model gives the rendered sound; and that is as close as was said.
        self.unroll('run', 'run/model.nam', 'dry.wav', 'again.wav')
        rendered, again = (self.floats(name) for name in ('run/rendered.wav', 'again.wav'))
        self.check_close(rendered, again, 1e-5)
        held = [(32768 * a, b) for a, b in zip(rendered, wet)][14000:]
        energy = sum(b * b for _, b in held)
        self.assertAlmostEqual(sum((a - b) ** 2 for a, b in held) / energy, ratio, delta=1e-3 * ratio)

    def floats(self, name):
        """The samples of a WAV file of 32-bit floats."""
        data = (self.root / name).read_bytes()
        at = data.index(b'data')
        size, = struct.unpack_from('<I', data, at + 4)
        return struct.unpack_from(f'<{size // 4}f', data, at + 8)

    def write_floats(self, name, samples, rate=48000):
        size = 4 * len(samples)
        head = struct.pack('<4sI4s4sIHHIIHH4sI', b'RIFF', size + 36, b'WAVE', b'fmt ', 16, 3, 1, rate, 4 * rate, 4, 32,
                           b'data', size)
        (self.root / name).write_bytes(head + struct.pack(f'<{len(samples)}f', *samples))

    def test_has_a_circuit_of_its_own(self):
        for name, seed in (('b.wav', 1), ('a.wav', 2)):
            self.write({'speech/notes.txt': 'not a sound'})
            self.write_wav(f'speech/{name}', [round(x) for x in self.sounds(8000, seed)[0]])
        ratio, = self.held_out('amp', '--speech', 'speech', '--out', 'run', '--window', 64, '--epochs', 10)
        self.assertLess(ratio, 0.1)
        self.assertEqual(len(self.floats('run/rendered.wav')), 16000)

    def test_resumes_to_the_same_bits(self):
        self.write_sounds(*self.sounds())
        self.check_resumes('amp', 'dry.wav', 'wet.wav', '--epochs', 20, '--units', 8, '--window', 64)

    def test_helps(self):
        self.check_helps('amp')

    def test_says_what_is_wrong(self):
        dry, wet = self.sounds(8000)
        self.write_sounds(dry, wet)
        self.write({'text.wav': 'no sound', 'empty/x.txt': '', 'mixed/x.txt': ''})
        self.write_wav('short.wav', [round(x) for x in wet[:-1]])
        self.write_wav('slow.wav', [round(x) for x in wet], rate=44100)
        self.write_wav('mixed/a.wav', [1, 2])
        self.write_wav('mixed/b.wav', [1, 2], rate=44100)
        self.write_wav('stereo.wav', [round(x) for x in wet], channels=2)
        self.write_wav('silent.wav', [0] * 8000)
        self.write_wav('fades.wav', [round(x) for x in wet[:7000]] + [0] * 1000)
        self.write_floats('nan.wav', [math.nan if t == 70 else 0 for t in range(8000)])
        amp = lambda *more, window=64: ['train', 'amp', *more, '--out', 'run', '--window', window]
        for name, expected in [
            ('none.wav', 'none.wav: cannot read'), ('text.wav', 'text.wav: cannot read'),
            ('nan.wav', 'sample 70 is not finite'), ('stereo.wav', 'expected one channel, got 2'),
            ('short.wav', 'short.wav: it has 7999 samples, dry.wav 8000'),
            ('slow.wav', 'slow.wav: its rate is 44100 Hz, that of dry.wav 48000 Hz'),
            ('silent.wav', 'the wet sound is silent in the part to learn from'),
            ('fades.wav', 'the wet sound is silent in the part that is held out')]:
            with self.subTest(name):
                self.fails(expected, *amp('dry.wav', name))
        self.fails('the dry sound is silent in the part to learn from', *amp('silent.wav', 'wet.wav'))
        self.fails('there are 7000 samples to learn from and 1000 held out, expected at least 1152',
                   *amp('dry.wav', 'wet.wav', window=128))
        self.fails('WET', *amp('dry.wav'))
        self.fails('--speech', *amp('dry.wav', 'wet.wav', '--speech', 'empty'))
        for folder in ('empty', 'none', 'dry.wav'):
            self.fails(f'{folder}: there is no folder with .wav files', *amp('--speech', folder))
        self.fails('b.wav: its rate is 44100 Hz, that of the files before 48000 Hz', *amp('--speech', 'mixed'))
        self.fails('--units', *amp('dry.wav', 'wet.wav', '--units', 7))


if __name__ == '__main__':
    case_report.main()
