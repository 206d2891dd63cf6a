#include "dft_adapters/vasp/input_sets.hpp"

#include "dft_adapters/detail/words.hpp"

namespace hullscan::vasp {
namespace {

using Values = std::map<std::string, double>;

const Values kMaterialsProjectU = {{"Co", 3.32}, {"Cr", 3.7}, {"Fe", 5.3}, {"Mn", 3.9},
                                   {"Mo", 4.38}, {"Ni", 6.2}, {"V", 3.25}, {"W", 6.2}};
const Values kMitU = {{"Ag", 1.5}, {"Co", 3.4}, {"Cr", 3.5}, {"Cu", 4}, {"Fe", 4.0}, {"Mn", 3.9}, {"Mo", 4.38},
                      {"Nb", 1.5}, {"Ni", 6},   {"Re", 2},   {"Ta", 2}, {"V", 3.1},  {"W", 4.0}};
const Values kMitUOfSulfides = {{"Fe", 1.9}, {"Mn", 2.5}};

constexpr std::string_view kMaterialsProjectPotentials =
    "Ba_sv Be_sv Ca_sv Cr_pv Cs_sv Cu_pv Dy_3 Er_3 Fe_pv Ga_d Ge_d Hf_pv Ho_3 In_d K_sv Li_sv Lu_3 Mg_pv Mn_pv Mo_pv "
    "Na_pv Nb_pv Nd_3 Ni_pv Os_pv Pb_d Pm_3 Pr_3 Rb_sv Re_pv Rh_pv Ru_pv Sc_sv Sm_3 Sn_d Sr_sv Ta_pv Tb_3 Tc_pv "
    "Ti_pv "
    "Tl_d Tm_3 V_pv W_pv Y_sv Yb_2 Zr_sv";
constexpr std::string_view kMitPotentials =
    "Ba_sv Ca_sv Cs_sv Dy_3 Er_3 Ho_3 K_sv Lu_3 Mo_pv Nb_pv Rb_pv Ru_pv Sc_sv Sm_3 Sn_d Sr_sv Tb_3 Tm_3 V_pv W_pv "
    "Y_sv";
constexpr std::string_view kMatPesPotentials =
    "Ba_sv_GW Be_sv Ca_sv Cr_pv Cs_sv Cu_pv Dy_h Er_h Fe_pv Fr_sv Ga_d Ge_d Hf_pv Ho_h In_d K_sv Li_sv Lu_3 Mg_pv "
    "Mn_pv Mo_pv Na_pv Nb_pv Nd_h Ni_pv Os_pv Pb_d Pm_h Po_d Pr_h Ra_sv Rb_sv Re_pv Rh_pv Ru_pv Sc_sv Sm_h Sn_d "
    "Sr_sv "
    "Ta_pv Tb_h Tc_pv Ti_pv Tl_d Tm_h V_pv W_sv Xe_GW Y_sv Yb_h Zr_sv";

/// The POTCARs of the Materials Project's r2SCAN sets, of the release 54 (pymatgen: PBE54Base.yaml).
constexpr std::string_view kR2scanPotentials =
    "Ba_sv Be_sv Ca_sv Cr_pv Cs_sv Cu_pv Dy_3 Er_3 Fe_pv Fr_sv Ga_d Ge_d Hf_pv Ho_3 In_d K_sv Li_sv Lu_3 Mg_pv Mn_pv "
    "Mo_pv Na_pv Nb_pv Nd_3 Ni_pv Os_pv Pb_d Pm_3 Po_d Pr_3 Ra_sv Rb_sv Re_pv Rh_pv Ru_pv Sc_sv Sm_3 Sn_d Sr_sv Ta_pv "
    "Tb_3 Tc_pv Ti_pv Tl_d Tm_3 V_pv W_sv Y_sv Yb_3 Zr_sv";

/// A set that differs from another in these tags; "" takes a tag away.
InputSet changed(InputSet set, const std::string& name, const std::map<std::string, std::string>& changes) {
  set.name = name;
  for (const auto& [tag, value] : changes) {
    set.incar.erase(tag);
    if (!value.empty()) set.incar.emplace(tag, value);
  }
  return set;
}

/// Those that are another set with a few tags changed, as pymatgen defines them too (MPStaticSet, MPScanStaticSet,
/// MatPESStaticSet with xc_functional = R2SCAN). What only writes more files is left out.
void add_changed_sets(std::vector<InputSet>& all) {
  const auto named = [&](std::string_view name) {
    for (const InputSet& set : all) {
      if (set.name == name) return set;
    }
    return InputSet{};
  };
  const std::map<std::string, std::string> at_rest = {
      {"IBRION", "-1"}, {"ISMEAR", "-5"}, {"LREAL", ".FALSE."}, {"NSW", "0"}, {"EDIFFG", ""}};
  InputSet mp_static = changed(named("mp-relax"), "mp-static", at_rest);
  mp_static.reciprocal_density = 100;
  all.push_back(mp_static);
  all.push_back(changed(named("mp-r2scan-relax"), "mp-r2scan-static", at_rest));
  all.push_back(
      changed(named("matpes-static"), "matpes-r2scan-static", {{"ALGO", "All"}, {"GGA", ""}, {"METAGGA", "R2SCAN"}}));
}

std::vector<InputSet> written_sets();

const std::vector<InputSet>& sets() {
  static const std::vector<InputSet> kSets = [] {
    std::vector<InputSet> all = written_sets();
    add_changed_sets(all);
    return all;
  }();
  return kSets;
}

std::vector<InputSet> written_sets() {
  return {
      {.name = "mp-relax",
       .incar = {{"ALGO", "Fast"},
                 {"ENCUT", "520"},
                 {"IBRION", "2"},
                 {"ISIF", "3"},
                 {"ISMEAR", "-5"},
                 {"ISPIN", "2"},
                 {"LASPH", ".TRUE."},
                 {"LORBIT", "11"},
                 {"LREAL", "Auto"},
                 {"NELM", "100"},
                 {"NSW", "99"},
                 {"PREC", "Accurate"},
                 {"SIGMA", "0.05"},
                 {"LWAVE", ".FALSE."}},
       .ediff_per_atom_ev = 5e-5,
       .hubbard_u_ev = {{"F", kMaterialsProjectU}, {"O", kMaterialsProjectU}},
       .reciprocal_density = 64,
       .kpoint_length = 0,
       .functional = "PBE",
       .potentials = kMaterialsProjectPotentials},
      {.name = "mit-relax",
       .incar = {{"ALGO", "Fast"},
                 {"EDIFF", "1e-05"},
                 {"ENCUT", "520"},
                 {"IBRION", "2"},
                 {"ICHARG", "1"},
                 {"ISIF", "3"},
                 {"ISMEAR", "-5"},
                 {"ISPIN", "2"},
                 {"ISYM", "0"},
                 {"LORBIT", "11"},
                 {"LREAL", "Auto"},
                 {"NELM", "200"},
                 {"NELMIN", "6"},
                 {"NSW", "99"},
                 {"PREC", "Accurate"},
                 {"SIGMA", "0.05"},
                 {"LWAVE", ".FALSE."}},
       .ediff_per_atom_ev = 0,
       .hubbard_u_ev = {{"F", kMitU}, {"O", kMitU}, {"S", kMitUOfSulfides}},
       .reciprocal_density = 0,
       .kpoint_length = 25,
       .functional = "PBE",
       .potentials = kMitPotentials},
      {.name = "matpes-static",
       .incar = {{"ALGO", "Normal"},
                 {"EDIFF", "1e-05"},
                 {"ENAUG", "1360"},
                 {"ENCUT", "680"},
                 {"GGA", "PE"},
                 {"ISMEAR", "0"},
                 {"ISPIN", "2"},
                 {"KSPACING", "0.22"},
                 {"LASPH", ".TRUE."},
                 {"LMAXMIX", "6"},
                 {"LMIXTAU", ".TRUE."},
                 {"LORBIT", "11"},
                 {"LREAL", ".FALSE."},
                 {"LWAVE", ".FALSE."},
                 {"NELM", "200"},
                 {"NSW", "0"},
                 {"PREC", "Accurate"},
                 {"SIGMA", "0.05"}},
       .ediff_per_atom_ev = 0,
       .hubbard_u_ev = {},
       .reciprocal_density = 0,
       .kpoint_length = 0,
       .functional = "PBE_64",
       .potentials = kMatPesPotentials},
      // pymatgen: MPSCANRelaxSet.yaml; k-points and smearing as the Materials Project runs it, for a gap that is not
      // known (atomate2: BaseMPR2SCANRelaxSet.yaml).
      {.name = "mp-r2scan-relax",
       .incar = {{"ALGO", "All"},  {"EDIFF", "1e-05"},   {"EDIFFG", "-0.02"},  {"ENAUG", "1360"},
                 {"ENCUT", "680"}, {"IBRION", "2"},      {"ISIF", "3"},        {"ISMEAR", "0"},
                 {"ISPIN", "2"},   {"KSPACING", "0.22"}, {"LASPH", ".TRUE."},  {"LMIXTAU", ".TRUE."},
                 {"LORBIT", "11"}, {"LREAL", "Auto"},    {"LWAVE", ".FALSE."}, {"METAGGA", "R2SCAN"},
                 {"NELM", "200"},  {"NSW", "99"},        {"PREC", "Accurate"}, {"SIGMA", "0.05"}},
       .ediff_per_atom_ev = 0,
       .hubbard_u_ev = {},
       .reciprocal_density = 0,
       .kpoint_length = 0,
       .functional = "PBE_54",
       .potentials = kR2scanPotentials},
  };
}

}  // namespace

const InputSet* find_input_set(const std::string& name) {
  for (const InputSet& set : sets()) {
    if (set.name == name) return &set;
  }
  return nullptr;
}

std::vector<std::string> input_set_names() {
  std::vector<std::string> names;
  for (const InputSet& set : sets()) names.push_back(set.name);
  return names;
}

std::string potential_name(const InputSet& set, Species species) {
  const std::string symbol(species.symbol() == "D" ? "H" : species.symbol());
  for (const std::string& name : detail::words(set.potentials)) {
    if (name.substr(0, name.find('_')) == symbol) return name;
  }
  return symbol;
}

double start_moment(Species species) {
  static const Values kMoments = {{"Ce", 5}, {"Cr", 5}, {"Eu", 10}, {"Fe", 5}, {"Mn", 5},
                                  {"Mo", 5}, {"Ni", 5}, {"V", 5},   {"W", 5}};
  const auto found = kMoments.find(std::string(species.symbol()));
  return found == kMoments.end() ? 0.6 : found->second;
}

}  // namespace hullscan::vasp
