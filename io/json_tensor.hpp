#pragma once
// Tensors as nested arrays of JSON, as programs in JavaScript, Python and C++ write them.
#include <nlohmann/json.hpp>

#include "unroll/io/named_tensors.hpp"

namespace unroll {

/// [[1.5, 2.0], ...]; float32 with as few digits as read back the same. Throws ValueError in the name of `who` for an
/// element that is not finite, which JSON cannot hold.
nlohmann::ordered_json tensor_to_json(std::string_view who, const Tensor& tensor);

/// A float64 tensor. Throws DataLossError in the name of `who` for arrays of different lengths, for what is no number
/// of the range of float32, or if the rank is not `rank`.
Tensor tensor_from_json(const std::string& who, const nlohmann::ordered_json& json, int rank);

/// The members of an object, vectors and matrices of numbers, as float32. Throws DataLossError in the name of `who`,
/// with the key, for another member.
NamedTensors tensors_from_json(const std::string& who, const nlohmann::ordered_json& object);

/// The member of an object. Throws DataLossError in the name of `who` if there is none, or if it is no object.
const nlohmann::ordered_json& json_member(const std::string& who, const nlohmann::ordered_json& object,
                                          const std::string& key);
/// The member as a number from `least` on; `otherwise` if it is absent. DataLossError if it is none.
Index json_integer(const std::string& who, const nlohmann::ordered_json& object, const std::string& key, Index least);
double json_number(const std::string& who, const nlohmann::ordered_json& object, const std::string& key,
                   double otherwise);

}  // namespace unroll
