# The library headers that most files read, parsed once: they are half of a build's time. They add nothing that a file
# could forget to include: a build with -DHULLSCAN_PRECOMPILED=OFF reads each file as it stands.
option(HULLSCAN_PRECOMPILED "parse the commonest library headers once" ON)

set(HULLSCAN_COMMON_HEADERS
  <algorithm> <array> <charconv> <chrono> <cmath> <cstdint> <filesystem> <fstream> <functional> <iostream> <map>
  <memory> <numeric> <optional> <set> <span> <sstream> <string> <thread> <tuple> <variant> <vector>
  <Eigen/Core> <Eigen/LU> <boost/multiprecision/cpp_int.hpp> <fmt/format.h> <nlohmann/json.hpp>)

# hullscan_precompile(NAME LIBRARIES ... HEADERS ...): a target whose headers others take with
# hullscan_use_precompiled(TARGET NAME).
function(hullscan_precompile name)
  cmake_parse_arguments(PCH "" "" "LIBRARIES;HEADERS" ${ARGN})
  if(NOT HULLSCAN_PRECOMPILED)
    return()
  endif()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp CONTENT "int main() {}\n")
  if(name MATCHES "test")  # programs are compiled as position-independent programs, rooms as libraries
    add_executable(${name} ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  else()
    add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  endif()
  target_link_libraries(${name} PRIVATE hullscan_options ${PCH_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${PCH_HEADERS})
endfunction()

function(hullscan_use_precompiled target name)
  if(HULLSCAN_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

hullscan_precompile(hullscan_room_headers
  LIBRARIES Eigen3::Eigen nlohmann_json::nlohmann_json fmt::fmt Boost::boost
  HEADERS ${HULLSCAN_COMMON_HEADERS})
