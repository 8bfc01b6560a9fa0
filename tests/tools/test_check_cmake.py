import shutil
import subprocess
import unittest

import case_report
import check_cmake
from fake_library import BUILD, SOURCE, FakeLibraryTest


@unittest.skipUnless(shutil.which('cmake'), 'there is no cmake')
class CheckCMake(FakeLibraryTest):
    def problems(self, files):
        return list(check_cmake.check(self.build(files), '0.3', 'c++'))

    def test_accepts_a_copy_that_cmake_finds(self):
        self.assertEqual(self.problems({}), [])

    def test_an_older_patch_version_will_do_and_no_other(self):
        file = self.build({}) / 'cmake' / 'unrollConfigVersion.cmake'
        for version, good in [('0.3', 1), ('0.3.1', 1), ('0.3.2', 1), ('0.3.3', 0), ('0.2', 0), ('0.4', 0), ('1', 0)]:
            self.write({'find.cmake': f'set(PACKAGE_FIND_VERSION {version})\ninclude({file})\n'
                                      'if(NOT PACKAGE_VERSION_COMPATIBLE)\n  message(FATAL_ERROR no)\nendif()\n'})
            found = subprocess.run(['cmake', '-P', self.root / 'find.cmake'], stderr=subprocess.DEVNULL)
            self.assertEqual(found.returncode == 0, bool(good), version)

    def test_rejects_a_static_library_that_needs_more_than_is_said(self):
        problems = self.problems({'meson.build': BUILD.replace("['zlib']", "['libxxhash']")})
        self.assertEqual([p.split(':')[0] for p in problems], ['with the static library'])
        self.assertIn('zlibVersion', problems[0])

    def test_rejects_a_program_that_goes_wrong(self):
        problems = self.problems({'a.cpp': SOURCE.replace('{0}', '{1}').replace('* cell.units', '+ cell.units')})
        self.assertEqual(len(problems), 2)
        self.assertIn('printed "13 outputs', problems[0])


if __name__ == '__main__':
    case_report.main()
