#!/bin/sh
# Runs the tests of this folder with the first python3 that has the packages.   run_tests.sh SOURCES HULLSCAN
# Skipped (77) where none has; then it says which packages are missing.
set -u
for candidate in python3 /usr/bin/python3; do
  missing=""
  for module in numpy h5py pandas ase pymatgen.core; do
    "$candidate" -c "import $module" >/dev/null 2>&1 || missing="$missing python3-${module%%.*}"
  done
  [ -z "$missing" ] && break
done
if [ -n "$missing" ]; then
  echo "SKIPPED: Debian packages that are not installed:$missing"
  exit 77
fi
cd "$1/tests/python" || exit 1
export PYTHONPATH="$1/python" PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1 HULLSCAN="$2" HULLSCAN_SOURCES="$1"
exec "$candidate" -W ignore::UserWarning:pymatgen -m unittest discover --pattern "*_test.py" --verbose
