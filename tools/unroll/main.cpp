// unroll: looks into files of weights and takes them from one format to another.
#include <CLI/CLI.hpp>
#include <iostream>

#include "commands.hpp"
#include "unroll/core/errors.hpp"

int main(int argc, char** argv) {
  CLI::App app(
      "Looks into files of weights: unroll's own JSON, .npz, .npy, .safetensors, RTNeural, AIDA-X, NAM, GuitarML.\n"
      "Exit status: 0, 1 if diff found differences, 2 for errors.",
      "unroll");
  app.require_subcommand(1);
  std::string in, out, other, to;
  double tolerance = 0;

  auto* inspect = app.add_subcommand("inspect", "Lists names, shapes, ranges.\nExample: unroll inspect model.json");
  inspect->add_option("FILE", in)->required();
  auto* convert = app.add_subcommand("convert",
                                     "Writes a file in another format.\n"
                                     "Example: unroll convert model.json amp.nam\n"
                                     "         unroll convert model.json amp.json --to rtneural");
  convert->add_option("IN", in)->required();
  convert->add_option("OUT", out)->required();
  convert->add_option("--to", to, "default: by the extension of OUT")
      ->check(CLI::IsMember(
          {"json", "npz", "npy", "safetensors", "rtneural", "aidax", "nam", "guitarml", "pytorch", "keras"}));
  auto* diff = app.add_subcommand("diff", "Compares two files by name.\nExample: unroll diff a.npz b.safetensors");
  diff->add_option("A", in)->required();
  diff->add_option("B", other)->required();
  diff->add_option("--tolerance", tolerance, "largest difference of elements that counts as none")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);

  constexpr int failed = 2;
  try {
    app.parse(argc, argv);
    if (*inspect) return unroll::program::inspect(in, std::cout);
    if (*convert) return unroll::program::convert(in, out, to);
    return unroll::program::diff(in, other, tolerance, std::cout);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : failed;
  } catch (const std::exception& error) {
    std::cerr << "unroll: " << error.what() << '\n';
    return failed;
  }
}
