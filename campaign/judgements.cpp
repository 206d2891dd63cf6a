#include "campaign/judgements.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <chrono>

#include "storage/campaign_lock.hpp"

namespace hullscan {

std::string this_person() {
  const passwd* user = ::getpwuid(::geteuid());
  return fmt::format("{}@{}", user != nullptr ? std::string(user->pw_name) : std::to_string(::geteuid()),
                     this_process().host);
}

std::string moment_text(Instant at) {
  const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(at);
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

Json judgements_json(const TaskRecord& task) {
  Json list = Json::array();
  for (const Judgement& judgement : task.judgements) {
    list.push_back({{"at", moment_text(judgement.at)},
                    {"what", std::string(name_of(judgement.kind))},
                    {"who", judgement.who},
                    {"why", judgement.why}});
  }
  return list;
}

Json standing_json(const TaskRecord& task) {
  if (!task.result) return nullptr;
  switch (task.standing()) {
    case Standing::kCounts:
      return "counts";
    case Standing::kSuspect:
      return "suspect";
    case Standing::kExcluded:
      return "excluded";
  }
  return nullptr;
}

}  // namespace hullscan
