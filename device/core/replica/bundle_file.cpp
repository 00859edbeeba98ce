#include "device/core/replica/bundle_file.h"

#include <filesystem>

namespace voelgoed::replica {

using base::Result;

Result<BundleFile> BundleFile::open(const std::string &path)
{
    BundleFile bundle;
    bundle.m_path = path;
    std::error_code failed;
    if (!std::filesystem::is_regular_file(path, failed))
        return base::Error{base::ErrorCode::NotFound,
                           path + (std::filesystem::exists(path, failed) ? ": not a file" : ": no such file"),
                           {}};
    bundle.m_file.open(path, std::ios::binary);
    if (!bundle.m_file)
        return base::Error{base::ErrorCode::Unavailable, path + ": cannot be read", {}};
    auto header = bundle.read(0, protocol::kBundleHeaderSize);
    if (!header)
        return header.error();
    const auto rest = protocol::bundleHeadSize(*header);
    if (!rest)
        return rest.error().at(path);
    auto head = bundle.read(protocol::kBundleHeaderSize, *rest);
    if (!head)
        return head.error();
    auto manifest = protocol::decodeBundleHead(*head);
    if (!manifest)
        return manifest.error().at(path);
    bundle.m_manifest = std::move(*manifest);
    bundle.m_digest = base::sha256({*header, *head});
    std::uint64_t offset = protocol::kBundleHeaderSize + *rest;
    for (const protocol::BundleChunk &chunk : bundle.m_manifest.chunks) {
        bundle.m_offsets.push_back(offset);
        offset += 4 + chunk.size;
    }
    const auto size = std::filesystem::file_size(path, failed);
    if (failed || size != offset)
        return base::corrupt(path + ": " + std::to_string(size) + " bytes, and " + std::to_string(offset) +
                                 " were signed",
                             "The file is not whole, or something was added. Copy it again.");
    return bundle;
}

Result<base::Bytes> BundleFile::read(std::uint64_t offset, std::size_t count)
{
    base::Bytes bytes(count);
    m_file.clear();
    m_file.seekg(static_cast<std::streamoff>(offset));
    m_file.read(reinterpret_cast<char *>(bytes.data()), static_cast<std::streamsize>(count));
    if (!m_file)
        return base::corrupt(m_path + ": cut off at byte " + std::to_string(offset),
                             "The file is not whole. Copy it again.");
    return bytes;
}

Result<std::vector<protocol::Change>> BundleFile::chunk(std::size_t number)
{
    base::ensure(number < m_offsets.size(), "a chunk that the manifest does not name");
    const protocol::BundleChunk &expected = m_manifest.chunks[number];
    const auto bytes = read(m_offsets[number], 4 + expected.size);
    if (!bytes)
        return bytes.error();
    if (base::bigEndianAt<std::uint32_t>(*bytes, 0) != expected.size)
        return base::corrupt(m_path + ": chunk " + std::to_string(number) + " has another size than was signed");
    auto page = protocol::unpackChunk(base::ByteView(*bytes).subspan(4), expected);
    if (!page)
        return page.error().at(m_path + ": chunk " + std::to_string(number));
    return page;
}

} // namespace voelgoed::replica
