#include "unroll/io/json_tensor.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "unroll/io/json_numbers.hpp"

namespace unroll {

using nlohmann::ordered_json;

namespace {

// A float64 whose shortest decimal is that of the value in its own dtype.
template <class T>
double shortest(T value) {
  std::string text;
  append_json(text, value);
  return nlohmann::json::parse(text).get<double>();
}

template <class T>
ordered_json nested(const T*& next, const Shape& shape, int axis) {
  if (axis == shape.rank()) return shortest(*next++);
  ordered_json array = ordered_json::array();
  for (Index i = 0; i < shape[axis]; ++i) array.push_back(nested(next, shape, axis + 1));
  return array;
}

void collect(const std::string& who, const ordered_json& json, const std::vector<Index>& dims, std::size_t axis,
             std::vector<double>& values) {
  if (axis == dims.size()) {
    if (!json.is_number()) raise<DataLossError>(who, json.dump().substr(0, 40), " is no number");
    const auto value = json.get<double>();
    if (std::abs(value) > std::numeric_limits<float>::max())
      raise<DataLossError>(who, json.dump().substr(0, 40), " is out of the range of float32");
    values.push_back(value);
    return;
  }
  if (!json.is_array() || static_cast<Index>(json.size()) != dims[axis])
    raise<DataLossError>(who, "expected an array of ", dims[axis], " like the others, got ", json.dump().substr(0, 40));
  for (const ordered_json& element : json) collect(who, element, dims, axis + 1, values);
}

void check_object(const std::string& who, const ordered_json& json) {
  if (!json.is_object()) raise<DataLossError>(who, "expected an object, got ", json.dump().substr(0, 40));
}

}  // namespace

ordered_json tensor_to_json(std::string_view who, const Tensor& tensor) {
  return dispatch_floating(who, tensor.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (T value : tensor.values<T>())
      if (!std::isfinite(value)) raise<ValueError>(who, "a weight is ", value, ", which JSON cannot hold");
    const T* next = tensor.data<T>();
    return nested(next, tensor.shape(), 0);
  });
}

Tensor tensor_from_json(const std::string& who, const ordered_json& json, int rank) {
  std::vector<Index> dims;
  const ordered_json* inner = &json;
  for (int axis = 0; axis < rank; ++axis) {
    if (!inner->is_array()) raise<DataLossError>(who, "expected arrays within arrays, ", rank, " deep");
    dims.push_back(static_cast<Index>(inner->size()));
    if (inner->empty()) break;
    inner = &inner->front();
  }
  dims.resize(static_cast<std::size_t>(rank), 0);
  std::vector<double> values;
  collect(who, json, dims, 0, values);
  return Tensor(Shape(std::span<const Index>(dims)), values);
}

NamedTensors tensors_from_json(const std::string& who, const ordered_json& object) {
  check_object(who, object);
  NamedTensors tensors;
  for (const auto& [key, value] : object.items()) {
    const std::string at = who + ": " + key.substr(0, 100);
    int rank = 0;
    for (const ordered_json* inner = &value; inner->is_array(); inner = &inner->front()) {
      ++rank;
      if (inner->empty()) break;
    }
    if (rank != 1 && rank != 2)
      raise<DataLossError>(at, "expected a vector or a matrix of numbers, got ", value.dump().substr(0, 40));
    tensors.emplace_back(key, Tensor(tensor_from_json(at, value, rank), float32));
  }
  return tensors;
}

const ordered_json& json_member(const std::string& who, const ordered_json& object, const std::string& key) {
  check_object(who, object);
  auto found = object.find(key);
  if (found == object.end()) raise<DataLossError>(who, "there is no \"", key, "\"");
  return *found;
}

Index json_integer(const std::string& who, const ordered_json& object, const std::string& key, Index least) {
  const ordered_json& json = json_member(who, object, key);
  if (!json.is_number_integer() || json.get<Index>() < least)
    raise<DataLossError>(who, key, " is ", json.dump().substr(0, 40), ", expected an integer from ", least, " on");
  return json.get<Index>();
}

double json_number(const std::string& who, const ordered_json& object, const std::string& key, double otherwise) {
  if (!object.is_object() || !object.contains(key)) return otherwise;
  const ordered_json& json = json_member(who, object, key);
  if (!json.is_number()) raise<DataLossError>(who, key, " is ", json.dump().substr(0, 40), ", expected a number");
  return json.get<double>();
}

}  // namespace unroll
