/// @file
/// The MPI calls that hullscan makes as a table of functions with plain types: what lies behind it may be linked to the
/// program or opened while it runs, since each MPI has a binary interface of its own. Internal to workers.
#pragma once

namespace hullscan::detail::mpi {

/// Ranks and tags < 0: of any. Requests are the library's own, gone once `test` has said true.
struct MpiCalls {
  int (*initialise)();  ///< 0; 1: it does not start; 2: no threads beside the main one
  void (*finalise)();
  void (*abort)(int exit_code);
  int (*rank)();
  int (*size)();
  int (*of_rank_0)(int value);
  void* (*barrier)();
  bool (*test)(void* request);
  bool (*probe)(int source, int tag, int* found_source, int* found_tag, int* bytes);
  void (*receive)(void* bytes, int count, int source, int tag);
  void (*send)(const void* bytes, int count, int destination, int tag);
  void* (*begin_send)(const void* bytes, int count, int destination, int tag);
  void* (*begin_receive)(void* bytes, int count, int source, int tag);
  const char* (*version)();  ///< also before `initialise`
};

/// In the sources of the library (mpi_library.cpp).
extern "C" const MpiCalls* hullscan_mpi_calls_1();  ///< the number changes with the table

}  // namespace hullscan::detail::mpi
