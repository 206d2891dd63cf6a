# cmake -DPROGRAM=… -DFOLDER=… -DVERSION=… -P man_pages.cmake: hullscan.1 and a page for each command, as --help says it.
file(MAKE_DIRECTORY ${FOLDER})

function(run_program out)
  execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_VARIABLE text RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${PROGRAM} ${ARGN}: exit code ${code}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

function(write_page name summary text)
  string(REPLACE "\\" "\\e" text "${text}")
  string(REGEX REPLACE "(^|\n)([.'])" "\\1\\\\&\\2" text "${text}")  # a line that begins like a request is none
  string(REPLACE "-" "\\-" text "${text}")
  string(TOUPPER "${name}" title)
  file(WRITE ${FOLDER}/${name}.1 ".TH ${title} 1 \"\" \"hullscan ${VERSION}\" \"hullscan\"
.SH NAME
${name} \\- ${summary}
.SH DESCRIPTION
.nf
${text}.fi
.SH SEE ALSO
.BR hullscan (1)
")
endfunction()

run_program(overview --help)
write_page(hullscan "the stable phases of a disordered crystal's whole configuration space" "${overview}")
string(REPLACE ";" "\\;" overview "${overview}")
string(REPLACE "\n" ";" lines "${overview}")
foreach(line IN LISTS lines)
  if(line MATCHES "^  ([a-z][a-z-]*)( .*[^ ])?  +([^ ].*)$")
    set(command ${CMAKE_MATCH_1})
    set(summary "${CMAKE_MATCH_3}")
    run_program(help ${command} --help)
    write_page(hullscan-${command} "${summary}" "${help}")
  endif()
endforeach()
