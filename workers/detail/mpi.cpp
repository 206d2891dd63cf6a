#include "workers/detail/mpi.hpp"

#include <mpi.h>

#include <algorithm>  // std::replace
#include <cstdlib>
#include <limits>
#include <string>
#include <thread>  // std::this_thread::sleep_for
#include <utility>

#include "core/errors.hpp"

namespace hullscan::detail::mpi {
namespace {

int checked_count(std::size_t bytes) {
  if (bytes > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw TransportError("a message of " + std::to_string(bytes) + " bytes, MPI takes 2147483647");
  }
  return static_cast<int>(bytes);
}

}  // namespace

void initialise() {
  int granted = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &granted) != MPI_SUCCESS)
    throw TransportError("MPI does not start");
  if (granted < MPI_THREAD_FUNNELED)
    throw TransportError("this MPI library does not allow threads beside the main one");
}

void finalise() { MPI_Finalize(); }

bool all_arrive(std::optional<std::chrono::seconds> patience) {
  MPI_Request request = MPI_REQUEST_NULL;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  const auto begun = std::chrono::steady_clock::now();
  for (int arrived = 0;;) {
    MPI_Test(&request, &arrived, MPI_STATUS_IGNORE);
    if (arrived != 0) return true;
    if (patience && std::chrono::steady_clock::now() - begun > *patience) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void abort(int exit_code) {
  MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

std::string library() {
  std::string words(MPI_MAX_LIBRARY_VERSION_STRING, '\0');
  int length = 0;
  MPI_Get_library_version(words.data(), &length);
  words.resize(static_cast<std::size_t>(length));
  words = words.substr(0, words.find_first_of(",\n"));
  // "MPICH Version:\t4.0.2"
  if (const auto label = words.find(" Version:"); label != std::string::npos) words.erase(label, 9);
  std::replace(words.begin(), words.end(), '\t', ' ');
  return words;
}

int rank() {
  int value = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &value);
  return value;
}

int of_rank_0(int value) {
  MPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return value;
}

int size() {
  int value = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &value);
  return value;
}

std::optional<Envelope> probe(int source, int tag) {
  int found = 0;
  MPI_Status status;
  MPI_Iprobe(source == kAnySource ? MPI_ANY_SOURCE : source, tag == kAnyTag ? MPI_ANY_TAG : tag, MPI_COMM_WORLD, &found,
             &status);
  if (found == 0) return std::nullopt;
  int bytes = 0;
  MPI_Get_count(&status, MPI_BYTE, &bytes);
  return Envelope{status.MPI_SOURCE, status.MPI_TAG, static_cast<std::size_t>(bytes)};
}

std::vector<std::byte> receive(const Envelope& envelope) {
  std::vector<std::byte> bytes(envelope.bytes);
  MPI_Recv(bytes.data(), checked_count(bytes.size()), MPI_BYTE, envelope.source, envelope.tag, MPI_COMM_WORLD,
           MPI_STATUS_IGNORE);
  return bytes;
}

void send(int destination, int tag, std::span<const std::byte> bytes) {
  MPI_Send(bytes.data(), checked_count(bytes.size()), MPI_BYTE, destination, tag, MPI_COMM_WORLD);
}

struct Sending::Impl {
  std::vector<std::byte> bytes;
  MPI_Request request = MPI_REQUEST_NULL;
};

Sending::Sending(int destination, int tag, std::vector<std::byte> bytes) : impl_(std::make_unique<Impl>()) {
  impl_->bytes = std::move(bytes);
  MPI_Isend(impl_->bytes.data(), checked_count(impl_->bytes.size()), MPI_BYTE, destination, tag, MPI_COMM_WORLD,
            &impl_->request);
}

Sending::Sending(Sending&&) noexcept = default;
Sending& Sending::operator=(Sending&&) noexcept = default;

Sending::~Sending() {
  if (impl_ && impl_->request != MPI_REQUEST_NULL) (void)impl_.release();
}

bool Sending::done() {
  int finished = 0;
  MPI_Test(&impl_->request, &finished, MPI_STATUS_IGNORE);
  return finished != 0;
}

struct Receiving::Impl {
  Envelope envelope;
  std::vector<std::byte> bytes;
  MPI_Request request = MPI_REQUEST_NULL;
};

Receiving::Receiving(const Envelope& envelope) : impl_(std::make_unique<Impl>()) {
  impl_->envelope = envelope;
  impl_->bytes.resize(envelope.bytes);
  MPI_Irecv(impl_->bytes.data(), checked_count(envelope.bytes), MPI_BYTE, envelope.source, envelope.tag, MPI_COMM_WORLD,
            &impl_->request);
}

Receiving::Receiving(Receiving&&) noexcept = default;
Receiving& Receiving::operator=(Receiving&&) noexcept = default;

Receiving::~Receiving() {
  if (impl_ && impl_->request != MPI_REQUEST_NULL) (void)impl_.release();
}

bool Receiving::done() {
  int finished = 0;
  MPI_Test(&impl_->request, &finished, MPI_STATUS_IGNORE);
  return finished != 0;
}

const Envelope& Receiving::envelope() const { return impl_->envelope; }
const std::vector<std::byte>& Receiving::bytes() const { return impl_->bytes; }

}  // namespace hullscan::detail::mpi
