# One compiler, one standard, one set of warnings for the whole tree (docs/architecture.md, "Toolchain").

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
    message(FATAL_ERROR
        "This project is built with clang 16 or newer; found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}. "
        "Debian's g++ 12 miscompiles coroutines. Use a preset: cmake --preset release")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(VOELGOED_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
option(VOELGOED_FUZZ "Build the libFuzzer targets instead of the tests" OFF)
option(VOELGOED_COVERAGE "Instrument for llvm-cov" OFF)

# Seconds that a test program may take. Sanitizers make of one several.
set(VOELGOED_TEST_SECONDS 300)
if(VOELGOED_SANITIZE)
    set(VOELGOED_TEST_SECONDS 1800)
endif()

set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -gline-tables-only")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -gline-tables-only")

add_compile_options(-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Werror=switch
    -Werror=return-type -fstack-protector-strong)
add_link_options(-fuse-ld=lld)

if(VOELGOED_SANITIZE)
    # -O1: twice as fast as without, and call stacks stay readable.
    add_compile_options(-fsanitize=${VOELGOED_SANITIZE} -fno-sanitize=function -fno-sanitize-recover=undefined
        -fno-omit-frame-pointer -gline-tables-only $<$<COMPILE_LANGUAGE:CXX>:-O1>)
    add_link_options(-fsanitize=${VOELGOED_SANITIZE})
    add_compile_definitions(VOELGOED_SANITIZED=1)
else()
    add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
if(VOELGOED_FUZZ)
    add_compile_options(-O1 -fsanitize=fuzzer-no-link)
endif()
if(VOELGOED_COVERAGE)
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate -fcoverage-mapping)
endif()
