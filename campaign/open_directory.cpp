#include "campaign/open_directory.hpp"

#include "campaign/campaign_directory.hpp"
#include "campaign/version.hpp"
#include "storage/durable_file.hpp"

namespace hullscan {

CampaignStore open_campaign_directory(const std::filesystem::path& directory, const ResolvedCampaign& resolved) {
  namespace fs = std::filesystem;
  const Campaign& campaign = resolved.campaign;
  // A directory that is begun has its inputs before its database, so that a kill between them leaves nothing that looks
  // damaged. Inputs that are there already may be those of a database that is lost.
  if (!fs::exists(directory / "campaign.db") && !fs::exists(directory / "inputs" / "campaign.toml"))
    keep_inputs(directory, campaign, "");
  CampaignStore store = CampaignStore::create_or_open(
      directory, {campaign.name, identity_of(resolved), campaign.text, campaign.text, kVersion});
  for (const char* folder : {"", "inputs", "models", "report", "imports"}) remove_unfinished(directory / folder);
  const std::string inputs = store.revision().inputs;
  keep_inputs(directory, campaign, inputs);
  keep_inputs_folder_name(directory, inputs);
  return store;
}

}  // namespace hullscan
