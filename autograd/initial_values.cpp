#include "unroll/autograd/initial_values.hpp"

#include <utility>

namespace unroll {
namespace {
thread_local const InitialValues::Source* innermost = nullptr;
}

InitialValues::InitialValues(Source source) : source_(std::move(source)), outer_(std::exchange(innermost, &source_)) {}

InitialValues::~InitialValues() { innermost = outer_; }

const InitialValues::Source* InitialValues::current() { return innermost; }

}  // namespace unroll
