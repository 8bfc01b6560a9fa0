"""bench_rnn's training step in TensorFlow: dynamic_rnn of version 1's cells."""
import os

import common

o = common.arguments()
os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'

import tensorflow  # noqa: E402: after the environment says how many threads

tf = tensorflow.compat.v1
tf.disable_v2_behavior()
tf.logging.set_verbosity(tf.logging.ERROR)


class LayerNormLSTM(tf.nn.rnn_cell.RNNCell):
    def __init__(self, depth, units):
        super().__init__()
        self.units, self.depth = units, depth

    state_size = property(lambda self: (self.units, self.units))
    output_size = property(lambda self: self.units)

    def norm(self, x, name):
        mean, variance = tf.nn.moments(x, [1], keepdims=True)
        gain, bias = (tf.get_variable(name + kind, [x.shape[1]], initializer=start) for kind, start in
                      (('gain', tf.ones_initializer()), ('bias', tf.zeros_initializer())))
        return tf.nn.batch_normalization(x, mean, variance, bias, gain, 1e-5)

    def __call__(self, x, state, scope=None):
        c, h = state
        w, u = (tf.get_variable(name, [depth, 4 * self.units]) for name, depth in (('w', self.depth), ('u', self.units)))
        i, j, f, out = tf.split(self.norm(x @ w, 'x') + self.norm(h @ u, 'h'), 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(j)
        h = tf.sigmoid(out) * tf.tanh(self.norm(c, 'c'))
        return h, (c, h)


tf.set_random_seed(1)
x = tf.Variable(tf.random_normal([o.T, o.B, o.I]))
gradient = tf.Variable(tf.random_normal([o.T, o.B, o.H]))
cell = {'lstm': lambda: tf.nn.rnn_cell.LSTMCell(o.H), 'gru': lambda: tf.nn.rnn_cell.GRUCell(o.H),
        'custom': lambda: LayerNormLSTM(o.I, o.H)}[o.cell]()
lengths = None if o.lengths == 'full' else common.row_lengths(o.lengths, o.B, o.T)
outputs, _ = tf.nn.dynamic_rnn(cell, x, sequence_length=lengths, dtype=tf.float32, time_major=True)
weights = [v for v in tf.trainable_variables() if v is not x and v is not gradient]
everything = tf.group(*tf.gradients(outputs, [x] + weights, gradient))
config = tf.ConfigProto(intra_op_parallelism_threads=o.threads, inter_op_parallelism_threads=o.threads)
with tf.Session(config=config) as session:
    session.run(tf.global_variables_initializer())
    common.report(o, 'tensorflow', tensorflow.__version__, 'dx, dW, db', lambda: session.run(everything))
