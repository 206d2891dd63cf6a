/// @file
/// What the curves of a report are drawn against: ions per host where an ion works; the axis of the hull between two
/// end members; else the fraction of every species that varies, one axis each.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/hull/composition_axis.hpp"
#include "analysis/hull/end_members.hpp"
#include "analysis/report/report_content.hpp"

namespace hullscan {

class ReportAxes {
 public:
  /// A species and the sublattice of which it takes a fraction; no sublattice: of all atoms.
  struct FractionAxis {
    std::string sublattice;
    Species species;
  };

  /// @param report with its hull; kept by reference.
  explicit ReportAxes(const Report& report);
  [[nodiscard]] const CompositionAxis& hull() const { return hull_; }
  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }
  /// Places of a composition on every axis, in the order of the labels. @param counts "Pb.Zn" -> 6; may be empty.
  [[nodiscard]] std::vector<std::optional<double>> places(const Composition& composition,
                                                          const std::map<std::string, std::int64_t>& counts) const;

 private:
  const Report& report_;
  std::optional<Composition> host_;
  CompositionAxis hull_;
  std::optional<EndMemberSpace> between_;
  std::vector<FractionAxis> fractions_;
  std::vector<std::string> labels_;
};

}  // namespace hullscan
