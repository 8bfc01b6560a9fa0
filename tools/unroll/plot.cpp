#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "commands.hpp"
#include "curves.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/file_bytes.hpp"

namespace unroll::program {
namespace {

// Curves of one quantity share a picture: "loss", "validation_loss" and "fold_1/loss".
std::string quantity(const std::string& name) {
  std::string last = name.substr(name.rfind('/') + 1);
  for (const char* prefix : {"validation_", "val_", "train_"})
    if (last.starts_with(prefix)) return last.substr(std::string(prefix).size());
  return last;
}

// As gnuplot reads it between single quotes, where nothing stands for something else. A quote becomes a typographic
// one: gnuplot takes a doubled one at the beginning for an empty string.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'')
      result += "\u2019";
    else
      result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "'";
}

using Panels = std::map<std::string, std::vector<const Curve*>>;

std::string data_blocks(const std::vector<Curve>& curves) {
  std::ostringstream script;
  script.precision(9);
  for (std::size_t k = 0; k < curves.size(); ++k) {
    script << "$curve" << k << " << EOD\n";
    for (const auto& [step, value] : curves[k].points) script << step << ' ' << value << '\n';
    script << "EOD\n";
  }
  return script.str();
}

std::string plot_commands(const std::vector<Curve>& curves, const Panels& panels, const std::string& style) {
  std::ostringstream script;
  script << "set multiplot layout " << panels.size() << ",1\n";
  for (const auto& [title, shown] : panels) {
    script << "set title " << quoted(title) << " noenhanced\nplot ";
    for (const Curve* curve : shown)
      script << (curve == shown[0] ? "" : ", ") << "$curve" << curve - curves.data() << " with " << style << " title "
             << (shown.size() > 1 ? quoted(curve->name) : quoted("")) << " noenhanced";
    script << '\n';
  }
  script << "unset multiplot\n";
  return script.str();
}

// A folder of its own for gnuplot's script and what it draws.
class Workshop {
 public:
  Workshop() {
    std::string name = (std::filesystem::temp_directory_path() / "unroll-plot-XXXXXX").string();
    if (!::mkdtemp(name.data())) raise<IOError>("plot", "cannot make a folder in ", name);
    path_ = name;
  }
  ~Workshop() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  void gnuplot(const std::string& script) const {
    std::ofstream(path_ / "script") << script;
    ::setenv("UNROLL_PLOT", path_.c_str(), 1);
    const int status = std::system("cd \"$UNROLL_PLOT\" && gnuplot script >log 2>&1");
    constexpr int not_found = 127;
    if (WIFEXITED(status) && WEXITSTATUS(status) == not_found)
      raise<IOError>("plot", "gnuplot is not installed: apt-get install gnuplot-nox");
    if (status != 0) raise<IOError>("plot", "gnuplot failed: ", content("log").substr(0, 300));
  }
  std::string content(const char* name) const { return read_file_bytes("plot", path_ / name); }

 private:
  std::filesystem::path path_;
};

int columns() {
  const char* text = std::getenv("COLUMNS");
  const int given = text ? std::atoi(text) : 0;
  return given >= 40 && given <= 400 ? given : 100;
}

void plot(const std::filesystem::path& run, std::filesystem::path stem) {
  const std::vector<Curve> curves = read_curves(run);
  if (stem.empty()) {
    std::error_code error;
    stem = std::filesystem::is_directory(run, error) ? run / "curves" : std::filesystem::path(run).replace_extension();
  }
  Panels panels;
  for (const Curve& curve : curves) panels[quantity(curve.name)].push_back(&curve);
  const auto count = static_cast<int>(panels.size());

  std::ostringstream script;
  script << data_blocks(curves) << "set xlabel 'step'\nset grid lc rgb '#dddddd'\n";
  const std::string lines = plot_commands(curves, panels, "lines lw 2");
  const int height = 320 * count;
  const char* pictures[] = {"svg", "pngcairo"};
  for (const char* terminal : pictures)
    script << "set terminal " << terminal << " size 720," << height
           << " font 'sans-serif,13' background '#ffffff'\nset output '" << terminal << "'\n"
           << lines << "unset output\n";
  script << "set terminal dumb " << columns() << ',' << 20 * count << "\nunset grid\nset output 'dumb'\n"
         << plot_commands(curves, panels, "lines");
  const Workshop workshop;
  workshop.gnuplot(script.str());
  for (const auto& [terminal, extension] : {std::pair{pictures[0], ".svg"}, std::pair{pictures[1], ".png"}}) {
    AtomicFile file("plot", stem.string() + extension);
    file.write(workshop.content(terminal));
    file.commit();
  }
  std::cout << workshop.content("dumb");
  std::cout << "wrote " << stem.string() << ".svg and " << stem.string() << ".png\n";
}

void add_plot(CLI::App& app) {
  static std::string run, stem;
  auto* command = app.add_subcommand(
      "plot",
      "Draws the curves of a training run, in the terminal and to .svg and .png, with gnuplot. RUN is a .csv file (a\n"
      "line of names, the step first), an event file, or a folder with such files.\n"
      "Example: unroll plot run\n"
      "         unroll plot run/loss.csv --output loss");
  command->add_option("RUN", run)->required();
  command->add_option("--output", stem, "files' name without extension; default: RUN/curves, or that of the file");
  command->callback([] { plot(run, stem); });
}

const Command command("plot", add_plot);

}  // namespace

}  // namespace unroll::program
