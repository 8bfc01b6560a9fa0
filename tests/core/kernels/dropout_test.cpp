#include "unroll/core/kernels/dropout.hpp"

#include "core/kernels/support.hpp"
#include "unroll/core/philox.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

TEST_CASE("random words are those of the generator's blocks, across the carry of their number") {
  constexpr std::uint64_t seed = 0x123456789ABCDEF0, stream = 0xFEDCBA9876543210;
  for_each_target([&] {
    for (std::uint64_t block : {std::uint64_t{0}, std::uint64_t{0xFFFFFFF0}, std::uint64_t{1} << 40}) {
      for (Index count : {1, 3, 8, 64, 100}) {
        std::vector<std::uint32_t> words(static_cast<size_t>(4 * count + 1), 77);
        kernels::philox_words(seed, stream, block, count, words.data());
        bool equal = true;
        for (Index i = 0; i < count; ++i) {
          auto expected = unroll::philox_block(seed, stream, block + static_cast<std::uint64_t>(i));
          equal &= std::equal(expected.begin(), expected.end(), words.begin() + 4 * i);
        }
        CHECK(equal);
        CHECK(words.back() == 77);
      }
    }
  });
}

TEST_CASE_TEMPLATE("an element is dropped if its word is below the limit, wherever the run begins", T, float, double) {
  const std::vector<T> x = [] {
    std::vector<T> values;
    for (int i = 0; i < 1100; ++i) values.push_back(T(i) / 7 + 1);
    return values;
  }();
  for_each_target([&] {
    for (std::uint64_t limit :
         {std::uint64_t{0}, std::uint64_t{1} << 30, std::uint64_t{3000000000}, std::uint64_t{1} << 32})
      for (std::uint64_t position : {0, 1, 2, 7, 4093})
        for (Index n : {0, 1, 5, 17, 256, 1100}) {
          const kernels::DropoutRule rule{3, 9, limit, 1.25};
          std::vector<T> y(static_cast<size_t>(n) + 1, T{-1});
          kernels::dropout(rule, position, x.data(), y.data(), n);
          Index wrong = 0;
          for (Index i = 0; i < n; ++i) {
            std::uint64_t p = position + static_cast<std::uint64_t>(i);
            bool kept = unroll::philox_block(3, 9, p / 4)[p % 4] >= limit;
            wrong += y[size_t(i)] != (kept ? x[size_t(i)] * T(1.25) : T{0});
          }
          CHECK(wrong == 0);
          CHECK(y.back() == -1);
        }
  });
}
