"""bench_rnn's training step in PyTorch: nn.LSTM, nn.GRU (which resets after the product); custom as a scripted loop."""
import common

o = common.arguments()

import torch  # noqa: E402: after the environment says how many threads
from torch.nn.functional import layer_norm  # noqa: E402


class LayerNormLSTM(torch.nn.Module):
    def __init__(self, depth: int, units: int):
        super().__init__()
        self.units = units
        self.w = torch.nn.Parameter(torch.randn(depth, 4 * units) * 0.1)
        self.u = torch.nn.Parameter(torch.randn(units, 4 * units) * 0.1)
        self.gain_x, self.gain_h = (torch.nn.Parameter(torch.ones(4 * units)) for _ in range(2))
        self.bias_x, self.bias_h = (torch.nn.Parameter(torch.zeros(4 * units)) for _ in range(2))
        self.gain_c, self.bias_c = torch.nn.Parameter(torch.ones(units)), torch.nn.Parameter(torch.zeros(units))

    def forward(self, x):
        h = torch.zeros(x.size(1), self.units)
        c = torch.zeros(x.size(1), self.units)
        wide, narrow = [4 * self.units], [self.units]
        from_x = layer_norm(x @ self.w, wide, self.gain_x, self.bias_x)
        outputs = []
        for t in range(x.size(0)):
            gates = from_x[t] + layer_norm(h @ self.u, wide, self.gain_h, self.bias_h)
            i, j, f, out = gates.chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(j)
            h = torch.sigmoid(out) * torch.tanh(layer_norm(c, narrow, self.gain_c, self.bias_c))
            outputs.append(h)
        return torch.stack(outputs)


torch.set_num_threads(o.threads)
torch.manual_seed(1)
x = torch.randn(o.T, o.B, o.I, requires_grad=True)
gradient = torch.randn(o.T, o.B, o.H)
if o.cell == 'custom':
    network = run = torch.jit.script(LayerNormLSTM(o.I, o.H))
elif o.lengths == 'full':
    network = (torch.nn.LSTM if o.cell == 'lstm' else torch.nn.GRU)(o.I, o.H)
    run = lambda x: network(x)[0]  # noqa: E731
else:
    network = (torch.nn.LSTM if o.cell == 'lstm' else torch.nn.GRU)(o.I, o.H)
    lengths = torch.tensor(common.row_lengths(o.lengths, o.B, o.T))

    def run(x):
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        return torch.nn.utils.rnn.pad_packed_sequence(network(packed)[0], total_length=o.T)[0]


def step():
    x.grad = None
    network.zero_grad(set_to_none=True)
    run(x).backward(gradient)


common.report(o, 'torch', torch.__version__, 'dx, dW, db', step)
