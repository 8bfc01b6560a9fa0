"""A script of PyTorch: the range of a row, its largest number minus its smallest. from_pytorch.cpp takes its weights."""
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

torch.manual_seed(1)


def make_batch(rows):
    x = torch.rand(rows, 20, 1)
    lengths = torch.randint(2, 21, (rows,))
    row_range = [row[:n].max() - row[:n].min() for row, n in zip(x, lengths)]
    return x, lengths, torch.stack(row_range).unsqueeze(1)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(1, 16, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)  # (2, batch, 16)
        return self.head(torch.cat([h[0], h[1]], dim=1))


model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(400):
    x, lengths, target = make_batch(64)
    loss = nn.functional.mse_loss(model(x, lengths), target)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()

with torch.no_grad():
    x, lengths, target = make_batch(1000)
    print("error", nn.functional.mse_loss(model(x, lengths), target).sqrt().item())
save_file(model.state_dict(), "from_pytorch.safetensors")
