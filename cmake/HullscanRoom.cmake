# hullscan_room(NAME SOURCES ... ROOMS ... LIBRARIES ...)
#
# One static library a room. A room's headers are reached as "room/header.hpp" through an include
# directory that holds that room alone, so a file can include only the rooms that its own room links.
function(hullscan_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBRARIES;PUBLIC_LIBRARIES" ${ARGN})
  set(view ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view})
  if(NOT EXISTS ${view}/${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/${name} ${view}/${name} SYMBOLIC)
  endif()
  add_library(hullscan_${name} STATIC ${ROOM_SOURCES})
  add_library(hullscan::${name} ALIAS hullscan_${name})
  target_include_directories(hullscan_${name} PUBLIC ${view})
  foreach(room IN LISTS ROOM_ROOMS)
    target_link_libraries(hullscan_${name} PUBLIC hullscan_${room})
  endforeach()
  target_link_libraries(hullscan_${name} PUBLIC ${ROOM_PUBLIC_LIBRARIES} PRIVATE hullscan_options ${ROOM_LIBRARIES})
endfunction()
