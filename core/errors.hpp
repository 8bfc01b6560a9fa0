#pragma once
// Every error that the library throws. Names are TensorFlow's where it has one. A message names the function, the
// rule, what was expected and what came: "LSTMCell: inputs has shape (4, 7), expected (batch, 8)".
#include <sstream>
#include <stdexcept>
#include <string>

namespace unroll {

/// Base of all errors of this library.
class Error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An argument is of the wrong kind or dtype.
class TypeError : public Error {
  using Error::Error;
};

/// An argument has the wrong rank, shape, structure, or a value that no call can use.
class ValueError : public Error {
  using Error::Error;
};

/// A value inside a tensor is out of range (a label, a length, an index).
class InvalidArgumentError : public Error {
  using Error::Error;
};

/// An index or axis lies outside its sequence.
class IndexError : public Error {
  using Error::Error;
};

/// Something is not registered: a gradient that does not exist, a name that is not there.
class LookupError : public Error {
  using Error::Error;
};

/// An object is used in the wrong state, as a tape after its end.
class RuntimeError : public Error {
  using Error::Error;
};

/// The elements of a tensor are looked at while a cell's step is traced, when it has none (see autograd/trace.hpp).
class SymbolicTensorError : public RuntimeError {
  using RuntimeError::RuntimeError;
};

/// A size is too large: a product of dimensions overflows, or memory is not to be had.
class ResourceExhaustedError : public Error {
  using Error::Error;
};

/// A file cannot be opened, read, written or renamed.
class IOError : public Error {
  using Error::Error;
};

/// The content of a file is damaged, or is not of the format that it claims.
class DataLossError : public Error {
  using Error::Error;
};

/// Throws `E` with the message "who: " followed by all parts, streamed one after another.
template <class E, class... Parts>
[[noreturn]] void raise(std::string_view who, const Parts&... parts) {
  std::ostringstream message;
  message << std::boolalpha << who << ": ";
  (message << ... << parts);
  throw E(message.str());
}

}  // namespace unroll
