#pragma once

#include "shared/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace voelgoed::profile {

/// The whole file. NotFound when it is not there; Invalid when it is longer than `maxBytes`.
base::Result<std::string> readFile(const std::string &path, std::size_t maxBytes);

/// Replaces a file as a whole, durably, readable by its owner alone: the old contents or the new ones are there, never
/// half.
base::Result<void> writeSecretFile(const std::string &path, std::string_view contents);

/// A file by what it is, whatever its name leads to later. Opens nothing.
class PlacedFile
{
public:
    static base::Result<PlacedFile> at(const std::string &path);

    /// Whether its name still leads to it: false when it was removed, or another one was put in its place.
    bool isThere() const;

private:
    PlacedFile(std::string path, std::uint64_t device, std::uint64_t number)
        : m_path(std::move(path)), m_device(device), m_number(number)
    {}

    std::string m_path;
    std::uint64_t m_device;
    std::uint64_t m_number;
};

} // namespace voelgoed::profile
