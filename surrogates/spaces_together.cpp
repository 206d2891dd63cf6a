#include "surrogates/spaces_together.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hullscan {
namespace {

constexpr const char* kKey = "surrogate.spaces";
constexpr const char* kExpected =
    "a list of names of [[space]] tables that one fit is made of, or several such lists: [\"a\", \"b\"], [[\"a\", "
    "\"b\"], [\"c\", \"d\"]]";

const std::string& called_in_file(const SpaceSpec& space) { return space.list.empty() ? space.name : space.list; }

std::string joined(std::vector<std::string> names) {
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return fmt::format("{}", fmt::join(names, " + "));
}

class SpacesReader {
 public:
  SpacesReader(SpacesTogether& into, Problems& problems)
      : into_(into), problems_(problems), taken_(into.names.size(), false) {}

  void read(const Setting& written) {
    const auto* list = std::get_if<std::vector<Setting>>(&written.value);
    if (list == nullptr || list->empty()) {
      problems_.add(written.where, fmt::format("{}: expected {}, found {}", kKey, kExpected,
                                               list == nullptr ? written.type_name() : "an empty list"));
      return;
    }
    const bool of_lists = std::holds_alternative<std::vector<Setting>>(list->front().value);
    if (!of_lists) return read_group(*list);
    for (const Setting& one : *list) {
      const auto* group = std::get_if<std::vector<Setting>>(&one.value);
      if (group == nullptr || group->empty()) {
        problems_.add(one.where, fmt::format("{}: expected {}, found {} among the lists", kKey, kExpected,
                                             group == nullptr ? one.type_name() : "an empty list"));
      } else {
        read_group(*group);
      }
    }
  }

  void add_the_others() {
    for (std::size_t space = 0; space < taken_.size(); ++space) {
      if (!taken_[space]) into_.groups.push_back({space});
    }
    std::sort(into_.groups.begin(), into_.groups.end());
  }

 private:
  void read_group(const std::vector<Setting>& names) {
    std::vector<std::size_t> group;
    for (const Setting& one : names) {
      const auto* name = std::get_if<std::string>(&one.value);
      if (name == nullptr) {
        problems_.add(one.where, fmt::format("{}: expected the name of a space, found {}", kKey, one.type_name()));
        continue;
      }
      const std::vector<std::size_t> called = spaces_called(*name);
      if (called.empty()) {
        std::vector<std::string> known = into_.names;
        known.erase(std::unique(known.begin(), known.end()), known.end());
        problems_.add(one.where, fmt::format("{}: expected the name of a space, one of \"{}\", found \"{}\"{}", kKey,
                                             fmt::join(known, "\", \""), *name, did_you_mean(*name, known)));
        continue;
      }
      if (std::find(group.begin(), group.end(), called.front()) != group.end()) {
        problems_.add(one.where, fmt::format("{}: \"{}\" is named twice; name it once", kKey, *name));
      } else if (taken_[called.front()]) {
        problems_.add(one.where,
                      fmt::format("{}: \"{}\" is in another list already, and a space has one model; leave it out of "
                                  "one of the two",
                                  kKey, *name));
      } else {
        group.insert(group.end(), called.begin(), called.end());
      }
      for (const std::size_t space : called) taken_[space] = true;
    }
    std::sort(group.begin(), group.end());
    if (!group.empty()) into_.groups.push_back(std::move(group));
  }

  /// One, or the structures of a list.
  [[nodiscard]] std::vector<std::size_t> spaces_called(const std::string& name) const {
    std::vector<std::size_t> called;
    for (std::size_t space = 0; space < into_.names.size(); ++space) {
      if (into_.names[space] == name) called.push_back(space);
    }
    return called;
  }

  SpacesTogether& into_;
  Problems& problems_;
  std::vector<bool> taken_;
};

}  // namespace

std::string name_of_fit(std::span<const std::size_t> group, const std::vector<SpaceSpec>& spaces) {
  if (group.size() == 1) return spaces[group.front()].name;
  std::vector<std::string> names;
  for (const std::size_t space : group) names.push_back(called_in_file(spaces[space]));
  return joined(std::move(names));
}

std::string SpacesTogether::name(const std::vector<std::size_t>& group) const {
  std::vector<std::string> of_group;
  for (const std::size_t space : group) of_group.push_back(names[space]);
  return joined(std::move(of_group));
}

const std::vector<std::size_t>& SpacesTogether::with(std::size_t space) const {
  return *std::find_if(groups.begin(), groups.end(),
                       [&](const auto& group) { return std::find(group.begin(), group.end(), space) != group.end(); });
}

SpacesTogether spaces_together(const SurrogateSpec& spec, const std::vector<std::string>& names, Problems& problems) {
  SpacesTogether together{spec.settings.where, names, {}};
  SpacesReader reader(together, problems);
  if (const Setting* written = spec.settings.find("spaces")) {
    together.where = written->where;
    reader.read(*written);
  }
  reader.add_the_others();
  return together;
}

SpacesTogether spaces_together(const SurrogateSpec& spec, const std::vector<SpaceSpec>& spaces, Problems& problems) {
  std::vector<std::string> names;
  for (const SpaceSpec& space : spaces) names.push_back(called_in_file(space));
  return spaces_together(spec, names, problems);
}

SurrogateSpec without_spaces(SurrogateSpec spec) {
  std::erase_if(spec.settings.entries, [](const auto& entry) { return entry.first == "spaces"; });
  return spec;
}

bool same_crystal(const ParentCrystal& a, const ParentCrystal& b) {
  if (!a.lattice.rows().isApprox(b.lattice.rows(), 1e-6) || a.sites.size() != b.sites.size() ||
      a.sublattices.size() != b.sublattices.size())
    return false;
  for (std::size_t i = 0; i < a.sites.size(); ++i) {
    const ParentSite &x = a.sites[i], &y = b.sites[i];
    if ((x.position.x - y.position.x).norm() > 1e-6 || x.sublattice != y.sublattice) return false;
    if (x.sublattice == kFixedSite && x.fixed_species != y.fixed_species) return false;
  }
  for (std::size_t k = 0; k < a.sublattices.size(); ++k) {
    if (a.sublattices[k].name != b.sublattices[k].name || a.sublattices[k].allowed != b.sublattices[k].allowed)
      return false;
  }
  return true;
}

}  // namespace hullscan
