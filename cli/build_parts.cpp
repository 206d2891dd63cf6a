#include "cli/build_parts.hpp"

#include "analysis/figures/rendering.hpp"
#include "dft_adapters/dft_code.hpp"
#include "storage/zip_writer.hpp"

namespace hullscan::cli {

std::vector<BuildPart> build_parts() {
  return {{"XML libraries", "results of Quantum ESPRESSO and VASP can be read", why_no_xml()},
          {"libarchive", "finished calculations are packed, and zips can be written", why_no_zip_files()},
          {"cairo", "figures can be drawn", why_no_pictures()}};
}

}  // namespace hullscan::cli
