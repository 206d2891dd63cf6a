#include "scheduler/decisions/candidates_to_keep.hpp"

#include <algorithm>

namespace hullscan {
namespace {

std::int64_t refined_configurations(const Campaign& campaign) {
  if (campaign.surrogates.size() < 2) return 0;
  const Setting* written = campaign.surrogates[1].settings.find("keep");
  const auto* keep = written != nullptr ? std::get_if<std::int64_t>(&written->value) : nullptr;
  return keep != nullptr ? *keep : kRefinedByDefault;
}

}  // namespace

std::uint32_t candidates_to_keep(const CampaignView& whole) {
  const SelectSpec select = whole.campaign->select.value_or(SelectSpec{});
  const std::int64_t of_rounds =
      std::max(select.per_round, select.initial + select.per_round * std::max(1, select.rounds));
  const auto strata = static_cast<std::int64_t>(std::max<std::size_t>(1, whole.strata.size()));
  const std::int64_t of_second_model = 2 * (refined_configurations(*whole.campaign) / strata);
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(std::max(of_rounds, of_second_model), 32, 100'000));
}

}  // namespace hullscan
