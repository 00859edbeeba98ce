# What the tree links against; all of it from Debian (packaging/build/debian-packages.txt). Who may use which is in
# docs/architecture.md and held by tests/architecture.

find_package(PkgConfig REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json url)
find_package(OpenSSL 3 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Test)
# Without Qt's definitions of where a test lies: they hold absolute paths, and no object could be shared between checkouts.
set_target_properties(Qt6::Test PROPERTIES INTERFACE_COMPILE_DEFINITIONS QT_TESTLIB_LIB)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_package(ZXing 1.4 REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_library(ZINT_LIBRARY zint REQUIRED)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
find_package(PostgreSQL REQUIRED)
find_package(CURL REQUIRED)
find_package(spdlog REQUIRED)
find_package(Threads REQUIRED)
find_library(PROMETHEUS_LIBRARY prometheus-cpp-core REQUIRED)
find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)

# Boost.Asio is compiled once, in server/platform/async/asio.cpp.
add_library(voelgoed_asio INTERFACE)
target_link_libraries(voelgoed_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(voelgoed_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
    BOOST_ASIO_DISABLE_BOOST_BIND)
