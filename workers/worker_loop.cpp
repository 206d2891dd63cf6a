#include "workers/worker_loop.hpp"

#include <exception>
#include <utility>

#include "core/errors.hpp"
#include "core/log.hpp"
#include "core/overloaded.hpp"
#include "workers/detail/host.hpp"

namespace hullscan {

void serve(WorkerLink& link, UnitRunner& runner) {
  try {
    link.send(WorkerHello{kProtocolVersion, detail::host_name(), detail::process_id()});
    bool stopped = false;
    while (!stopped) {
      std::visit(Overloaded{
                     [&](const RunUnit& order) { link.send(runner.run(order, [&] { return link.stop_asked(); })); },
                     [&](const UseModel& model) { runner.use_model(model); },
                     [&](const Stop&) {
                       stopped = true;
                       link.send(WorkerStopped{});
                     },
                 },
                 link.receive());
    }
  } catch (const std::exception& error) {
    log_debug(std::string("worker gives up: ") + error.what());
    const auto* const ours = dynamic_cast<const Error*>(&error);
    link.send(WorkerFailed{error.what(), static_cast<int>(ours == nullptr ? ExitCode::kUnexpected : ours->exit_code())});
  }
}

}  // namespace hullscan
