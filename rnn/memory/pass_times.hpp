#pragma once
// PassTimes: what the passes over sequences have taken so far, with and without a file beside them.
namespace unroll::memory {

/// Seconds of one chunk.
struct ChunkSeconds {
  double forward = 0, backward = 0;            // 0: not known
  double forward_file = 0, backward_file = 0;  // what it takes longer while a chunk goes to a file or comes from it
  bool known() const { return forward > 0 && backward > 0; }
};

/// What a pass has computed, and in which time: without the time that it has waited for a file.
struct TimedPass {
  double seconds = 0, rows = 0;  // rows of all steps
  double spilled = 0;            // share of the chunks that went to a file, or came from it
  double waited = 0;             // seconds, for the file
};

/// What the passes of the last call have taken in all, in seconds; 0: there was none.
struct LastCall {
  double forward = 0, backward = 0;
  double waited = 0;  // of these, for a file
};

/// The least that calls have taken, as other work on the machine only ever adds time. Calls that are less than half as
/// long as the longest do not count: they show what a call costs, rather than a row.
class PassTimes {
 public:
  void add_forward(const TimedPass& pass);
  /// The forward pass of each chunk was taken `replayed` times on average.
  void add_backward(const TimedPass& pass, double replayed);
  /// Of a chunk with so many rows. If only passes beside a file are known: with a CPU to spare for the file's thread,
  /// it takes as long without; if there is none, it is at best the share of a CPU less, which is assumed, so that it
  /// will be tried.
  ChunkSeconds of_chunk(double rows, int cpus, int threads) const;
  const LastCall& last() const { return last_; }

 private:
  struct Least {
    double seconds = 0, rows = 0;  // of a row; of the call
    bool knows(double of) const { return seconds > 0 && 2 * rows >= of; }
    void add(double of_row, double rows);
  };
  struct Passes {
    Least forward, backward;
  };
  /// Where a pass with this share spilled is noted.
  Passes& of(double spilled);

  Passes alone_, filed_;
  double spilled_ = 0;  // of filed_
  LastCall last_;
};

}  // namespace unroll::memory
