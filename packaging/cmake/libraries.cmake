# What the tree links against; all of it from Debian (packaging/build/debian-packages.txt). Who may use which is in
# docs/architecture.md and held by tests/architecture.

find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(date REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(Qt6 6.4 REQUIRED COMPONENTS Core Test)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
find_package(ZXing 1.4 REQUIRED)
find_package(PNG REQUIRED)
find_library(ZINT_LIBRARY zint REQUIRED)
