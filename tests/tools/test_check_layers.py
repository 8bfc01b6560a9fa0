import case_report
import check_layers
from trees import TreeTest


class CheckLayers(TreeTest):
    def includes(self, path, *included):
        return self.problems(check_layers, {path: ''.join(f'#include {name}\n' for name in included)})

    def test_accepts_downward_includes(self):
        self.assertEqual(self.includes('rnn/a.cpp', '"unroll/cells/b.hpp"', '"unroll/rnn/c.hpp"', '<vector>'), [])
        self.assertEqual(self.includes('io/a.hpp', '"unroll/cells/b.hpp"'), [])
        self.assertEqual(self.includes('tests/a.cpp', '"unroll/rnn/b.hpp"', '"support/c.hpp"'), [])

    def test_rejects_upward_and_sideways_includes_with_their_line(self):
        self.assertIn('core/a.hpp:2: #include "unroll/autograd/b.hpp": core may include core; not autograd',
                      self.includes('core/a.hpp', '<vector>', '"unroll/autograd/b.hpp"'))
        for path, name in [('cells/a.cpp', 'rnn'), ('optim/b.cpp', 'cells'), ('rnn/c.cpp', 'optim'),
                           ('io/d.cpp', 'optim'), ('rnn/compile/e.cpp', 'io')]:
            self.assertTrue(self.includes(path, f'"unroll/{name}/x.hpp"'), path)

    def test_rejects_the_layers_including_programs_or_the_umbrella(self):
        for name in ['"unroll/unroll.hpp"', '"tests/support/x.hpp"', '"../tools/x.hpp"', '"sibling.hpp"']:
            self.assertTrue(self.includes('core/a.cpp', name), name)

    def test_sees_includes_with_spaces_and_angle_brackets(self):
        self.assertTrue(self.problems(check_layers, {'core/a.cpp': '  #  include <unroll/rnn/b.hpp>\n'}))

    def test_keeps_xtensor_out_of_headers(self):
        xtensor = '<xtensor/xarray.hpp>'
        self.assertEqual(self.includes('core/xtensor.hpp', xtensor), [])
        self.assertEqual(self.includes('core/a.cpp', xtensor, '"unroll/core/xtensor.hpp"'), [])
        self.assertTrue(self.includes('core/a.hpp', xtensor))
        self.assertTrue(self.includes('core/a.hpp', '<xtensor-blas/xlinalg.hpp>'))
        self.assertTrue(self.includes('core/a.hpp', '"unroll/core/xtensor.hpp"'))
        self.assertTrue(self.includes('include/unroll/unroll.hpp', '"unroll/core/xtensor.hpp"'))

    def test_keeps_highway_in_the_kernels(self):
        highway = ['"hwy/foreach_target.h"', '<hwy/highway.h>']
        self.assertEqual(self.includes('core/kernels/a.cpp', *highway), [])
        self.assertEqual(len(self.includes('autograd/a.cpp', *highway)), 2)


if __name__ == '__main__':
    case_report.main()
