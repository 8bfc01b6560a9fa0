#include "unroll/train/progress.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace unroll {

Progress::Progress(std::ostream& out, std::int64_t first_step, std::int64_t last_step, ProgressOptions options,
                   Clock::time_point start)
    : out_(out),
      first_(first_step),
      last_(last_step),
      step_(first_step),
      options_(options),
      start_(start),
      written_(start) {}

std::string Progress::line(Clock::time_point now) const {
  constexpr int bar = 20;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double share = last_ > 0 ? static_cast<double>(step_) / static_cast<double>(last_) : 1;
  const double rate = seconds > 0 ? static_cast<double>(step_ - first_) / seconds : 0;
  std::ostringstream text;
  text << step_ << '/' << last_;
  const int filled = static_cast<int>(share * bar);
  text << " [" << std::string(static_cast<std::size_t>(filled), '=') << (filled < bar ? ">" : "")
       << std::string(static_cast<std::size_t>(std::max(0, bar - filled - 1)), ' ') << "] " << std::setw(3)
       << static_cast<int>(share * 100) << '%';
  for (const auto& [name, value] : values_) text << "  " << name << ' ' << std::setprecision(4) << value;
  text << "  " << std::setprecision(3) << rate << " steps/s";
  if (rate > 0 && step_ < last_) text << "  " << std::llround(static_cast<double>(last_ - step_) / rate) << " s left";
  return text.str();
}

void Progress::write(Clock::time_point now) {
  std::string text = line(now);
  written_ = now;
  is_news_ = false;
  if (!options_.terminal) {
    out_ << text << std::endl;
    return;
  }
  const std::size_t width = text.size();
  if (width < width_) text.append(width_ - width, ' ');  // over what is left of a longer line
  width_ = width;
  out_ << '\r' << text << std::flush;
}

void Progress::update(std::int64_t step, const Values& values, Clock::time_point now) {
  step_ = step;
  values_ = values;
  is_news_ = true;
  if (now - written_ >= (options_.terminal ? options_.live_interval : options_.plain_interval)) write(now);
}

void Progress::say(const std::string& text) {
  if (options_.terminal && width_ > 0) out_ << '\n';
  width_ = 0;
  out_ << text << std::endl;
}

void Progress::finish(Clock::time_point now) {
  if (is_news_ || options_.terminal) write(now);
  if (options_.terminal) out_ << std::endl;
  width_ = 0;
}

}  // namespace unroll
