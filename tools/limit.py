"""The limit: the time below which a training step of a recurrent layer is not to be expected on a machine of given rates.

Four parts that do not overlap. A layer has G gates (LSTM 4, GRU 3, a plain cell 1), `tokens` time steps over all rows.
- Products over all time steps at once (x W; dW, dU and dx on the way back): their arithmetic, at 95 % of the rate.
- Products inside the time loop (h U, and on the way back): their arithmetic, or the read of U at every step from where it
  stays between steps; beyond the second cache half of that read hides behind the arithmetic.
- The gates' own arithmetic, and half of the traffic of what is kept for the way back where that leaves the second cache.
- With several threads half a microsecond at each step, each way, to wait for one another.
It knows no layer norm: for a cell that has it the limit is an LSTM's.
"""
GATES = {'lstm': 4, 'lstm_peephole': 4, 'custom': 4, 'gru': 3, 'rnn': 1}


def limit_ms(rates, cell, batch, time, inputs, units, threads=1, tokens=None, layers=1):
    """Milliseconds of a step on the better of one thread and `threads`; `rates` is what machine_rates prints."""
    depths = [inputs] + [units] * (layers - 1)
    return sum(min(layer_ms(rates, cell, batch, time, depth, units, n, tokens) for n in {1, threads}) for depth in depths)


def layer_ms(rates, cell, batch, time, inputs, units, threads=1, tokens=None):
    gates, tokens, cache = GATES[cell], tokens or batch * time, rates['cache_bytes']
    rate = rates['threads'][str(threads)]
    flops = 1e9 * rate['fma_gflops']

    def seconds_to_read(count, level):
        return count / (1e9 * rate[level + '_gbs'])

    product = 2 * gates * units * tokens
    outside = product * (3 * inputs + units) / (0.95 * flops)

    weights = 4 * gates * units * units
    level = smallest(weights, [('l1', 0.75 * cache['l1'] * threads), ('l2', 0.8 * cache['l2'] * threads),
                               ('l3', 0.8 * cache['l3'])])
    read, arithmetic = seconds_to_read(2 * time * weights, level), 2 * product * units / flops
    inside = max(read, arithmetic if level in ('l1', 'l2') else arithmetic + read / 2)

    pointwise = 1e-9 * tokens * units * sum(rates['gates_ns'].values()) * gates / 4 / threads
    kept = 4 * (gates + 2) * tokens * units
    level = smallest(kept, [('l2', 0.8 * cache['l2'] * threads), ('l3', 0.8 * cache['l3'])])
    if level != 'l2':
        pointwise += seconds_to_read(21 * gates * tokens * units, level) / 2

    waiting = 2 * time * 0.5e-6 if threads > 1 else 0
    return 1e3 * (outside + inside + pointwise + waiting)


def smallest(size, levels):
    """The first level that holds so many bytes."""
    return next((name for name, room in levels if size <= room), 'dram')


def best(probes):
    """Of several probes the best value of each rate: a busy neighbour spoils single ones."""
    result = dict(probes[0])
    result['gates_ns'] = {way: min(p['gates_ns'][way] for p in probes) for way in probes[0]['gates_ns']}
    result['threads'] = {n: {rate: max(p['threads'][n][rate] for p in probes) for rate in rates}
                         for n, rates in probes[0]['threads'].items()}
    return result
