import case_report
import check_subproject
from fake_library import BUILD, FakeLibraryTest


class CheckSubproject(FakeLibraryTest):
    def problems(self, meson_build):
        build = self.build({'meson.build': meson_build, 'test.cpp': 'int main() {}\n'})
        return list(check_subproject.check(self.root, build, 'c++'))

    def test_accepts_a_library_and_nothing_else(self):
        self.assertEqual(self.problems(BUILD), [])

    def test_rejects_one_that_builds_its_tests_too(self):
        problems = self.problems(BUILD + "executable('a_test', 'test.cpp')\n")
        self.assertEqual(problems, ['the subproject builds more than its library: a_test'])

    def test_rejects_one_that_no_dependency_leads_to(self):
        problems = self.problems(BUILD.replace("meson.override_dependency('unroll', unroll_dep)", ''))
        self.assertIn('unroll', problems[0])

    def test_rejects_one_that_leaves_out_its_headers(self):
        problems = self.problems(BUILD.replace('dependency(include_directories: headers, ', 'dependency('))
        self.assertIn('unroll/unroll.hpp', problems[0])


if __name__ == '__main__':
    case_report.main()
