#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

#include "unroll/core/creation.hpp"
#include "unroll/core/tensor.hpp"

using namespace unroll;

// The expected texts are str(array) of NumPy 2.4.

namespace {

constexpr double infinity = INFINITY;

struct Case {
  Tensor tensor;
  const char* text;
};

void compare(const std::vector<Case>& cases) {
  for (const auto& [tensor, text] : cases) CHECK(to_string(tensor) == std::string(text));
}

Tensor reshaped(const Tensor& tensor, const Shape& shape) { return tensor.reshaped_view(shape); }

}  // namespace

TEST_CASE("numbers are printed with few digits, aligned at the point, as NumPy does") {
  compare({
      {Tensor({2}, std::vector<double>{1.0, 2.5}), R"([1.  2.5])"},
      {Tensor({2}, std::vector<float>{1.0f, 2.5f}), R"([1.  2.5])"},
      {Tensor({3}, std::vector<float>{0.1f, 0.2f, 0.3f}), R"([0.1 0.2 0.3])"},
      {Tensor({2, 2}, std::vector<double>{1.0, -2.0, 30.25, 4.0}), R"([[ 1.   -2.  ]
 [30.25  4.  ]])"},
      {Tensor({2}, std::vector<double>{-0.0, 0.0}), R"([-0.  0.])"},
      {Tensor({2}, std::vector<float>{0.33333334f, 0.6666667f}), R"([0.33333334 0.6666667 ])"},
      {Tensor({2}, std::vector<double>{0.3333333333333333, 0.6666666666666666}), R"([0.33333333 0.66666667])"},
      {Tensor({2}, std::vector<double>{100.0, 0.001}), R"([1.e+02 1.e-03])"},
      {Tensor({2}, std::vector<double>{123456.789, 1.0}), R"([1.23456789e+05 1.00000000e+00])"},
      {Tensor({2}, std::vector<float>{999.5f, -0.125f}), R"([ 9.995e+02 -1.250e-01])"},
      {Tensor({2}, std::vector<double>{1234567.8, 3.0}), R"([1.2345678e+06 3.0000000e+00])"},
      {Tensor({2}, std::vector<float>{65504.5f, 512.25f}), R"([65504.5    512.25])"},
  });
}

TEST_CASE("numbers are printed with exponents where NumPy has them") {
  compare({
      {Tensor({2}, std::vector<double>{10000000000.0, 1.0}), R"([1.e+10 1.e+00])"},
      {Tensor({2}, std::vector<double>{1e-05, 0.0001}), R"([1.e-05 1.e-04])"},
      {Tensor({2}, std::vector<double>{0.0001, 0.001}), R"([0.0001 0.001 ])"},
      {Tensor({1}, std::vector<double>{100000000.0}), R"([1.e+08])"},
      {Tensor({1}, std::vector<double>{99999999.0}), R"([99999999.])"},
      {Tensor({1}, std::vector<float>{999999.0f}), R"([999999.])"},
      {Tensor({2}, std::vector<float>{1000000.0f, 2.0f}), R"([1.e+06 2.e+00])"},
      {Tensor({2}, std::vector<double>{1e-300, 1e+300}), R"([1.e-300 1.e+300])"},
      {Tensor({2}, std::vector<float>{1.5e-09f, NAN}), R"([1.5e-09     nan])"},
      {Tensor({2}, std::vector<double>{1000.5, 1.0}), R"([1.0005e+03 1.0000e+00])"},
      {Tensor({2}, std::vector<double>{1001.0, 1.0}), R"([1.001e+03 1.000e+00])"},
      {Tensor({3}, std::vector<float>{25.560421f, 1.166e+19f, -4.5e-13f}),
       R"([ 2.5560421e+01  1.1660000e+19 -4.5000001e-13])"},
      {Tensor({2}, std::vector<double>{5e-324, 1.0}), R"([5.e-324 1.e+000])"},
      {Tensor({2}, std::vector<float>{3.4028235e+38f, 1e-45f}), R"([3.4028235e+38 1.4012985e-45])"},
  });
}

