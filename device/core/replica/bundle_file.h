#pragma once

#include "shared/protocol/bundle.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace voelgoed::replica {

/// An event bundle on a disk or a USB stick. Reads what is asked for and nothing ahead; a file that changes, ends early
/// or disappears while it is read gives an error, never wrong contents.
class BundleFile
{
public:
    /// Reads and verifies the head. NotFound, Invalid, Unauthorized, Unsupported as decodeBundleHead().
    static base::Result<BundleFile> open(const std::string &path);

    const protocol::Manifest &manifest() const { return m_manifest; }
    /// What identifies this bundle: the SHA-256 of its head.
    const base::Digest &digest() const { return m_digest; }

    base::Result<std::vector<protocol::Change>> chunk(std::size_t number);

private:
    BundleFile() = default;

    base::Result<base::Bytes> read(std::uint64_t offset, std::size_t count);

    std::string m_path;
    std::ifstream m_file;
    protocol::Manifest m_manifest;
    base::Digest m_digest{};
    std::vector<std::uint64_t> m_offsets;
};

} // namespace voelgoed::replica
