/// @file
/// How a campaign ends when its workers cannot go on.
#pragma once

#include <cstddef>
#include <string>

#include "core/errors.hpp"
#include "core/protocol.hpp"

namespace hullscan {

/// A worker, or the way to it, is gone: what is stored is safe and the same line goes on.
class WorkerLost : public TransportError {
 public:
  using TransportError::TransportError;
  [[nodiscard]] ExitCode exit_code() const noexcept override { return ExitCode::kStopped; }
};

/// A worker cannot go on, for a reason that keeps its exit code.
class WorkerGaveUp : public Error {
 public:
  WorkerGaveUp(const std::string& reason, ExitCode code) : Error(reason), code_(code) {}
  [[nodiscard]] ExitCode exit_code() const noexcept override { return code_; }

 private:
  ExitCode code_;
};

/// Why a worker that says this cannot work for this master; "" if it can.
std::string fault_of_hello(std::size_t worker, const WorkerHello& hello);

}  // namespace hullscan