TEST_CASE("NaN and infinities are printed as NumPy prints them") {
  compare({
      {Tensor({1}, std::vector<double>{double{NAN}}), R"([nan])"},
      {Tensor({2}, std::vector<float>{1.0f, NAN}), R"([ 1. nan])"},
      {Tensor({3}, std::vector<double>{infinity, -infinity, 1.25}), R"([ inf -inf 1.25])"},
      {Tensor({2, 2}, std::vector<double>{10000000000.0, double{NAN}, -infinity, 1e-05}), R"([[1.e+10    nan]
 [  -inf 1.e-05]])"},
      {Tensor({2}, std::vector<float>{NAN, INFINITY}), R"([nan inf])"},
      {Tensor({1}, std::vector<double>{-infinity}), R"([-inf])"},
  });
}

TEST_CASE("integers and booleans are printed as NumPy prints them") {
  compare({
      {Tensor({3}, std::vector<std::int32_t>{3, -10, 200}), R"([  3 -10 200])"},
      {Tensor({2, 1}, std::vector<std::int64_t>{7L, -8L}), R"([[ 7]
 [-8]])"},
      {Tensor({2}, std::vector<std::int64_t>{9223372036854775807L, -9223372036854775807L}),
       R"([ 9223372036854775807 -9223372036854775807])"},
      {Tensor({2, 2}, std::vector<bool>{true, false, false, false}), R"([[ True False]
 [False False]])"},
      {Tensor({1}, std::vector<bool>{true}), R"([ True])"},
      {Tensor({2, 3, 4}, std::vector<std::int32_t>{0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                                   12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}),
       R"([[[ 0  1  2  3]
  [ 4  5  6  7]
  [ 8  9 10 11]]

 [[12 13 14 15]
  [16 17 18 19]
  [20 21 22 23]]])"},
  });
}

TEST_CASE("planes are set apart by blank lines, and empty tensors are []") {
  compare({
      {Tensor({2, 2, 3}, std::vector<double>{-0.36, 1.204, 1.397, 0.317, 0.414, -0.49, -0.914, -0.9, -0.998, 0.929,
                                             -0.056, 0.128}),
       R"([[[-0.36   1.204  1.397]
  [ 0.317  0.414 -0.49 ]]

 [[-0.914 -0.9   -0.998]
  [ 0.929 -0.056  0.128]]])"},
      {Tensor({2, 1, 2, 2}, std::vector<float>{-0.64f, -1.09f, -1.2f, -0.84f, 0.6f, 0.02f, -0.46f, -0.24f}),
       R"([[[[-0.64 -1.09]
   [-1.2  -0.84]]]


 [[[ 0.6   0.02]
   [-0.46 -0.24]]]])"},
      {Tensor({0}, std::vector<double>{}), R"([])"},
      {Tensor({2, 0, 3}, std::vector<std::int32_t>{}), R"([])"},
      {Tensor({1, 1, 1}, std::vector<bool>{false}), R"([[[False]]])"},
  });
}

TEST_CASE("a tensor of rank 0 prints as a NumPy scalar") {
  compare({
      {Tensor({}, std::vector<float>{0.1f}), R"(0.1)"},
      {Tensor({}, std::vector<double>{0.3333333333333333}), R"(0.3333333333333333)"},
      {Tensor({}, std::vector<double>{1.0}), R"(1.0)"},
      {Tensor({}, std::vector<double>{1e+16}), R"(1e+16)"},
      {Tensor({}, std::vector<double>{1000000000000000.0}), R"(1000000000000000.0)"},
      {Tensor({}, std::vector<float>{123456790.0f}), R"(1.2345679e+08)"},
      {Tensor({}, std::vector<double>{5e-05}), R"(5e-05)"},
      {Tensor({}, std::vector<double>{-0.0}), R"(-0.0)"},
      {Tensor({}, std::vector<std::int32_t>{7}), R"(7)"},
      {Tensor({}, std::vector<bool>{true}), R"(True)"},
      {Tensor({}, std::vector<float>{NAN}), R"(nan)"},
      {Tensor({}, std::vector<double>{-infinity}), R"(-inf)"},
      {Tensor({}, std::vector<float>{1000000.0f}), R"(1e+06)"},
      {Tensor({}, std::vector<float>{999999.5f}), R"(999999.5)"},
  });
}

