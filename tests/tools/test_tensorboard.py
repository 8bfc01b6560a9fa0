"""TensorBoard itself reads the records."""
import os
import subprocess
import tempfile
import unittest

import case_report

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
try:
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray
except ImportError:
    EventAccumulator = None


@unittest.skipUnless(EventAccumulator, 'tensorboard is not installed: pip install tensorboard')
class TensorBoard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([os.environ['WRITE_EVENTS'], folder], check=True)
            cls.records = EventAccumulator(folder)
            cls.records.Reload()

    def events(self, tag, plugin):
        """[(step, array)] of a tag that the plug-in of this name shows."""
        self.assertEqual(self.records.SummaryMetadata(tag).plugin_data.plugin_name, plugin)
        return [(event.step, make_ndarray(event.tensor_proto)) for event in self.records.Tensors(tag)]

    def test_finds_all_tags(self):
        self.assertEqual(sorted(self.records.Tags()['tensors']), ['kernel', 'note', 'rate', 'train/loss'])

    def test_reads_scalars(self):
        expected = [(1, 1), (2, 0.5), (300000, 1 / 300000)]
        for (step, value), (expected_step, expected_value) in zip(self.events('train/loss', 'scalars'), expected,
                                                                  strict=True):
            self.assertEqual(step, expected_step)
            self.assertAlmostEqual(value.item() / expected_value, 1, 6)
        self.assertEqual(self.events('rate', 'scalars'), [(7, -0.25)])

    def test_reads_histograms(self):
        (step, buckets), = self.events('kernel', 'histograms')
        self.assertEqual(step, 2)
        buckets = buckets.reshape(-1, 3)
        self.assertEqual(buckets[0][0], -2)
        self.assertEqual(buckets[-1][1], 3)
        # Each value is in one bucket of (left, right, count).
        for left, right, count in buckets:
            self.assertLessEqual(left, right)
        self.assertEqual([count for _, _, count in buckets if count], [1, 1, 1, 2, 1])
        for (left, right, _), value in zip(buckets[buckets[:, 2] > 0], [-2, -0.5, 0, 0.5, 3]):
            self.assertLessEqual(left, value)
            self.assertLessEqual(value, right)

    def test_reads_text(self):
        (step, text), = self.events('note', 'text')
        self.assertEqual((step, text.tolist()), (3, ['first *line*\nsecond: é'.encode()]))


if __name__ == '__main__':
    case_report.main()
