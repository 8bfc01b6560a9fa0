"""bench_rnn's training step in JAX: a compiled scan, its GRU resetting before the product. Threads follow its CPUs."""
import os

import common

o = common.arguments()
os.environ['JAX_PLATFORMS'] = 'cpu'

import jax  # noqa: E402: after the environment says how many threads
import jax.numpy as jnp  # noqa: E402

keys = jax.random.split(jax.random.PRNGKey(1), 5)
G = 3 if o.cell == 'gru' else 4
x = jax.random.normal(keys[0], (o.T, o.B, o.I))
gradient = jax.random.normal(keys[1], (o.T, o.B, o.H))
weights = {'w': jax.random.normal(keys[2], (o.I, G * o.H)) * 0.1, 'u': jax.random.normal(keys[3], (o.H, G * o.H)) * 0.1,
           'b': jnp.zeros(G * o.H)}
if o.cell == 'custom':
    del weights['b']
    for name, width in (('x', G * o.H), ('h', G * o.H), ('c', o.H)):
        weights[name] = jnp.ones(width), jnp.zeros(width)


def norm(x, gain, bias):
    mean = x.mean(1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(((x - mean) ** 2).mean(1, keepdims=True) + 1e-5) * gain + bias


def lstm(p, x, c, h):
    i, j, f, out = jnp.split(x @ p['w'] + h @ p['u'] + p['b'], 4, 1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(j)
    return c, jax.nn.sigmoid(out) * jnp.tanh(c)


def gru(p, x, c, h):
    w, u, b = (jnp.split(p[name], [2 * o.H], -1) for name in 'wub')
    r, z = jnp.split(jax.nn.sigmoid(x @ w[0] + h @ u[0] + b[0]), 2, 1)
    return c, z * h + (1 - z) * jnp.tanh(x @ w[1] + (r * h) @ u[1] + b[1])


def custom(p, x, c, h):
    i, j, f, out = jnp.split(norm(x @ p['w'], *p['x']) + norm(h @ p['u'], *p['h']), 4, 1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(j)
    return c, jax.nn.sigmoid(out) * jnp.tanh(norm(c, *p['c']))


cell = {'lstm': lstm, 'gru': gru, 'custom': custom}[o.cell]
alive = jnp.arange(o.T)[:, None] < jnp.array(common.row_lengths(o.lengths, o.B, o.T))


def forward(p, x):
    def one(state, now):
        inputs, rows = now
        after = cell(p, inputs, *state)
        if o.lengths == 'full':
            return after, after[1]
        after = tuple(jnp.where(rows[:, None], new, old) for new, old in zip(after, state))
        return after, jnp.where(rows[:, None], after[1], 0)

    start = jnp.zeros((o.B, o.H)), jnp.zeros((o.B, o.H))
    return jax.lax.scan(one, start, (x, alive))[1]


backward = jax.jit(lambda p, x, dy: jax.vjp(forward, p, x)[1](dy))
common.report(o, 'jax', jax.__version__, 'dx, dW, db', lambda: jax.block_until_ready(backward(weights, x, gradient)))
