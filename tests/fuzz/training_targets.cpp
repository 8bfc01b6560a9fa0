// What a training run leaves behind. Checksums keep damage out, so each content is read again with right ones.
#include "target.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/train/checkpoint.hpp"
#include "unroll/train/checkpoint_file.hpp"
#include "unroll/train/event_reader.hpp"
#include "unroll/train/event_writer.hpp"

using namespace unroll;
using namespace testing;

namespace {

constexpr const char* file_name = "checkpoint-0000000001.safetensors";

struct Run {
  TemporaryFolder folder;
  BasicRNNCell cell = with_values(BasicRNNCell(1), 1);
  Adam adam;
  Checkpointer checkpointer{folder.path(), {{&cell}, &adam}};
};

std::vector<std::string> checkpoint_seeds() {
  Run run;
  return {read_file(run.checkpointer.save(1, {{"place", "here"}}, {{"state", Tensor{1.5f}}}))};
}

void read_checkpoint(const std::filesystem::path& path) {
  Run run;
  write_file(run.folder / file_name, read_file(path));  // libFuzzer's clock interrupts copy_file
  try {
    run.checkpointer.restore();
  } catch (const DataLossError&) {
    Safetensors file = read_safetensors(path);
    file.metadata.erase("checksum");
    unroll::detail::write_with_checksum(run.folder / file_name, file.tensors, file.metadata);
    run.checkpointer.restore();
  }
}

std::vector<std::string> event_seeds() {
  TemporaryFolder folder;
  EventWriter events(folder.path());
  events.scalar("loss", 0.25, 3);
  events.histogram("kernel", Tensor{1.f, -2.f}, 3);
  events.text("note", "text", 4);
  const std::string file = read_file(events.path());
  // One event without its frame, too.
  constexpr std::size_t head = 12, crc = 4;
  const auto size = static_cast<unsigned char>(file[0]);
  return {file, file.substr(2 * head + crc + size, static_cast<unsigned char>(file[head + size + crc]))};
}

void read_events(const std::filesystem::path& path) {
  try {
    read_scalars(path);
  } catch (const DataLossError&) {
    const std::string event = read_file(path);
    auto bytes = [](auto number) { return std::string(reinterpret_cast<const char*>(&number), sizeof number); };
    const std::string length = bytes(static_cast<std::uint64_t>(event.size()));
    write_file(path, length + bytes(unroll::detail::masked_crc32c(length)) + event +
                         bytes(unroll::detail::masked_crc32c(event)));
    read_scalars(path);
  }
}

const FuzzTarget checkpoint("checkpoint", {".safetensors", checkpoint_seeds, read_checkpoint, false});
const FuzzTarget events("events", {"", event_seeds, read_events});

}  // namespace
