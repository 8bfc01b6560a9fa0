// Writes records for test_tensorboard.py: write_events FOLDER
#include "unroll/train/event_writer.hpp"

int main(int, char** arguments) {
  unroll::EventWriter events(arguments[1]);
  for (int step : {1, 2, 300000}) events.scalar("train/loss", 1.0 / step, step);
  events.scalar("rate", -0.25, 7);
  events.histogram("kernel", unroll::Tensor{-2.0, -0.5, 0.0, 0.5, 0.5, 3.0}, 2);
  events.text("note", "first *line*\nsecond: \xc3\xa9", 3);
}
