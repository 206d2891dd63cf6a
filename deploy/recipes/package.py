# A Spack package of hullscan. In a repository of your own:
#   spack repo create mine && mkdir -p mine/packages/hullscan && cp deploy/recipes/package.py mine/packages/hullscan/
#   spack repo add mine && spack dev-build hullscan@0.1.0        # in the source tree
from spack.package import *


class Hullscan(CMakePackage):
    """A resumable search of a disordered crystal's composition and configuration space for stable phases."""

    license("MIT")
    version("0.1.0")

    variant("kim", default=True, description="Interatomic potentials by the KIM API")
    variant("mpi_module", default=False, description="MPI in a module beside the program, which runs alone without any")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("eigen@3.4:")
    depends_on("hdf5@1.10.5: ~mpi")
    depends_on("sqlite@3.34:")
    depends_on("fmt@9:")
    depends_on("spdlog +fmt_external")
    depends_on("boost@1.74: +program_options")
    depends_on("tomlplusplus@3:")
    depends_on("nlohmann-json@3.11:")
    depends_on("pugixml")
    depends_on("expat")
    depends_on("zlib-api")
    depends_on("cairo +pdf +svg")
    depends_on("spglib")
    depends_on("libarchive")
    depends_on("xxhash")
    depends_on("kim-api@2.2:", when="+kim")

    conflicts("%gcc@:10", msg="hullscan is written in C++20: GCC 11 or newer")
    conflicts("%clang@:13", msg="hullscan is written in C++20: clang 14 or newer")

    def cmake_args(self):
        return [
            self.define("HULLSCAN_TESTS", False),
            self.define("CMAKE_UNITY_BUILD", True),
            self.define("HULLSCAN_KIM", "ON" if self.spec.satisfies("+kim") else "OFF"),
            self.define_from_variant("HULLSCAN_MPI_MODULE", "mpi_module"),
        ]
