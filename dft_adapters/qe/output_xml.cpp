#include "dft_adapters/qe/output_xml.hpp"
#include "dft_adapters/detail/atomic_units.hpp"

#include "core/errors.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/detail/xml.hpp"
#include "dft_adapters/qe/functional.hpp"
#include "dft_adapters/qe/input.hpp"

namespace hullscan::qe {
namespace {

using detail::XmlElement;

std::optional<double> scaled(const std::optional<double>& value, double factor) {
  return value ? std::optional<double>(*value * factor) : std::nullopt;
}

std::optional<Eigen::Vector3d> vector_of(const XmlElement& element) {
  const auto values = element.numbers();
  if (values.size() != 3) return std::nullopt;
  return Eigen::Vector3d(values[0], values[1], values[2]);
}

std::optional<Structure> structure_of(const XmlElement& element) {
  Eigen::Matrix3d rows;
  for (int i = 0; i < 3; ++i) {
    const auto row = vector_of(element.at("cell/a" + std::to_string(i + 1)));
    if (!row) return std::nullopt;
    rows.row(i) = *row * kBohrAngstrom;
  }
  try {
    Structure structure{Lattice(rows), {}, {}};
    const bool fractional = static_cast<bool>(element.at("crystal_positions"));
    for (const XmlElement& atom : element.at(fractional ? "crystal_positions" : "atomic_positions").children("atom")) {
      const auto species = species_of_label(atom.attribute("name"));
      const auto x = vector_of(atom);
      if (!species || !x) return std::nullopt;
      structure.species.push_back(*species);
      structure.positions.push_back(fractional ? Fractional{*x}
                                               : structure.lattice.to_fractional(Cartesian{*x * kBohrAngstrom}));
    }
    if (structure.atom_count() == 0) return std::nullopt;
    return structure;
  } catch (const FormatError&) {
    return std::nullopt;  // a cell without volume
  }
}

/// A grid is an element with six attributes, a list has a count.
void read_k_points(const XmlElement& element, OutputXml& output) {
  if (const XmlElement grid = element.at("monkhorst_pack")) {
    std::array<std::int64_t, 6> found{};
    const std::array names = {"nk1", "nk2", "nk3", "k1", "k2", "k3"};
    for (std::size_t i = 0; i < names.size(); ++i) found[i] = detail::to_integer(grid.attribute(names[i])).value_or(-1);
    output.k_grid = found;
  } else {
    output.k_points_listed = element.at("nk").integer();
  }
}

void read_request(const XmlElement& input, OutputXml& output) {
  output.calculation = input.at("control_variables/calculation").text();
  output.prefix = input.at("control_variables/prefix").text();
  output.occupations = input.at("bands/occupations").text();
  output.conv_thr_ry = scaled(input.at("electron_control/conv_thr").number(), 2);
  output.wants_forces = input.at("control_variables/forces").boolean().value_or(false);
  output.wants_stress = input.at("control_variables/stress").boolean().value_or(false);
  // Older versions do not repeat these in the output section.
  output.smearing = input.at("bands/smearing").text();
  output.degauss_ry = scaled(detail::to_number(input.at("bands/smearing").attribute("degauss")), 2);
  read_k_points(input.at("k_points_IBZ"), output);
}

void read_result(const XmlElement& result, OutputXml& output) {
  const XmlElement scf = result.at("convergence_info/scf_conv");
  output.scf_converged = scf.at("convergence_achieved").boolean();
  output.scf_error_ry = scaled(scf.at("scf_error").number(), 2);  // Hartree here; in the <step> elements it is Ry
  output.ionic_converged = result.at("convergence_info/opt_conv/convergence_achieved").boolean();
  output.pseudo_dir = result.at("atomic_species").attribute("pseudo_dir");
  for (const XmlElement& species : result.at("atomic_species").children("species")) {
    output.pseudo_files[species.attribute("name")] = species.at("pseudo_file").text();
  }
  output.structure = structure_of(result.at("atomic_structure"));
  output.ecutwfc_ry = scaled(result.at("basis_set/ecutwfc").number(), 2);
  output.ecutrho_ry = scaled(result.at("basis_set/ecutrho").number(), 2);
  output.functional = functional_name(result.at("dft/functional").text());
  for (const XmlElement& u : result.at("dft/dftU").children("Hubbard_U"))
    output.hubbard_u[u.attribute("specie")] = u.number().value_or(0);
  output.vdw_corr = dispersion_name(result.at("dft/vdW/vdw_corr").text());  // "none" beside a non-local functional
  output.non_local_term = result.at("dft/vdW/non_local_term").text();
  if (detail::lower_case(output.non_local_term) == "none") output.non_local_term.clear();
  output.assume_isolated = result.at("boundary_conditions/assume_isolated").text();
  if (output.assume_isolated == "none") output.assume_isolated.clear();
  output.spin_polarised = result.at("magnetization/lsda").boolean().value_or(false);
  if (output.spin_polarised) output.magnetization_bohr = result.at("magnetization/total").number();
  output.energy_ry = scaled(result.at("total_energy/etot").number(), 2);
  output.energy_ev = scaled(output.energy_ry, kRydbergEv);
  const XmlElement bands = result.at("band_structure");
  if (const XmlElement start = bands.at("starting_k_points")) read_k_points(start, output);
  output.k_points = bands.at("nks").integer();
  if (const std::string kind = bands.at("occupations_kind").text(); !kind.empty()) output.occupations = kind;
  if (const XmlElement smearing = bands.at("smearing")) {
    output.smearing = smearing.text();
    output.degauss_ry = scaled(detail::to_number(smearing.attribute("degauss")), 2);
  }
  const auto forces = result.at("forces").numbers();
  if (output.structure && forces.size() == 3 * output.structure->atom_count()) {
    output.forces_ev_per_angstrom.emplace();
    for (std::size_t i = 0; i < forces.size(); i += 3) {
      output.forces_ev_per_angstrom->push_back(Eigen::Vector3d(forces[i], forces[i + 1], forces[i + 2]) *
                                               kForceHartreePerBohr);
    }
  }
  const auto stress = result.at("stress").numbers();
  if (stress.size() == 9) {
    output.stress_kbar =
        Eigen::Map<const Eigen::Matrix3d>(stress.data()) * kStressHartreePerCubicBohr;  // column-major, as Fortran's
  }
}

}  // namespace

std::optional<OutputXml> read_output_xml(const std::filesystem::path& file, std::string& problem) {
  const auto document = detail::XmlDocument::read(file, problem);
  if (!document) return std::nullopt;
  const XmlElement root = document->root();
  if (root.at("general_info/creator").attribute("NAME") != "PWSCF") {
    problem = "it is not an XML file of pw.x";
    return std::nullopt;
  }
  OutputXml output;
  output.version = root.at("general_info/creator").attribute("VERSION");
  output.closed = static_cast<bool>(root.at("closed"));
  output.wall_time_s = root.at("timing_info/total/wall").number();
  read_request(root.at("input"), output);
  read_result(root.at("output"), output);
  return output;
}

}  // namespace hullscan::qe
