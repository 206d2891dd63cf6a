-- A module file for Lmod. Copy it to MODULEPATH/hullscan/0.1.0.lua and set the prefix of `cmake --install --prefix`.
help([[hullscan searches the composition and configuration space of a disordered crystal for stable phases.
The programs of the Open MPI or MPICH that it was built with must be loaded: see docs/your-cluster.md.]])
whatis("Name: hullscan")
whatis("Version: 0.1.0")
local prefix = pathJoin(os.getenv("HOME"), "hullscan")
prepend_path("PATH", pathJoin(prefix, "bin"))
prepend_path("MANPATH", pathJoin(prefix, "share/man"))
prepend_path("PYTHONPATH", pathJoin(prefix, "share/hullscan/python"))
prepend_path("XDG_DATA_DIRS", pathJoin(prefix, "share"))
