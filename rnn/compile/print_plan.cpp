#include "unroll/rnn/compile/print_plan.hpp"

#include <sstream>

namespace unroll::compile {
namespace {

std::string_view place_name(Buffer::Place place) {
  switch (place) {
    case Buffer::Place::step:
      return "step";
    case Buffer::Place::chunk:
      return "chunk";
    case Buffer::Place::kept:
      return "kept";
    case Buffer::Place::state:
      return "state";
    case Buffer::Place::gradient:
      return "gradient";
  }
  return "";
}

class Printer {
 public:
  explicit Printer(const Plan& plan) : plan_(plan) {}

  std::string run() {
    print("forward", plan_.forward);
    if (plan_.has_backward) print("backward", plan_.backward);
    out_ << "buffers\n";
    Index kept = 0;
    for (std::size_t k = 0; k < plan_.buffers.size(); ++k) {
      const Buffer& b = plan_.buffers[k];
      out_ << "  b" << k << ": " << b.width << " columns, " << place_name(b.place);
      if (b.needed_backward) out_ << ", kept for backward";
      out_ << "\n";
      if (b.needed_backward) kept += b.width;
    }
    out_ << "kept for backward: " << kept << " numbers per row and step\n";
    return out_.str();
  }

 private:
  std::string text(Ref ref) const {
    std::ostringstream out;
    switch (ref.kind) {
      case Ref::Kind::buffer:
        out << "b" << ref.index;
        break;
      case Ref::Kind::before:
        out << "b" << ref.index << "[t-1]";
        break;
      case Ref::Kind::incoming:
        out << "b" << ref.index << "[t+1]";
        break;
      case Ref::Kind::columns:
        out << "column" << ref.index;
        break;
      case Ref::Kind::number:
        out << plan_.numbers[ref.index];
        break;
      case Ref::Kind::temporary:
        out << "r" << ref.index;
        break;
    }
    return out.str();
  }

  void print(std::string_view name, const Pass& pass) {
    out_ << name << "\n";
    for (std::size_t stage = 0; stage < pass.stages.size(); ++stage) {
      if (pass.stages[stage].empty()) continue;
      out_ << (stage % 2 ? "  at every step\n" : "  for a chunk of steps\n");
      for (const Kernel& kernel : pass.stages[stage]) print(pass, kernel);
    }
  }

  void print(const Pass& pass, const Kernel& kernel) {
    switch (kernel.kind) {
      case Kernel::Kind::product: {
        const Product& p = pass.products[kernel.index];
        out_ << "    " << text(p.out);
        if (p.parts > 1) out_ << "...b" << p.out.index + p.parts - 1;
        out_ << (p.accumulate ? " += " : " = ");
        std::string_view between = "";
        for (const Product::Factor& term : p.terms) {
          const Matrix& m = plan_.matrices[plan_.packings[term.packing][0]];
          out_ << between << text(term.a) << " x (" << m.k << ", " << p.parts * m.n << ")";
          between = " + ";
        }
        out_ << (p.bias < 0 ? "\n" : " + bias\n");
        return;
      }
      case Kernel::Kind::program:
        for (const Program::Instruction& i : pass.programs[kernel.index].instructions) {
          const auto& registers = pass.programs[kernel.index].registers;
          out_ << "    " << text(registers[i.out].ref) << " = " << kernels::name(i.op) << "(";
          for (std::size_t k = 0; k < i.operand_count(); ++k) out_ << (k ? ", " : "") << text(registers[i.in[k]].ref);
          out_ << ")\n";
        }
        return;
      case Kernel::Kind::sum: {
        const Sum& s = pass.sums[kernel.index];
        out_ << "    gradient" << s.target << "[" << s.first_row << ", " << s.first_column << "] += ";
        if (s.a) out_ << text(*s.a) << (s.by_column ? " * " : "' x ");
        out_ << text(s.b);
        if (s.parts > 1) out_ << "...b" << s.b.index + s.parts - 1;
        out_ << "\n";
        return;
      }
    }
  }

  const Plan& plan_;
  std::ostringstream out_;
};

}  // namespace

std::string print_plan(const Plan& plan) { return Printer(plan).run(); }

}  // namespace unroll::compile
