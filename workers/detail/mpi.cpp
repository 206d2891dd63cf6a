#include "workers/detail/mpi.hpp"

#include <algorithm>  // std::replace
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>  // std::this_thread::sleep_for
#include <utility>

#include "core/errors.hpp"
#include "workers/detail/mpi_module.hpp"

namespace hullscan::detail::mpi {
namespace {

int checked_count(std::size_t bytes) {
  if (bytes > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw TransportError("a message of " + std::to_string(bytes) + " bytes, MPI takes 2147483647");
  }
  return static_cast<int>(bytes);
}

/// True once; then the request is gone.
bool finished(void*& request) {
  if (request == nullptr || !calls().test(request)) return request == nullptr;
  request = nullptr;
  return true;
}

}  // namespace

void initialise() {
  const int refused = calls().initialise();
  if (refused == 1) throw TransportError("MPI does not start");
  if (refused == 2) throw TransportError("this MPI library does not allow threads beside the main one");
}

void finalise() { calls().finalise(); }

bool all_arrive(std::optional<std::chrono::seconds> patience) {
  void* request = calls().barrier();
  const auto begun = std::chrono::steady_clock::now();
  while (true) {
    if (finished(request)) return true;
    if (patience && std::chrono::steady_clock::now() - begun > *patience) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void abort(int exit_code) {
  calls().abort(exit_code);
  std::_Exit(exit_code);
}

std::string library() {
  const MpiCalls* known = calls_if_any();
  if (known == nullptr) return "no MPI";
  std::string words = known->version();
  words = words.substr(0, words.find_first_of(",\n"));
  // "MPICH Version:\t4.0.2"
  if (const auto label = words.find(" Version:"); label != std::string::npos) words.erase(label, 9);
  std::replace(words.begin(), words.end(), '\t', ' ');
  return words;
}

int rank() { return calls().rank(); }
int of_rank_0(int value) { return calls().of_rank_0(value); }
int size() { return calls().size(); }

std::optional<Envelope> probe(int source, int tag) {
  int found_source = 0, found_tag = 0, bytes = 0;
  if (!calls().probe(source, tag, &found_source, &found_tag, &bytes)) return std::nullopt;
  return Envelope{found_source, found_tag, static_cast<std::size_t>(bytes)};
}

std::vector<std::byte> receive(const Envelope& envelope) {
  std::vector<std::byte> bytes(envelope.bytes);
  calls().receive(bytes.data(), checked_count(bytes.size()), envelope.source, envelope.tag);
  return bytes;
}

void send(int destination, int tag, std::span<const std::byte> bytes) {
  calls().send(bytes.data(), checked_count(bytes.size()), destination, tag);
}

struct Sending::Impl {
  std::vector<std::byte> bytes;
  void* request = nullptr;
};

Sending::Sending(int destination, int tag, std::vector<std::byte> bytes) : impl_(std::make_unique<Impl>()) {
  impl_->bytes = std::move(bytes);
  impl_->request = calls().begin_send(impl_->bytes.data(), checked_count(impl_->bytes.size()), destination, tag);
}

Sending::Sending(Sending&&) noexcept = default;
Sending& Sending::operator=(Sending&&) noexcept = default;

Sending::~Sending() {
  if (impl_ && impl_->request != nullptr) (void)impl_.release();
}

bool Sending::done() { return finished(impl_->request); }

struct Receiving::Impl {
  Envelope envelope;
  std::vector<std::byte> bytes;
  void* request = nullptr;
};

Receiving::Receiving(const Envelope& envelope) : impl_(std::make_unique<Impl>()) {
  impl_->envelope = envelope;
  impl_->bytes.resize(envelope.bytes);
  impl_->request =
      calls().begin_receive(impl_->bytes.data(), checked_count(envelope.bytes), envelope.source, envelope.tag);
}

Receiving::Receiving(Receiving&&) noexcept = default;
Receiving& Receiving::operator=(Receiving&&) noexcept = default;

Receiving::~Receiving() {
  if (impl_ && impl_->request != nullptr) (void)impl_.release();
}

bool Receiving::done() { return finished(impl_->request); }

const Envelope& Receiving::envelope() const { return impl_->envelope; }
const std::vector<std::byte>& Receiving::bytes() const { return impl_->bytes; }

}  // namespace hullscan::detail::mpi
