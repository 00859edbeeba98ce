#pragma once

#include "device/core/storage/file.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace voelgoed::storage {

/// A row as it lies in a page. Texts and bytes are valid while it is being used.
struct Record
{
    struct Text
    {
        std::string_view text;
    };
    using Value = std::variant<std::monostate, std::int64_t, Text, base::ByteView>;

    std::optional<std::int64_t> rowId; ///< of tables that have one
    std::vector<Value> values;

    std::optional<std::int64_t> integer(std::size_t column) const;
    std::optional<std::string_view> text(std::size_t column) const;
    std::optional<base::ByteView> bytes(std::size_t column) const;
    bool isNull(std::size_t column) const;
};

/// Reads the rows of a damaged database and of its write-ahead log: page by page, without the trees that should lead to
/// them, without a header, without SQLite. Whoever uses it must know a row when seeing one: there is no saying which
/// table it was in, whether it is the newest version, or whether it was deleted later. Changes nothing.
/// Format: https://sqlite.org/fileformat2.html, sections 1.5, 1.6, 2.1 and 4.1, for pages of 4096 bytes.
class PageReader
{
public:
    static constexpr std::size_t kPageSize = 4096;

    struct Files
    {
        std::string database; ///< empty: none
        std::string log;      ///< empty: none
        std::string vfs;      ///< empty: the operating system's
    };
    /// A file that is not there holds no pages.
    static base::Result<PageReader> open(const Files &files);

    /// Gives every row that can be made out, the ones of the file first, then the ones of the log in its order. A row
    /// whose bytes go on in another page comes once for each version of that page.
    void eachRecord(const std::function<void(const Record &)> &use);

    /// Pages that the disk would not give.
    std::uint64_t unreadable() const { return m_unreadable; }

private:
    std::optional<base::Bytes> read(File &file, std::uint64_t offset);
    void readPage(base::ByteView page, std::size_t header, const std::function<void(const Record &)> &use);
    struct CellPlace
    {
        std::uint8_t kind = 0; ///< of the page
        std::size_t at = 0;
    };
    void readCell(base::ByteView page, CellPlace place, const std::function<void(const Record &)> &use);
    enum class Prefer { File, Log };
    std::optional<base::Bytes> follow(std::uint32_t page, std::size_t count, Prefer prefer);

    PageReader() = default;

    std::unique_ptr<File> m_file;
    std::unique_ptr<File> m_log;
    std::uint64_t m_filePages = 0;
    std::uint64_t m_logFrames = 0;
    std::map<std::uint32_t, std::uint64_t> m_inLog; ///< by page: where the log's last version of it is
    std::uint64_t m_unreadable = 0;
};

} // namespace voelgoed::storage