TEST_CASE("rows longer than a line are wrapped where NumPy wraps them") {
  compare({
      {Tensor({13}, std::vector<float>{-1.4273354f, 1.2306825f, -1.2164154f, 0.042381782f, 2.136975f, -2.5511904f,
                                       -1.4069595f, -0.723706f, 0.11655164f, -1.7148763f, -0.23527949f, -0.028427677f,
                                       0.17052218f}),
       R"([-1.4273354   1.2306825  -1.2164154   0.04238178  2.136975   -2.5511904
 -1.4069595  -0.723706    0.11655164 -1.7148763  -0.23527949 -0.02842768
  0.17052218])"},
      {Tensor({2, 17},
              std::vector<double>{-2.39, 0.65,  1.6,  0.44,  -0.72, -0.61, -2.65, 0.48,  1.5,  0.65, -2.98, -0.43,
                                  -0.1,  -0.48, 1.03, -1.74, -0.72, 0.6,   0.99,  0.17,  1.06, 0.52, -1.06, 1.29,
                                  -0.51, -1.63, 0.44, 1.81,  0.96,  1.0,   0.19,  -2.47, 0.68, 0.16}),
       R"([[-2.39  0.65  1.6   0.44 -0.72 -0.61 -2.65  0.48  1.5   0.65 -2.98 -0.43
  -0.1  -0.48  1.03 -1.74 -0.72]
 [ 0.6   0.99  0.17  1.06  0.52 -1.06  1.29 -0.51 -1.63  0.44  1.81  0.96
   1.    0.19 -2.47  0.68  0.16]])"},
      {Tensor({21}, std::vector<std::int64_t>{31294L, 41188L, 39001L, 8668L,  47490L, 44675L, 49961L,
                                              -2231L, 37003L, -8153L, 17274L, 48465L, 61028L, 33169L,
                                              31951L, 99600L, 72161L, 31198L, 88289L, 48586L, 95761L}),
       R"([31294 41188 39001  8668 47490 44675 49961 -2231 37003 -8153 17274 48465
 61028 33169 31951 99600 72161 31198 88289 48586 95761])"},
      {Tensor({12}, std::vector<bool>{false, true, true, true, false, false, false, false, true, true, true, false}),
       R"([False  True  True  True False False False False  True  True  True False])"},
  });
}

TEST_CASE("random numbers are printed as NumPy prints them") {
  compare({
      {Tensor({3, 4}, std::vector<float>{-0.41996616f, 0.6772214f, 1.1607997f, 2.3799675f, 0.28706688f, 1.4944175f,
                                         0.23437223f, -1.238645f, -2.2706432f, 0.29723907f, 0.88847053f, 2.4695642f}),
       R"([[-0.41996616  0.6772214   1.1607997   2.3799675 ]
 [ 0.28706688  1.4944175   0.23437223 -1.238645  ]
 [-2.2706432   0.29723907  0.88847053  2.4695642 ]])"},
      {Tensor({2, 3}, std::vector<double>{-0.6682649167578469, 0.4901525821400375, -0.11585572773690406,
                                          -2.368403063976702, 0.3748061805284154, -0.3217578118801296}),
       R"([[-0.66826492  0.49015258 -0.11585573]
 [-2.36840306  0.37480618 -0.32175781]])"},
      {Tensor({5}, std::vector<float>{-19.266962f, 408.448f, -1632.6206f, 0.00024203474f, -153739840.0f}),
       R"([-1.9266962e+01  4.0844800e+02 -1.6326206e+03  2.4203474e-04
 -1.5373984e+08])"},
      {Tensor({5}, std::vector<double>{12307904.26433027, 0.0012728188772725892, -1.650038660741291e-05,
                                       -149049.91821014325, -3.149375508337436e-06}),
       R"([ 1.23079043e+07  1.27281888e-03 -1.65003866e-05 -1.49049918e+05
 -3.14937551e-06])"},
      {Tensor({2, 2, 2}, std::vector<float>{0.39437523f, 0.9131539f, 0.024583332f, 0.15454865f, 0.49837297f, 0.4537003f,
                                            0.97326267f, 0.89388937f}),
       R"([[[0.39437523 0.9131539 ]
  [0.02458333 0.15454865]]

 [[0.49837297 0.4537003 ]
  [0.97326267 0.89388937]]])"},
  });
}

