/// @file
/// What several subcommands do first: read the campaign file, build its spaces, and, for those that compute, check
/// its models and DFT settings too.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "campaign/column_tables.hpp"
#include "core/campaign/campaign.hpp"
#include "dft_adapters/dft_code.hpp"
#include "enumerator/space/search_space.hpp"
#include "scheduler/campaign_view.hpp"
#include "surrogates/surrogate_set.hpp"

namespace hullscan {

struct LoadedCampaign {
  Campaign campaign;
  std::vector<SearchSpace> spaces;  ///< one for each campaign.spaces
};

/// Everything a campaign needs to run.
struct ResolvedCampaign {
  Campaign campaign;
  std::vector<SearchSpace> spaces;
  SurrogateSet surrogates;        ///< empty without [[surrogate]]
  const DftCode* code = nullptr;  ///< nullptr without [dft]
  DftSettings settings;
  ModelColumns columns = {};  ///< of tables that the models name
};

/// File and spaces. @throws InputError, FormatError with every problem found.
LoadedCampaign load_campaign(const std::filesystem::path& file);
/// The same of an already parsed campaign.
LoadedCampaign load_spaces(Campaign campaign, RepeatRule rule = RepeatRule::kReferenceCell);

/// File, spaces, models, DFT settings. @throws InputError, FormatError with every problem found in any of them.
ResolvedCampaign resolve_campaign(const std::filesystem::path& file);
ResolvedCampaign resolve_campaign(Campaign campaign, RepeatRule rule = RepeatRule::kReferenceCell);

/// The same on this machine: what its site files say of jobs and the campaign file does not (scheduler's site_file.hpp)
/// is said too. For commands that start or print jobs.
ResolvedCampaign resolve_campaign_on_site(const std::filesystem::path& file);

/// What the site files of this machine say of jobs; none is read where the campaign has no jobs.
void take_site(RunSpec& run);

/// Lets the programs of external models be started: for a campaign file that the person who runs hullscan gave.
void permit_scorers(const Campaign& campaign);

/// The models of the campaign's first [[surrogate]]; those that learn from a table have learnt. What is wrong goes to
/// `problems`. @returns an empty set without [[surrogate]] or with a problem.
SurrogateSet make_surrogates(const Campaign& campaign, const std::vector<SearchSpace>& spaces,
                             const ModelColumns& columns, Problems& problems);
/// The models of one [[surrogate]], those of its `spaces` made to be fitted together.
/// @param columns that they are given.
SurrogateSet make_set(const Campaign& campaign, const SurrogateSpec& spec,
                      const std::vector<std::shared_ptr<const ParentCrystal>>& parents, SpaceColumns columns,
                      Problems& problems);
/// The models of the second [[surrogate]] and its `keep`; none where there is one or a problem.
RefiningModels make_refining_models(const Campaign& campaign,
                                    const std::vector<std::shared_ptr<const ParentCrystal>>& parents,
                                    const ModelColumns& columns, Problems& problems);
/// Its settings as the model itself reads them.
SurrogateSpec without_keep(SurrogateSpec spec);
std::vector<std::shared_ptr<const ParentCrystal>> parents_of(const std::vector<SearchSpace>& spaces);
/// The table that marked-pair models learn from, as a path; nothing if the campaign has none.
std::optional<std::filesystem::path> label_table(const Campaign& campaign);

/// One sentence for each end member without a configuration to be computed, where a campaign computes.
std::vector<std::string> end_member_warnings(const ResolvedCampaign& resolved, const CampaignView& view);

/// The scheduler's view; counts every stratum exactly. Campaign and spaces must outlive it and stay where they are.
CampaignView view_of(const Campaign& campaign, const std::vector<SearchSpace>& spaces);

/// What can be done with a supercell that is too large to be enumerated.
inline constexpr const char* kTooLargeAdvice =
    "hullscan count counts it, and with sample = { per_composition = 100 } in its [[space]] hullscan enumerate draws "
    "from it; or take a smaller supercell";

/// "[[2,0,0],[0,2,0],[0,0,2]]", or "2×2×2" where the matrix is diagonal.
std::string matrix_text(const SupercellMatrix& matrix);

}  // namespace hullscan
