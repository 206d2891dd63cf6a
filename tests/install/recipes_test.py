#!/usr/bin/env python3
"""The recipes of deploy/recipes and deploy/container name the libraries that CMake looks for, set options that exist, are of
this version, and can be read. Built by nobody here: Spack, EasyBuild, conda and the container tools are not in Debian or need
a network."""
import ast
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECIPES = ROOT / "deploy" / "recipes"
# As CMake calls a library: as recipes do, in small letters, without dashes and underscores.
NAMES = {"Eigen3": "eigen", "HDF5": "hdf5", "SQLite3": "sqlite", "spdlog": "spdlog", "fmt": "fmt", "Boost": "boost",
         "nlohmann_json": "nlohmannjson", "pugixml": "pugixml", "EXPAT": "expat", "ZLIB": "zlib",
         "SPGLIB": "spglib", "libarchive": "libarchive", "cairo": "cairo", "XXHASH": "xxhash", "TOMLPLUSPLUS": "tomlplusplus",
         "KIM-API": "kimapi"}  # fmt: skip
OF_THE_COMPILER = {"PkgConfig", "Threads", "MPI"}


def plain(text):
    return re.sub("[-_]", "", text.lower())


def wanted():
    text = (ROOT / "cmake" / "HullscanDependencies.cmake").read_text()
    text = "\n".join(line for line in text.split("\n") if not line.startswith(("#", "  ")))
    found = re.findall(r"^find_package\(([\w-]+)", text, re.M) + re.findall(r"^pkg_check_modules\((\w+)", text, re.M)
    for kind, names in re.findall(r'^hullscan_optional\(\w+ "[^"]+" (PACKAGES|MODULES) (.+)\)', text, re.M):
        words = re.findall(r'"([\w-]+)[^"]*"|([\w-]+)', names)
        found += [quoted or word for quoted, word in (words if kind == "PACKAGES" else words[:1])]
    return [name for name in found if name not in OF_THE_COMPILER]


def tuples(path):
    """Variables of an easyconfig, whose values are literals."""
    return {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(path.read_text()).body}


class Recipes(unittest.TestCase):
    def setUp(self):
        self.version = re.search(r"project\(hullscan VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
        self.easyconfig = next(RECIPES.glob("*.eb"))

    def named(self, path):
        if path.suffix == ".eb":
            read = tuples(path)
            return {plain(name) for name, _ in read["dependencies"] + read["builddependencies"]}
        words = re.findall(r'depends_on\("([\w-]+)', path.read_text()) or re.findall(r"^ +- ([\w-]+)", path.read_text(), re.M)
        return {plain(re.sub("^libboost-devel$|^zlib-api$", lambda m: {"l": "boost", "z": "zlib"}[m[0][0]], word)) for word in words}

    def test_every_library_is_named(self):
        self.assertGreater(len(wanted()), 10)
        for path in (RECIPES / "package.py", self.easyconfig, RECIPES / "meta.yaml"):
            for name in wanted():
                self.assertIn(NAMES[name], self.named(path), f"{path.name} lacks {name}")

    def test_options_exist(self):
        cmake = "\n".join(path.read_text() for path in [ROOT / "CMakeLists.txt", *(ROOT / "cmake").glob("*.cmake")])
        known = set(re.findall(r"option\((HULLSCAN_\w+)", cmake))
        known |= {"HULLSCAN_" + part for part in re.findall(r"hullscan_optional\((\w+)", cmake)}
        known.add("HULLSCAN_XGBOOST")
        known |= set(re.findall(r"option\((HULLSCAN_\w+)", (ROOT / "workers" / "CMakeLists.txt").read_text()))
        for path in [*RECIPES.iterdir(), *(ROOT / "deploy" / "container").iterdir()]:
            for option in re.findall(r"HULLSCAN_[A-Z_]+", path.read_text()):
                self.assertIn(option, known, path.name)

    def test_they_are_of_this_version(self):
        ast.parse((RECIPES / "package.py").read_text())
        read = tuples(self.easyconfig)
        self.assertEqual(read["version"], self.version)
        self.assertEqual(self.easyconfig.name, f"hullscan-{self.version}-foss-{read['toolchain']['version']}.eb")
        for name, line in (("package.py", f'version("{self.version}")'), ("meta.yaml", f'version: "{self.version}"'),
                           ("hullscan.lua", f"Version: {self.version}")):  # fmt: skip
            self.assertIn(line, (RECIPES / name).read_text())

    def test_the_containers_install_by_scripts_that_exist(self):
        for name in ("Dockerfile", "hullscan.def"):
            text = (ROOT / "deploy" / "container" / name).read_text()
            self.assertIn("debian:12", text)
            for script in re.findall(r"/source/(deploy/[\w-]+)", text):
                self.assertTrue((ROOT / script).is_file(), script)


if __name__ == "__main__":
    unittest.main()
