#include "part_options.hpp"

namespace unroll::program {

void add_part_options(CLI::App& command, PartOptions& options) {
  command
      .add_option("--layers", options.order,
                  "names of PyTorch's or Keras's layers from the input to the output, with commas between them, if\n"
                  "their sizes do not tell")
      ->delimiter(',');
  command
      .add_option_function<std::vector<std::string>>(
          "--activation",
          [&options](const std::vector<std::string>& given) {
            for (const std::string& entry : given) {
              const std::size_t sign = entry.rfind('=');
              const std::string name = sign == std::string::npos ? "" : entry.substr(0, sign);
              options.activations[name] = entry.substr(sign == std::string::npos ? 0 : sign + 1);
            }
          },
          "NAME=FUNCTION: what PyTorch's or Keras's layer of that name has for an activation, which the files do not\n"
          "say (default: tanh of cells, none of dense layers), with commas between several")
      ->delimiter(',');
  command.add_option("--reset-after", options.reset_after,
                     "true or false: whether Keras's GRU without a bias resets after the product");
}

}  // namespace unroll::program
