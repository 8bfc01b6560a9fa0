#pragma once
// Numbers: memory for numbers that grows and is kept.
#include <cstdlib>
#include <memory>
#include <new>

#include "unroll/core/shape.hpp"

namespace unroll::compile {

template <class T>
class Numbers {
 public:
  /// Room for `count` numbers; what was there before is gone.
  T* resize(Index count) {
    if (count > capacity_) {
      data_.reset();
      data_.reset(static_cast<T*>(::operator new (static_cast<std::size_t>(count) * sizeof(T), std::align_val_t{64})));
      capacity_ = count;
      std::uninitialized_fill_n(data_.get(), count, T{0});
    }
    return data_.get();
  }
  T* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete (p, std::align_val_t{64}); }
  };
  std::unique_ptr<T, Free> data_;
  Index capacity_ = 0;
};

}  // namespace unroll::compile
