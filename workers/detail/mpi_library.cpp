// The one file that knows mpi.h: compiled into the program, or as a library of its own for each MPI
// (HULLSCAN_MPI_MODULE).
#include <mpi.h>

#include <memory>
#include <string>

#include "workers/detail/mpi_calls.hpp"

namespace hullscan::detail::mpi {
namespace {

int any_source(int source) { return source < 0 ? MPI_ANY_SOURCE : source; }
int any_tag(int tag) { return tag < 0 ? MPI_ANY_TAG : tag; }

int initialise_library() {
  int granted = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &granted) != MPI_SUCCESS) return 1;
  return granted < MPI_THREAD_FUNNELED ? 2 : 0;
}

int world_rank() {
  int value = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &value);
  return value;
}

int world_size() {
  int value = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &value);
  return value;
}

int broadcast(int value) {
  MPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD);
  return value;
}

void* begin_barrier() {
  auto request = std::make_unique<MPI_Request>(MPI_REQUEST_NULL);
  MPI_Ibarrier(MPI_COMM_WORLD, request.get());
  return request.release();
}

bool test(void* request) {
  int complete = 0;
  MPI_Test(static_cast<MPI_Request*>(request), &complete, MPI_STATUS_IGNORE);
  if (complete != 0) delete static_cast<MPI_Request*>(request);
  return complete != 0;
}

bool probe_world(int source, int tag, int* found_source, int* found_tag, int* bytes) {
  int found = 0;
  MPI_Status status;
  MPI_Iprobe(any_source(source), any_tag(tag), MPI_COMM_WORLD, &found, &status);
  if (found == 0) return false;
  MPI_Get_count(&status, MPI_BYTE, bytes);
  *found_source = status.MPI_SOURCE;
  *found_tag = status.MPI_TAG;
  return true;
}

void receive_bytes(void* bytes, int count, int source, int tag) {
  MPI_Recv(bytes, count, MPI_BYTE, source, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

void send_bytes(const void* bytes, int count, int destination, int tag) {
  MPI_Send(bytes, count, MPI_BYTE, destination, tag, MPI_COMM_WORLD);
}

void* begin_send(const void* bytes, int count, int destination, int tag) {
  auto request = std::make_unique<MPI_Request>(MPI_REQUEST_NULL);
  MPI_Isend(bytes, count, MPI_BYTE, destination, tag, MPI_COMM_WORLD, request.get());
  return request.release();
}

void* begin_receive(void* bytes, int count, int source, int tag) {
  auto request = std::make_unique<MPI_Request>(MPI_REQUEST_NULL);
  MPI_Irecv(bytes, count, MPI_BYTE, source, tag, MPI_COMM_WORLD, request.get());
  return request.release();
}

const char* version() {
  static const std::string kText = [] {
    std::string text(MPI_MAX_LIBRARY_VERSION_STRING, '\0');
    int length = 0;
    MPI_Get_library_version(text.data(), &length);
    text.resize(static_cast<std::size_t>(length));
    return text;
  }();
  return kText.c_str();
}

}  // namespace

extern "C" const MpiCalls* hullscan_mpi_calls_1() {
  static const MpiCalls kCalls = {.initialise = initialise_library,
                                  .finalise = [] { MPI_Finalize(); },
                                  .abort = [](int exit_code) { MPI_Abort(MPI_COMM_WORLD, exit_code); },
                                  .rank = world_rank,
                                  .size = world_size,
                                  .of_rank_0 = broadcast,
                                  .barrier = begin_barrier,
                                  .test = test,
                                  .probe = probe_world,
                                  .receive = receive_bytes,
                                  .send = send_bytes,
                                  .begin_send = begin_send,
                                  .begin_receive = begin_receive,
                                  .version = version};
  return &kCalls;
}

}  // namespace hullscan::detail::mpi
