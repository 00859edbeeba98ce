# The three kinds of target in this tree. Every include is rooted at the repository.

# voelgoed_library(NAME SOURCES a.cpp … LINKS lib …): one static library for one row of the include table.
function(voelgoed_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# voelgoed_program(NAME SOURCES … LINKS …): a program in build/bin.
function(voelgoed_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PRIVATE ${ARG_LINKS})
endfunction()

set(VOELGOED_TEST_ENVIRONMENT QTEST_FUNCTION_TIMEOUT=1800000
    LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/packaging/cmake/leaks.txt)

# voelgoed_test(FILE LINKS … [TIMEOUT seconds]): a Qt Test program made of one file, named after its path.
function(voelgoed_test file)
    cmake_parse_arguments(ARG "" "TIMEOUT" "LINKS;DEPENDS" ${ARGN})
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    string(REGEX REPLACE "\\.cpp$" "" path ${path})
    string(REPLACE "/" "." name ${path})
    add_executable(${name} ${file})
    set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
    # A test runs once for each time that it is compiled.
    target_compile_options(${name} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
    target_link_libraries(${name} PRIVATE Qt6::Core Qt6::Test voelgoed_places ${ARG_LINKS})
    if(ARG_DEPENDS)
        add_dependencies(${name} ${ARG_DEPENDS})
    endif()
    add_test(NAME ${name} COMMAND ${name})
    if(NOT ARG_TIMEOUT OR ARG_TIMEOUT LESS VOELGOED_TEST_SECONDS)
        set(ARG_TIMEOUT ${VOELGOED_TEST_SECONDS})
    endif()
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${VOELGOED_TEST_ENVIRONMENT}")
endfunction()