TEST_CASE("of tensors over 1000 elements the first and last three along each axis are printed") {
  compare({
      {arange(1001), R"([   0    1    2 ...  998  999 1000])"},
      {arange(0, 2500, 2, float64), R"([0.000e+00 2.000e+00 4.000e+00 ... 2.494e+03 2.496e+03 2.498e+03])"},
      {eye(40, 30), R"([[1. 0. 0. ... 0. 0. 0.]
 [0. 1. 0. ... 0. 0. 0.]
 [0. 0. 1. ... 0. 0. 0.]
 ...
 [0. 0. 0. ... 0. 0. 0.]
 [0. 0. 0. ... 0. 0. 0.]
 [0. 0. 0. ... 0. 0. 0.]])"},
      {reshaped(arange(1200), {4, 300}), R"([[   0    1    2 ...  297  298  299]
 [ 300  301  302 ...  597  598  599]
 [ 600  601  602 ...  897  898  899]
 [ 900  901  902 ... 1197 1198 1199]])"},
      {reshaped(arange(1200), {300, 4}), R"([[   0    1    2    3]
 [   4    5    6    7]
 [   8    9   10   11]
 ...
 [1188 1189 1190 1191]
 [1192 1193 1194 1195]
 [1196 1197 1198 1199]])"},
      {reshaped(arange(0, 1200, 1, float32), {2, 3, 200}),
       R"([[[0.000e+00 1.000e+00 2.000e+00 ... 1.970e+02 1.980e+02 1.990e+02]
  [2.000e+02 2.010e+02 2.020e+02 ... 3.970e+02 3.980e+02 3.990e+02]
  [4.000e+02 4.010e+02 4.020e+02 ... 5.970e+02 5.980e+02 5.990e+02]]

 [[6.000e+02 6.010e+02 6.020e+02 ... 7.970e+02 7.980e+02 7.990e+02]
  [8.000e+02 8.010e+02 8.020e+02 ... 9.970e+02 9.980e+02 9.990e+02]
  [1.000e+03 1.001e+03 1.002e+03 ... 1.197e+03 1.198e+03 1.199e+03]]])"},
      {reshaped(arange(1331), {11, 11, 11}), R"([[[   0    1    2 ...    8    9   10]
  [  11   12   13 ...   19   20   21]
  [  22   23   24 ...   30   31   32]
  ...
  [  88   89   90 ...   96   97   98]
  [  99  100  101 ...  107  108  109]
  [ 110  111  112 ...  118  119  120]]

 [[ 121  122  123 ...  129  130  131]
  [ 132  133  134 ...  140  141  142]
  [ 143  144  145 ...  151  152  153]
  ...
  [ 209  210  211 ...  217  218  219]
  [ 220  221  222 ...  228  229  230]
  [ 231  232  233 ...  239  240  241]]

 [[ 242  243  244 ...  250  251  252]
  [ 253  254  255 ...  261  262  263]
  [ 264  265  266 ...  272  273  274]
  ...
  [ 330  331  332 ...  338  339  340]
  [ 341  342  343 ...  349  350  351]
  [ 352  353  354 ...  360  361  362]]

 ...

 [[ 968  969  970 ...  976  977  978]
  [ 979  980  981 ...  987  988  989]
  [ 990  991  992 ...  998  999 1000]
  ...
  [1056 1057 1058 ... 1064 1065 1066]
  [1067 1068 1069 ... 1075 1076 1077]
  [1078 1079 1080 ... 1086 1087 1088]]

 [[1089 1090 1091 ... 1097 1098 1099]
  [1100 1101 1102 ... 1108 1109 1110]
  [1111 1112 1113 ... 1119 1120 1121]
  ...
  [1177 1178 1179 ... 1185 1186 1187]
  [1188 1189 1190 ... 1196 1197 1198]
  [1199 1200 1201 ... 1207 1208 1209]]

 [[1210 1211 1212 ... 1218 1219 1220]
  [1221 1222 1223 ... 1229 1230 1231]
  [1232 1233 1234 ... 1240 1241 1242]
  ...
  [1298 1299 1300 ... 1306 1307 1308]
  [1309 1310 1311 ... 1317 1318 1319]
  [1320 1321 1322 ... 1328 1329 1330]]])"},
  });
  CHECK(to_string(arange(1000)).find("...") == std::string::npos);
}

TEST_CASE("a null tensor prints as None, and a stream gets what to_string gives") {
  CHECK(to_string(Tensor()) == "None");
  std::ostringstream out;
  out.precision(2);
  out << Tensor{1.23456, 2.0} << Tensor();
  CHECK(out.str() == "[1.23456 2.     ]None");
}

TEST_CASE("a view prints its own elements") {
  Tensor x{{1.5, 2.0}, {3.0, 4.25}, {5.0, 6.0}};
  CHECK(to_string(x.rows_view(1, 2)) == "[[3.   4.25]]");
}
