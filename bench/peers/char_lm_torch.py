"""The character model of bench_train in PyTorch: `char_lm_torch.py [--threads N] [--seconds S] [-B N] [-T N] [-H N]`.

Prints the line of JSON that `bench_train --model char --json` prints."""
import argparse
import json
import resource
import time

import torch


class CharModel(torch.nn.Module):
    def __init__(self, units, alphabet=80, depth=64):
        super().__init__()
        self.embedding = torch.nn.Embedding(alphabet, depth)
        self.rnn = torch.nn.LSTM(depth, units, num_layers=2, batch_first=True)
        self.head = torch.nn.Linear(units, alphabet)

    def forward(self, ids, state):
        outputs, state = self.rnn(self.embedding(ids), state)
        return self.head(outputs), state


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--seconds', type=float, default=3)
    parser.add_argument('-B', type=int, default=16)
    parser.add_argument('-T', type=int, default=64)
    parser.add_argument('-H', type=int, default=128)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    model = CharModel(o.H)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    ids, following = (torch.randint(80, (o.B, o.T)) for _ in range(2))
    state = tuple(torch.zeros(2, o.B, o.H) for _ in range(2))

    def step():
        nonlocal state
        logits, state = model(ids, state)
        state = tuple(s.detach() for s in state)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), following.flatten())
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        adam.step()

    start = time.perf_counter()
    step(), step()
    warmup = (time.perf_counter() - start) / 2
    times, end = [], time.perf_counter() + o.seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    times.sort()
    print(json.dumps({
        'peer': 'torch', 'version': torch.__version__, 'model': 'char', 'B': o.B, 'T': o.T, 'H': o.H,
        'ms_min': times[0] * 1e3, 'ms_median': times[len(times) // 2] * 1e3, 'tokens_per_s': o.B * o.T / times[0],
        'reps': len(times), 'warmup_ms': warmup * 1e3,
        'peak_rss_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 'threads': o.threads}))


if __name__ == '__main__':
    main()
