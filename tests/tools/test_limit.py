import unittest

import case_report
import limit

RATES = {'cache_bytes': {'l1': 32000, 'l2': 1000000, 'l3': 32000000}, 'gates_ns': {'forward': 1.5, 'backward': 0.5},
         'threads': {'1': {'fma_gflops': 100, 'l1_gbs': 200, 'l2_gbs': 100, 'l3_gbs': 50, 'dram_gbs': 10},
                     '2': {'fma_gflops': 200, 'l1_gbs': 400, 'l2_gbs': 200, 'l3_gbs': 100, 'dram_gbs': 20}}}


class Limit(unittest.TestCase):
    def test_is_what_a_hand_computes(self):
        # 2*4*100*1000 * (3*50 + 100) / 95e9 = 2.10526 ms; 160 kB of weights stay in L2: 2 * 80e6 / 100e9 = 1.6 ms of
        # arithmetic against 2*100*160e3 / 100e9 = 0.32 ms of reading; gates 1000*100*2 ns = 0.2 ms, and of
        # 21*4*100000 bytes, as 2.4 MB kept is more than L2 holds, half at 50 GB/s: 0.084 ms.
        self.assertAlmostEqual(limit.limit_ms(RATES, 'lstm', 10, 100, 50, 100), 2.105263 + 1.6 + 0.2 + 0.084, places=5)

    def test_reads_weights_beyond_the_caches_behind_half_of_the_arithmetic(self):
        # One row of a plain cell, no inputs: 64 MB of weights from memory, 12.8 ms to read; 0.64 ms of arithmetic.
        # dU 0.32 / 0.95; gates 4000 * 2 ns / 4; the read bounds the loop.
        expected = 0.32 / 0.95 + 12.8 + 0.002
        self.assertAlmostEqual(limit.limit_ms(RATES, 'rnn', 1, 1, 0, 4000), expected, places=5)

    def test_counts_only_steps_inside_their_rows(self):
        full, half = (limit.limit_ms(RATES, 'lstm', 10, 100, 50, 100, tokens=n) for n in (1000, 500))
        self.assertAlmostEqual(half, full / 2, places=6)

    def test_of_two_threads_is_the_better_of_one_and_two(self):
        one, two = (limit.limit_ms(RATES, 'lstm', 32, 100, 256, 256, n) for n in (1, 2))
        self.assertLess(two, 0.6 * one)
        tiny = [limit.limit_ms(RATES, 'lstm', 1, 1000, 1, 8, n) for n in (1, 2)]
        self.assertEqual(tiny[0], tiny[1])  # two would wait longer than they compute

    def test_adds_layers(self):
        self.assertAlmostEqual(limit.limit_ms(RATES, 'gru', 8, 10, 5, 64, layers=2),
                               limit.limit_ms(RATES, 'gru', 8, 10, 5, 64) + limit.limit_ms(RATES, 'gru', 8, 10, 64, 64))

    def test_takes_the_best_rate_of_several_probes(self):
        other = {**RATES, 'gates_ns': {'forward': 2.0, 'backward': 0.25},
                 'threads': {**RATES['threads'], '1': {**RATES['threads']['1'], 'fma_gflops': 110, 'l1_gbs': 90}}}
        best = limit.best([RATES, other])
        self.assertEqual(best['gates_ns'], {'forward': 1.5, 'backward': 0.25})
        self.assertEqual((best['threads']['1']['fma_gflops'], best['threads']['1']['l1_gbs']), (110, 200))


if __name__ == '__main__':
    case_report.main()
