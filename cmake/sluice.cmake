# sluice_library(name SOURCES a.cc … LINKS targets …): one folder, one target; it links only what tools/check_layers.py allows.
function(sluice_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} Threads::Threads PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# sluice_test(name SOURCES a_test.cc … LINKS targets …): a GoogleTest binary, registered with CTest as one test.
function(sluice_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gtest GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 LABELS unit)
endfunction()

# sluice_embed(target NAME folder [--gzip]): adds the folder's files to the target; made again when one of them changes.
function(sluice_embed target name folder)
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${folder}/*)
  set(out ${CMAKE_BINARY_DIR}/embedded)
  add_custom_command(OUTPUT ${out}/${name}.S ${out}/${name}.cc
    COMMAND python3 ${PROJECT_SOURCE_DIR}/tools/embed.py ${name} ${folder} ${out}/${name}.S ${out}/${name}.cc ${ARGN}
    DEPENDS ${inputs} ${PROJECT_SOURCE_DIR}/tools/embed.py VERBATIM)
  target_sources(${target} PRIVATE ${out}/${name}.S ${out}/${name}.cc)
  set_source_files_properties(${out}/${name}.S PROPERTIES OBJECT_DEPENDS ${out}/${name}.cc)
endfunction()
