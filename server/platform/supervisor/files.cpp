#include "server/platform/supervisor/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

namespace voelgoed::supervisor {

using base::Error;
using base::ErrorCode;
using base::Result;

Result<void> writeSettings(const std::string &file, std::string_view text)
{
    const std::string beside = file + ".new";
    {
        std::ofstream out(beside, std::ios::binary | std::ios::trunc);
        out << text;
        out.flush();
        if (!out)
            return Error{ErrorCode::Unavailable, "writing " + beside, "is the disk full?"};
    }
    std::error_code code;
    if (::chmod(beside.c_str(), 0644) == 0)
        std::filesystem::rename(beside, file, code);
    else
        code = std::error_code(errno, std::generic_category());
    if (code)
        return Error{ErrorCode::Unavailable, "writing " + file + ": " + code.message(), {}};
    return {};
}

std::string lastLines(const std::string &file, std::size_t bytesMax)
{
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in)
        return {};
    const auto size = static_cast<std::size_t>(std::max<std::streamoff>(in.tellg(), 0));
    const std::size_t wanted = std::min(size, bytesMax);
    std::string text(wanted, '\0');
    in.seekg(static_cast<std::streamoff>(size - wanted));
    in.read(text.data(), static_cast<std::streamsize>(wanted));
    if (wanted < size)
        text.erase(0, text.find('\n') + 1);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

std::string inQuotes(std::string_view text, char quote)
{
    std::string out(1, quote);
    for (const char c : text) {
        if (c == quote || c == '\\')
            out += '\\';
        out += c;
    }
    return out + quote;
}

} // namespace voelgoed::supervisor
