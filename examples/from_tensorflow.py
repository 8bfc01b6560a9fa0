"""A script of TensorFlow v1: is the first number of a row larger than its last? Its port is from_tensorflow.cpp."""
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.set_random_seed(1)
generator = np.random.RandomState(2)


def make_batch(rows):
    x = generator.uniform(size=[rows, 20, 1])
    lengths = generator.randint(2, 21, size=[rows])
    last = x[np.arange(rows), lengths - 1, 0]
    return x, lengths, (x[:, 0, 0] > last).astype(np.int32)


x = tf.placeholder(tf.float32, [None, 20, 1])
lengths = tf.placeholder(tf.int32, [None])
labels = tf.placeholder(tf.int32, [None])
keep = tf.placeholder_with_default(1.0, [])

cell = tf.nn.rnn_cell.MultiRNNCell([
    tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.LSTMCell(16), output_keep_prob=keep) for _ in range(2)])
outputs, state = tf.nn.dynamic_rnn(cell, x, sequence_length=lengths, dtype=tf.float32)
logits = tf.layers.dense(state[-1].h, 2)

loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
optimizer = tf.train.AdamOptimizer(1e-2)
gradients, variables = zip(*optimizer.compute_gradients(loss))
clipped, _ = tf.clip_by_global_norm(gradients, 1.0)
train = optimizer.apply_gradients(zip(clipped, variables))

correct = tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels)
accuracy = tf.reduce_mean(tf.cast(correct, tf.float32))

with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for step in range(600):
        batch = make_batch(64)
        session.run(train, {x: batch[0], lengths: batch[1], labels: batch[2], keep: 0.9})
    test = make_batch(1000)
    print("accuracy", session.run(accuracy, {x: test[0], lengths: test[1], labels: test[2]}))
    np.savez("from_tensorflow.npz", **{v.op.name: session.run(v) for v in tf.trainable_variables()})
