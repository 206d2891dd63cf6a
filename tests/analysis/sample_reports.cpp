#include "sample_reports.hpp"

#include <cmath>

#include "core/hash.hpp"

namespace hullscan::test {
namespace {

double noise(std::uint64_t word) { return static_cast<double>(random_bits(5, word) >> 11) / 9007199254740992.0; }

Structure cubic(const std::vector<Species>& atoms, double edge) {
  Structure structure{Lattice(edge * Eigen::Matrix3d::Identity()), {}, {}};
  const double places[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    structure.species.push_back(atoms[i]);
    structure.positions.push_back({Eigen::Vector3d(places[i % 4][0], places[i % 4][1], places[i % 4][2])});
  }
  return structure;
}

std::int64_t binomial(int n, int k) {
  double value = 1;
  for (int i = 1; i <= k; ++i) value = value * (n - k + i) / i;
  return std::llround(value);
}

}  // namespace

ReportContent empty_campaign() {
  ReportContent content;
  content.campaign = "nothing yet";
  content.hullscan_version = "0.1.0";
  content.campaign_hash = "0123456789abcdef0123456789abcdef";
  return content;
}

ReportContent binary_campaign() {
  ReportContent content = empty_campaign();
  content.campaign = "Al-Ni on fcc and bcc";
  content.campaign_text =
      "name = \"Al-Ni on fcc and bcc\"\nseed = 7\n\n[[space]]\nname = \"fcc\"\nstructure = \"Al.cif\"\nvolume = [1, "
      "4]\n";
  const Species al = Species::from_symbol("Al"), ni = Species::from_symbol("Ni");
  const std::map<std::string, std::string> keys = {
      {"ecutwfc", "30"}, {"functional", "PBE"}, {"pseudo.Al", "Al.pbe.UPF 3f2a"}, {"pseudo.Ni", "Ni.pbe.UPF 9c1d"}};
  std::uint64_t draw = 0;
  for (const std::string name : {"fcc", "bcc"}) {
    ReportSpace space{name,
                      name == "fcc" ? "Al.cif" : "NiAl.cif",
                      name == "fcc" ? 225 : 229,
                      name == "fcc" ? "Fm-3m" : "Im-3m",
                      false,
                      {}};
    ReportSupercell supercell;
    supercell.matrix = SupercellMatrix(Eigen::Vector3i(2, 2, 1).asDiagonal());
    supercell.sites = 4;
    supercell.group_order = 64;
    for (int n = 0; n <= 4; ++n) {
      ReportComposition c;
      c.counts = {{"M.Al", 4 - n}, {"M.Ni", n}};
      c.composition = Composition({{al, 4 - n}, {ni, n}});
      c.total = c.degeneracy_sum = binomial(4, n);
      c.inequivalent = c.enumerated_orbits = n == 2 ? 2 : 1;
      const double x = n / 4.0;
      const double mixing =
          -1.9 * x * (1 - x) - 0.35 * x * x * (1 - x) + (name == "bcc" ? 0.11 - 0.5 * x * (1 - x) : 0.0);
      c.lowest_predicted_ev_per_atom = mixing - 0.01;
      supercell.compositions.push_back(c);
      const int copies = n == 2 ? 2 : 1;
      for (int k = 0; k < copies; ++k) {
        ReportEntry entry;
        entry.id = name + "-" + std::to_string(n) + "-" + std::to_string(k) + "-" +
                   hash128_hex(name + std::to_string(draw)).substr(0, 8);
        entry.space = name;
        entry.matrix = supercell.matrix;
        entry.composition = c.composition;
        entry.degeneracy = n == 2 ? 4 - 2 * k : binomial(4, n);
        entry.space_group_number = n == 2 ? 123 : 221;
        const double formation = mixing + 0.06 * k + (n % 4 == 0 ? 0.0 : 0.02 * (noise(draw++) - 0.5));
        entry.energy_ev = (4 - n) * -537.46 + n * -4674.1 + 4 * formation;
        entry.predicted_ev_per_atom = formation + 0.03 * (noise(draw++) - 0.5);
        entry.round = k;
        entry.attempts = 1 + static_cast<int>(k == 1);
        std::vector<Species> atoms;
        for (int i = 0; i < 4; ++i) atoms.push_back(i < 4 - n ? al : ni);
        entry.structure = cubic(atoms, 3.9 - 0.1 * n);
        entry.keys = keys;
        content.entries.push_back(entry);
      }
    }
    space.supercells.push_back(supercell);
    content.spaces.push_back(space);
  }
  content.outlook = {2,      11,   47,   1.3e6, 2,
                     0.0042, 0.21, 0.81, 1.3,   {{"fcc", "AlNi3", 0.0011, 0.0026}, {"bcc", "Al3Ni5", 0.003, 0.002}}};
  content.rounds = {{1, "cluster-expansion", 6, 5, 0.041, 0.012},
                    {2, "cluster-expansion", 9, 7, 0.019, 0.006},
                    {3, "cluster-expansion", 12, 8, 0.0081, 0.0034}};
  content.failures = {
      {"fcc-7f3a", "fcc", Composition({{al, 2}, {ni, 2}}), 3, "failed",
       "electronic not converged: convergence NOT achieved after 100 iterations (mixing_beta 0.2 tried)"}};
  content.changed = "2026-02-03T04:05:06Z";
  content.space_group_symbols = {{123, "P4/mmm"}, {221, "Pm-3m"}};
  content.crystal_symprec_angstrom = 0.01;
  for (const ReportEntry& entry : content.entries) {
    if (entry.space != "fcc" || entry.space_group_number != 221) continue;
    content.crystals[entry.id] = {221, "Pm-3m", 3.6, 3.6, 3.6, 90, 90, 90, 11.7, "L1_2", "Cu3Au", "AB3_cP4_221_a_c"};
  }
  content.settings = {{"code", "quantum-espresso"}, {"kspacing", "0.25"}, {"smearing", "marzari-vanderbilt 0.02 Ry"}};
  return content;
}

ReportContent pseudo_binary_campaign() {
  ReportContent content = empty_campaign();
  content.campaign = "LiNiO2 delithiation, 64 sites";
  const Species li = Species::from_symbol("Li"), ni = Species::from_symbol("Ni"), o = Species::from_symbol("O");
  ReportSpace space{"layered", "LiNiO2.cif", 166, "R-3m", true, {}};
  ReportSupercell supercell;
  supercell.matrix = SupercellMatrix(Eigen::Vector3i(4, 4, 2).asDiagonal());
  supercell.sites = 32;
  supercell.group_order = 1152;
  for (int n = 0; n <= 32; ++n) {
    ReportComposition c;
    c.counts = {{"Li.Li", n}, {"Li.Va", 32 - n}};
    c.composition = Composition({{li, n}, {ni, 32}, {o, 64}});
    c.total = binomial(32, n);
    c.inequivalent = 1 + binomial(32, n) / 1152;
    const double x = n / 32.0, middle = -0.11 * x * (1 - x) * (1.3 - x) * 2;
    c.histogram_bin_ev_per_atom = 0.0015;
    c.histogram_low_ev_per_atom = middle - 0.012 * std::sqrt(x * (1 - x)) * 2;
    c.lowest_predicted_ev_per_atom = c.histogram_low_ev_per_atom;
    if (n > 0 && n < 32) {
      for (int k = 0; k < 30; ++k)
        c.histogram.push_back(static_cast<std::uint64_t>(1e5 * std::exp(-std::pow((k - 14) / 6.0, 2)) * x * (1 - x)));
    }
    supercell.compositions.push_back(c);
    for (int k = 0; k < (n % 8 == 0 ? 5 : n % 4 == 0 ? 2 : 0); ++k) {
      if ((n == 0 || n == 32) && k > 0) break;
      ReportEntry entry;
      entry.id = "li" + std::to_string(n) + "-" + std::to_string(k);
      entry.space = "layered";
      entry.matrix = supercell.matrix;
      entry.composition = c.composition;
      const double formation = n % 32 == 0 ? 0.0
                                           : *c.lowest_predicted_ev_per_atom + 0.004 * k +
                                                 0.003 * (noise(static_cast<std::uint64_t>(100 * n + k)) - 0.7);
      const double atoms = 96 + n;
      entry.energy_ev = (32 - n) * -19.0 + n * -23.4 + formation * atoms;
      entry.predicted_ev_per_atom = formation + 0.004 * (noise(static_cast<std::uint64_t>(7000 * n + k)) - 0.5);
      content.entries.push_back(entry);
    }
  }
  space.supercells.push_back(supercell);
  content.spaces.push_back(space);
  content.rounds = {{1, "ridge", 20, 12, 0.0041, 0.0021}, {2, "ridge", 27, 14, 0.0022, 0.0013}};
  return content;
}

ReportContent ternary_campaign() {
  ReportContent content = empty_campaign();
  content.campaign = "Cu-Ag-Au";
  const Species cu = Species::from_symbol("Cu"), ag = Species::from_symbol("Ag"), au = Species::from_symbol("Au");
  std::uint64_t draw = 0;
  for (int a = 0; a <= 8; ++a) {
    for (int b = 0; a + b <= 8; ++b) {
      const int c = 8 - a - b;
      if ((a * 7 + b * 3) % 4 == 1 && a != 8 && b != 8 && c != 8) continue;
      for (int k = 0; k < 2; ++k) {
        ReportEntry entry;
        entry.id = "cuagau-" + std::to_string(a) + std::to_string(b) + std::to_string(c) + "-" + std::to_string(k);
        entry.space = "fcc";
        entry.composition = Composition({{cu, a}, {ag, b}, {au, c}});
        const double x = a / 8.0, y = b / 8.0, z = c / 8.0;
        const bool pure = a == 8 || b == 8 || c == 8;
        entry.energy_ev = a * -4.1 + b * -2.8 + c * -3.2 +
                          8 * (-0.22 * x * z - 0.25 * y * z + 0.1 * x * y + (pure ? 0.02 * k : 0.03 * noise(draw++)));
        content.entries.push_back(entry);
      }
    }
  }
  content.references.push_back(
      {{"mp-1", Composition({{cu, 1}, {au, 1}}), -4.1 - 3.2 + 2 * -0.06, {}}, "references.json"});
  content.cuts = {"Cu:AgAu", "CuAu:Ag", "Cu:Ni"};
  return content;
}

ReportContent hostile_campaign() {
  ReportContent content = binary_campaign();
  const std::string evil =
      "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><!-- & ' \" "
      "{{script}}";
  content.campaign = evil;
  content.campaign_text = evil;
  content.hullscan_version = evil;
  content.campaign_hash = evil;
  for (std::size_t i = 0; i < content.entries.size(); ++i) {
    content.entries[i].id = evil + std::to_string(i);
    content.entries[i].space = evil;
    for (auto& [key, value] : content.entries[i].keys) value = evil;
  }
  for (auto& space : content.spaces) space.name = space.structure_file = space.space_group_symbol = evil;
  for (auto& round : content.rounds) round.surrogate = evil;
  for (auto& one : content.outlook->likeliest) one.space = one.formula = evil;
  for (auto& failure : content.failures) failure.reason = failure.id = failure.state = evil;
  content.settings[evil] = evil;
  return content;
}

}  // namespace hullscan::test
