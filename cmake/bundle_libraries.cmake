# At installation, with HULLSCAN_BUNDLE: copies what the program is linked to, all but MPI and the C library.
file(GET_RUNTIME_DEPENDENCIES
  EXECUTABLES ${HULLSCAN_PROGRAM}
  RESOLVED_DEPENDENCIES_VAR found
  UNRESOLVED_DEPENDENCIES_VAR missing
  PRE_EXCLUDE_REGEXES "^lib(mpi|mpich|mpichcxx|mpi_cxx|open-rte|open-pal|pmi|pmix|fabric|ucp|ucs|uct|ucm)[.]"
    "^(libc|libm|libdl|librt|libpthread|libresolv|ld-linux.*)[.]so" "^linux-vdso")
if(missing)
  message(FATAL_ERROR "these libraries were not found: ${missing}")
endif()
foreach(library IN LISTS found)
  file(INSTALL DESTINATION $ENV{DESTDIR}${HULLSCAN_LIBRARIES} TYPE SHARED_LIBRARY FOLLOW_SYMLINK_CHAIN FILES ${library})
endforeach()
