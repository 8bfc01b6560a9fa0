#pragma once
// Whether a WAV file is as long as it says: libsndfile reads one that was cut short as if its end were meant.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <unroll/core/errors.hpp>

/// Throws DataLossError, with the place, what the header says and what is there, if the samples ("data") of a RIFF/WAVE
/// file or the file as a whole ("RIFF") are to have more bytes than there are. The size 0xffffffff, and a 0 of "RIFF",
/// which programs write to a pipe, say nothing; "data" of size 0 with bytes behind it that are no chunk is refused too,
/// for libsndfile would find no sample. All else is left to libsndfile: other containers (RF64, W64, AIFF, FLAC, ...),
/// a file without "data", and what is no file, as a pipe.
inline void check_wav_sizes(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return;
  const std::uint64_t length = std::filesystem::file_size(path, error);
  if (error) return;
  constexpr std::uint64_t unknown = 0xffffffff;
  std::ifstream file(path, std::ios::binary);

  struct Chunk {
    std::uint64_t at = 0, size = 0;
    char id[4] = {};
    bool is(std::string_view name) const { return std::string_view(id, 4) == name; }
  };
  auto read = [&](Chunk& chunk) {
    unsigned char size[4] = {};
    file.read(chunk.id, 4).read(reinterpret_cast<char*>(size), 4);
    chunk.size = size[0] | size[1] << 8 | size[2] << 16 | std::uint64_t{size[3]} << 24;
    return file.good();
  };
  auto is_short = [&](const Chunk& chunk, std::uint64_t excess) {
    return chunk.size != unknown && chunk.at + 8 + chunk.size > length + excess;
  };
  auto refuse = [&](const Chunk& chunk) {
    const std::uint64_t start = chunk.at + 8;
    unroll::raise<unroll::DataLossError>(path.string(), "byte ", chunk.at, ": the header of \"",
                                         std::string_view(chunk.id, 4), "\" says ", chunk.size,
                                         " bytes, the file ends after ", length > start ? length - start : 0);
  };

  Chunk riff, chunk{.at = 12};
  char form[4] = {};
  if (!read(riff) || !riff.is("RIFF") || !file.read(form, 4) || std::string_view(form, 4) != "WAVE") return;
  while (read(chunk) && !chunk.is("data")) {
    const std::uint64_t padded = chunk.size + chunk.size % 2;
    if (padded > 0) file.seekg(static_cast<std::streamoff>(padded), std::ios::cur);
    chunk.at += 8 + padded;
  }
  if (file) {
    const std::uint64_t start = chunk.at + 8;
    // A header that was never finished; libsndfile knows its own, whose "RIFF" has the size 8.
    const bool unfinished =
        chunk.size == 0 && length > start && riff.size != 8 && (riff.size == unknown || riff.size + 8 <= start);
    if (unfinished || is_short(chunk, 0)) refuse(chunk);
  }
  if (is_short(riff, 8)) refuse(riff);  // some writers count the id and the size of "RIFF" too
}
