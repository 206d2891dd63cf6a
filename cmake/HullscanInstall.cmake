# What `cmake --install BUILD --prefix PREFIX` puts where. Everything is found relative to the program, so that the tree
# may be moved as a whole.

set(hullscan_data ${CMAKE_INSTALL_DATADIR}/hullscan)
install(TARGETS hullscan RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS deploy/slurm/requeue-on-75 DESTINATION ${hullscan_data}/slurm)
install(DIRECTORY deploy/slurm/ DESTINATION ${hullscan_data}/slurm FILES_MATCHING PATTERN "*.sbatch")
install(DIRECTORY deploy/campaigns deploy/scorers DESTINATION ${hullscan_data} USE_SOURCE_PERMISSIONS)
install(DIRECTORY python/hullscan DESTINATION ${hullscan_data}/python PATTERN "__pycache__" EXCLUDE)
install(FILES python/pyproject.toml python/README.md DESTINATION ${hullscan_data}/python)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN "decisions" EXCLUDE)
install(FILES README.md LICENSE CHANGELOG.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES deploy/completions/hullscan.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME hullscan)
install(FILES deploy/completions/_hullscan DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES deploy/completions/hullscan.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# A man page for each command, from the same text as --help: the program writes them, so not where it cannot be run.
if(NOT CMAKE_CROSSCOMPILING)
  set(man_pages ${CMAKE_BINARY_DIR}/man)
  add_custom_command(OUTPUT ${man_pages}/hullscan.1
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:hullscan> -DFOLDER=${man_pages} -DVERSION=${PROJECT_VERSION}
      -P ${CMAKE_SOURCE_DIR}/cmake/man_pages.cmake
    DEPENDS hullscan ${CMAKE_SOURCE_DIR}/cmake/man_pages.cmake VERBATIM)
  add_custom_target(hullscan_man ALL DEPENDS ${man_pages}/hullscan.1)
  install(DIRECTORY ${man_pages}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
endif()

# A tree of its own with the libraries beside the program; MPI and the C library stay the machine's: an MPI of another
# machine does not find its network.
option(HULLSCAN_BUNDLE "install the shared libraries that the program needs, all but MPI and the C library" OFF)
if(HULLSCAN_BUNDLE)
  # Of the old kind: it holds for what the libraries themselves need, too.
  target_link_options(hullscan PRIVATE -Wl,--disable-new-dtags)
  set_target_properties(hullscan PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/hullscan")
  install(CODE "set(HULLSCAN_PROGRAM \"$<TARGET_FILE:hullscan>\")
set(HULLSCAN_LIBRARIES \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/hullscan\")")
  install(SCRIPT cmake/bundle_libraries.cmake)
else()
  set_target_properties(hullscan PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
endif()

# `cpack -G DEB`, `cpack -G RPM`, `cpack -G TGZ` in the build folder.
set(CPACK_PACKAGE_NAME hullscan)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "stable phases of a disordered crystal's whole configuration space")
set(CPACK_PACKAGE_VENDOR "the hullscan authors")
set(CPACK_PACKAGE_CONTACT "the hullscan authors <hullscan@localhost>")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # the packages of the libraries that the program is linked to
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "openkim-models, quantum-espresso, libxgboost0, fonts-liberation")
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_DESCRIPTION "hullscan searches the whole composition and configuration space of a disordered crystal for
stable phases: exact enumeration, models of the energy, calculations where they tell most, convex hull and report.")
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_GROUP "Applications/Engineering")
# Folders of the system's: of the package `filesystem` and of the shells.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/man /usr/share/man/man1 /usr/share/bash-completion
  /usr/share/bash-completion/completions /usr/share/zsh /usr/share/zsh/site-functions /usr/share/fish
  /usr/share/fish/vendor_completions.d)
include(CPack)
