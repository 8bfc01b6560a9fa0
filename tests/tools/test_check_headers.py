import case_report
import check_headers
from trees import TreeTest


class CheckHeaders(TreeTest):
    def missing(self, files):
        self.write(files)
        return list(check_headers.missing(self.root, [self.root / 'core/a.hpp', self.root / 'include/unroll/all.hpp']))

    def test_a_header_may_include_installed_ones(self):
        self.assertEqual(self.missing({'core/a.hpp': '#include <vector>\n#include "unroll/core/a.hpp"\n',
                                       'include/unroll/all.hpp': '#include "unroll/core/a.hpp"\n'}), [])

    def test_rejects_a_header_that_needs_one_that_is_not_installed(self):
        problems = self.missing({'core/a.hpp': '#pragma once\n#include "unroll/core/private.hpp"\n',
                                 'include/unroll/all.hpp': '#include <unroll/rnn/private.hpp>\n'})
        self.assertEqual([p.split(': ')[0] for p in problems],
                         [f'{self.root}/core/a.hpp:2', f'{self.root}/include/unroll/all.hpp:1'])

    def test_the_translation_unit_names_the_header_as_users_do(self):
        for path, name in [('core/../core/a.hpp', 'core/a.hpp'), ('include/unroll/all.hpp', 'all.hpp')]:
            self.assertEqual(check_headers.translation_unit(self.root, self.root / path),
                             f'#include "unroll/{name}"\n#include "unroll/{name}"\n')


if __name__ == '__main__':
    case_report.main()
