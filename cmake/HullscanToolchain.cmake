# Language level, warnings, sanitizers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# Contraction of a*b+c differs between machines; published numbers must not.
add_library(hullscan_options INTERFACE)
target_compile_options(hullscan_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -ffp-contract=off)
# A compiler that nobody has tried yet may warn of more; that must not keep a user from building.
option(HULLSCAN_WERROR "warnings are errors, as in our own tests (deploy/check)" OFF)
if(HULLSCAN_WERROR)
  target_compile_options(hullscan_options INTERFACE -Werror)
endif()
# False positives of GCC 12 in library headers, on std::string's operator+ above all (GCC PR 105651, 105329); of
# precompiled headers it does not know that they are a library's. GCC 13 and 14 take a reference that a function was given for one to a
# temporary (PR 109642). The sanitizers see what is real.
include(CheckCXXCompilerFlag)
foreach(warning restrict array-bounds stringop-overflow stringop-overread maybe-uninitialized dangling-reference)
  check_cxx_compiler_flag(-W${warning} HULLSCAN_KNOWS_W_${warning})
  if(HULLSCAN_KNOWS_W_${warning})
    target_compile_options(hullscan_options INTERFACE -Wno-${warning})
  endif()
endforeach()
# With AVX-512 it warns of its own intrinsics, too (GCC PR 105593).
include(CheckCXXSourceCompiles)
check_cxx_source_compiles("
#ifndef __AVX512F__
#error no
#endif
int main() {}" HULLSCAN_COMPILES_FOR_AVX512)
if(HULLSCAN_COMPILES_FOR_AVX512)
  target_compile_options(hullscan_options INTERFACE -Wno-uninitialized)
endif()
# Where all files are compiled for wider vectors (-march=native), Eigen would add in another order and fuse products, and
# published numbers would follow the machine: it gets the vectors of every x86-64 processor (decision 0040). The kernels
# of the enumerator, which count, choose theirs when they run.
check_cxx_source_compiles("
#if !defined __AVX__ && !defined __FMA__
#error no
#endif
int main() {}" HULLSCAN_COMPILES_FOR_AVX)
if(HULLSCAN_COMPILES_FOR_AVX)
  target_compile_options(hullscan_options INTERFACE
    -U__FMA__ -U__AVX__ -U__AVX2__ -U__AVX512F__ -U__AVX512DQ__ -U__AVX512BF16__ -U__F16C__)
endif()
if(HULLSCAN_SANITIZE STREQUAL "thread")
  target_compile_options(hullscan_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")
  target_link_options(hullscan_options INTERFACE -fsanitize=thread)
elseif(HULLSCAN_SANITIZE)
  # Null pointers and accesses outside of objects are seen by AddressSanitizer itself; checking them twice, with alignment,
  # at every access takes a quarter of the build's time.
  target_compile_options(hullscan_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-sanitize=null,alignment,object-size,vptr -fno-omit-frame-pointer)
  set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")  # a quarter less to compile than -O1, fast enough to run, small enough to link
  target_link_options(hullscan_options INTERFACE -fsanitize=address,undefined)
endif()
