#include "unroll/core/errors.hpp"

#include <doctest/doctest.h>

#include "unroll/core/shape.hpp"

using namespace unroll;

TEST_CASE_TEMPLATE("every error is an Error and a std::runtime_error", E, TypeError, ValueError, InvalidArgumentError,
                   IndexError, LookupError, RuntimeError, ResourceExhaustedError, IOError, DataLossError) {
  CHECK_THROWS_AS(raise<E>("f", "wrong"), Error);
  CHECK_THROWS_AS(raise<E>("f", "wrong"), std::runtime_error);
  try {
    raise<E>("f", "wrong");
  } catch (const Error& error) {
    CHECK(typeid(error) == typeid(E));
  }
}

TEST_CASE("a message names the function and streams its parts") {
  CHECK_THROWS_WITH_AS(raise<ValueError>("LSTMCell", "inputs has shape ", Shape{4, 7}, ", expected (batch, ", 8, ")"),
                       "LSTMCell: inputs has shape (4, 7), expected (batch, 8)", ValueError);
  CHECK_THROWS_WITH(raise<TypeError>("f", true, ' ', 0.5), "f: true 0.5");
}
