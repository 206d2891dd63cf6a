#include "dft_adapters/vasp/vasprun.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "dft_adapters/detail/words.hpp"
#include "dft_adapters/detail/xml_stream.hpp"

namespace hullscan::vasp {
namespace {

constexpr std::size_t kLongestText = 1 << 16;  ///< of one element that is looked at

std::optional<Eigen::Vector3d> vector_of(const std::string& text) {
  const auto parts = detail::words(text);
  if (parts.size() != 3) return std::nullopt;
  Eigen::Vector3d x;
  for (int i = 0; i < 3; ++i) {
    const auto value = detail::to_number(parts[static_cast<std::size_t>(i)]);
    if (!value) return std::nullopt;
    x[i] = *value;
  }
  return x;
}

/// The energies that one <energy> block says.
struct Energies {
  std::optional<double> free, zero;
};

/// Keeps the path of open elements and takes what it knows when an element closes.
class Listener final : public detail::XmlListener {
 public:
  explicit Listener(Vasprun& vasprun) : vasprun_(vasprun) {}

  void opened(const std::string& element, const std::map<std::string, std::string>& attributes) override {
    const auto name = attributes.find("name");
    path_.push_back({element, name == attributes.end() ? "" : detail::trimmed(name->second)});
    text_.clear();
    if (path_.size() == 1) vasprun_.found = element == "modeling";
    if (element == "calculation") {
      step_ = {};
      last_electronic_ = {};
    } else if (element == "scstep") {
      ++step_.electronic_steps;
      electronic_ = {};
    } else if (element == "energy") {
      energies_ = {};
    } else if (element == "structure") {
      rows_.clear();
      positions_.clear();
    } else if (element == "varray") {
      vectors_.clear();
      vectors_fit_ = true;
    } else if (element == "rc") {
      cells_.clear();
    }
  }

  void text(const std::string& piece) override {
    if (text_.size() + piece.size() <= kLongestText) text_ += piece;
  }

  void closed(const std::string& element) override {
    const std::string name = path_.back().name;
    if (element == "i") take_scalar(name);
    if (element == "v") take_vector(name);
    if (element == "c") cells_.push_back(detail::trimmed(text_));
    if (element == "rc") take_cells();
    if (element == "varray") take_array(name);
    if (element == "energy") take_energy();
    if (element == "scstep") last_electronic_ = electronic_;
    if (element == "structure") take_structure(name);
    if (element == "calculation") take_step();
    path_.pop_back();
    text_.clear();
  }

 private:
  struct Open {
    std::string element, name;
  };

  bool inside(const char* element) const {
    return std::any_of(path_.begin(), path_.end(), [&](const Open& open) { return open.element == element; });
  }
  std::string parent() const { return path_.size() < 2 ? "" : path_[path_.size() - 2].element; }

  void take_scalar(const std::string& name) {
    const std::string value = detail::trimmed(text_);
    if (parent() == "incar") vasprun_.incar[name] = value;
    if (inside("parameters")) vasprun_.parameters.try_emplace(name, value);
    if (parent() == "generator" && name == "version") vasprun_.version = value;
    if (parent() == "energy") {
      if (name == "e_fr_energy") energies_.free = detail::to_number(value);
      if (name == "e_0_energy") energies_.zero = detail::to_number(value);
    }
  }

  void take_vector(const std::string& name) {
    if (parent() == "incar") vasprun_.incar[name] = detail::trimmed(text_);
    if (inside("parameters") && parent() != "varray") vasprun_.parameters.try_emplace(name, detail::trimmed(text_));
    if (parent() == "generation" && name == "divisions") {
      const auto parts = detail::words(text_);
      std::array<std::int64_t, 3> grid{};
      for (std::size_t i = 0; i < 3; ++i) grid[i] = i < parts.size() ? detail::to_integer(parts[i]).value_or(-1) : -1;
      vasprun_.grid = grid;
    }
    if (parent() != "varray" || !wants_array(path_[path_.size() - 2].name)) return;
    const auto x = vector_of(text_);
    vectors_fit_ = vectors_fit_ && x;
    if (x) vectors_.push_back(*x);
  }

  static bool wants_array(const std::string& name) {
    return name == "basis" || name == "positions" || name == "forces" || name == "stress";
  }

  void take_array(const std::string& name) {
    if (!vectors_fit_) return;
    if (name == "basis" && inside("structure")) rows_ = vectors_;
    if (name == "positions" && inside("structure")) positions_ = vectors_;
    if (name == "forces" && parent() == "calculation") step_.forces_ev_per_angstrom = vectors_;
    if (name == "stress" && parent() == "calculation" && vectors_.size() == 3) {
      Eigen::Matrix3d stress;
      for (int i = 0; i < 3; ++i) stress.row(i) = vectors_[static_cast<std::size_t>(i)];
      step_.stress_kbar = stress;
    }
  }

  void take_cells() {
    for (const Open& open : path_) {
      if (open.element != "array") continue;
      if (open.name == "atoms" && !cells_.empty()) {
        const auto species = Species::parse(cells_[0]);
        if (species && !species->is_vacancy()) vasprun_.species.push_back(*species);
      }
      if (open.name == "atomtypes" && cells_.size() >= 5) vasprun_.titels.push_back(cells_[4]);
    }
  }

  void take_energy() {
    if (parent() == "scstep") electronic_ = energies_;
    if (parent() == "calculation") step_energies_ = energies_;
  }

  void take_structure(const std::string& name) {
    std::optional<Structure> structure;
    if (rows_.size() == 3 && positions_.size() == vasprun_.species.size() && !positions_.empty()) {
      Eigen::Matrix3d rows;
      for (int i = 0; i < 3; ++i) rows.row(i) = rows_[static_cast<std::size_t>(i)];
      try {
        structure = Structure{Lattice(rows), vasprun_.species, {}};
        for (const Eigen::Vector3d& x : positions_) structure->positions.push_back(wrapped(Fractional{x}));
      } catch (const FormatError&) {  // a cell without volume is not a structure
        structure.reset();
      }
    }
    if (parent() == "calculation") step_.structure = structure;
    if (name == "finalpos") vasprun_.final_structure = structure;
  }

  /// VASP writes into the last <energy> of an ionic step an e_0_energy that lacks the entropy; the free energy is
  /// right. The difference is taken from the last electronic step (VASP forum, topic 16942).
  void take_step() {
    step_.free_energy_ev = step_energies_.free;
    if (step_energies_.free && last_electronic_.free && last_electronic_.zero) {
      step_.energy_ev = *step_energies_.free + (*last_electronic_.zero - *last_electronic_.free);
    }
    ++vasprun_.steps;
    vasprun_.last = step_;
    step_energies_ = {};
  }

  Vasprun& vasprun_;
  std::vector<Open> path_;
  std::string text_;
  std::vector<Eigen::Vector3d> vectors_, rows_, positions_;
  bool vectors_fit_ = true;
  std::vector<std::string> cells_;
  IonicStep step_;
  Energies energies_, electronic_, last_electronic_, step_energies_;
};

}  // namespace

Vasprun read_vasprun(const std::filesystem::path& file) {
  Vasprun vasprun;
  Listener listener(vasprun);
  const auto end = detail::read_xml_stream(file, listener);
  vasprun.complete = end.complete;
  vasprun.problem = end.problem;
  return vasprun;
}

}  // namespace hullscan::vasp
