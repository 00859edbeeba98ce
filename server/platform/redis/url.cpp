#include "server/platform/redis/url.h"

#include "shared/base/bytes.h"

#include <charconv>
#include <optional>

namespace voelgoed::redis {

using base::Result;

namespace {

constexpr std::uint16_t kDefaultPort = 6379;
constexpr std::size_t kUnixPathMax = 107; // of sockaddr_un, without its end

template <class Number>
std::optional<Number> numberFrom(std::string_view text)
{
    Number number = 0;
    const char *end = text.data() + text.size();
    const auto [at, failed] = std::from_chars(text.data(), end, number);
    if (text.empty() || failed != std::errc() || at != end)
        return std::nullopt;
    return number;
}

std::optional<std::string> percentDecoded(std::string_view text)
{
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            plain += text[at];
            continue;
        }
        const auto byte = base::fromHex(text.substr(at + 1, 2));
        if (!byte || byte->size() != 1)
            return std::nullopt;
        plain += base::textOf(*byte);
        at += 2;
    }
    return plain;
}

base::Error wrong(std::string_view what)
{
    return base::invalid("the URL of Redis: " + std::string(what),
                         "Write it as redis://[user:password@]host:port[/db] or unix:/path/to/socket.");
}

Result<void> readLogin(std::string_view login, Address &address)
{
    const auto colon = login.find(':');
    const auto user = percentDecoded(login.substr(0, colon));
    const auto password =
        percentDecoded(colon == std::string_view::npos ? std::string_view() : login.substr(colon + 1));
    if (!user || !password)
        return wrong("a % in the user or the password begins no byte");
    if (password->empty())
        return wrong("a user without a password");
    address.user = *user;
    address.password = *password;
    return {};
}

Result<void> readHost(std::string_view text, Endpoint &endpoint)
{
    std::string_view port;
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos)
            return wrong("a [ without a ]");
        endpoint.host = text.substr(1, close - 1);
        port = text.substr(close + 1);
    } else {
        const auto colon = text.find(':');
        endpoint.host = text.substr(0, colon);
        port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (endpoint.host.empty())
        return wrong("no host");
    if (endpoint.host.find_first_of("[]@/?#% ") != std::string::npos)
        return wrong("a character in the host that no host has");
    endpoint.port = kDefaultPort;
    if (port.empty())
        return {};
    const auto number = numberFrom<std::uint16_t>(port.substr(1));
    if (port[0] != ':' || !number || *number == 0)
        return wrong("the port is no number from 1 to 65535");
    endpoint.port = *number;
    return {};
}

} // namespace

std::string Endpoint::text() const
{
    if (!unixPath.empty())
        return "unix:" + unixPath;
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Address> parseUrl(std::string_view url)
{
    Address address;
    if (url.find('\0') != std::string_view::npos)
        return wrong("a byte 0 in it");
    if (url.starts_with("unix:")) {
        url.remove_prefix(5);
        const auto name = url.find_first_not_of('/'); // unix:///run/x is unix:/run/x
        if (!url.starts_with('/') || name == std::string_view::npos)
            return wrong("the path is not absolute");
        url.remove_prefix(name - 1);
        if (url.size() > kUnixPathMax)
            return wrong("the path is longer than 107 bytes");
        address.endpoint.unixPath = url;
        return address;
    }
    if (url.starts_with("rediss://"))
        return base::unsupported("the URL of Redis: TLS is not supported");
    if (!url.starts_with("redis://"))
        return wrong("it begins with neither redis:// nor unix:");
    url.remove_prefix(8);
    const auto slash = url.find('/');
    if (slash != std::string_view::npos && slash + 1 < url.size()) {
        const auto database = numberFrom<std::uint16_t>(url.substr(slash + 1));
        if (!database)
            return wrong("the database is no number");
        address.database = *database;
    }
    url = url.substr(0, slash);
    if (const auto at = url.rfind('@'); at != std::string_view::npos) {
        if (const auto read = readLogin(url.substr(0, at), address); !read)
            return read.error();
        url.remove_prefix(at + 1);
    }
    if (const auto read = readHost(url, address.endpoint); !read)
        return read.error();
    return address;
}

} // namespace voelgoed::redis
