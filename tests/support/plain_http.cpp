#include "tests/support/plain_http.h"

#include "shared/base/ensure.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace voelgoed::support {

namespace {

constexpr timeval kPatience{60, 0};

PlainAnswer parsed(const std::string &text)
{
    const auto end = text.find("\r\n\r\n");
    base::ensure(text.starts_with("HTTP/1.1 ") && end != std::string::npos, "no HTTP answer came");
    return {.status = std::stoi(text.substr(9, 3)), .head = text.substr(0, end), .body = text.substr(end + 4)};
}

} // namespace

base::Json PlainAnswer::json() const
{
    auto json = base::parseJson(body);
    base::ensure(bool(json), ("the answer is not JSON: " + body).c_str());
    return std::move(*json);
}

std::string PlainAnswer::code() const
{
    const auto json = base::parseJson(body);
    const auto *object = json ? json->if_object() : nullptr;
    const auto *code = object ? object->if_contains("code") : nullptr;
    return code && code->is_string() ? std::string(code->as_string()) : std::string();
}

int PlainHttp::connected() const
{
    const std::string &to = m_servers[(*m_next)++ % m_servers.size()];
    const bool isUnix = to.starts_with("unix:");
    const int descriptor = ::socket(isUnix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    int failed = 0;
    if (isUnix) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, to.c_str() + 5, sizeof address.sun_path - 1);
        failed = ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address);
    } else {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        const auto colon = to.rfind(':');
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(to.substr(colon + 1))));
        const std::string host = to.substr(7, colon - 7);
        ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
        if (!m_from.empty()) {
            sockaddr_in own{};
            own.sin_family = AF_INET;
            ::inet_pton(AF_INET, m_from.c_str(), &own.sin_addr);
            base::ensure(::bind(descriptor, reinterpret_cast<const sockaddr *>(&own), sizeof own) == 0,
                         "no such address of this machine");
        }
        failed = ::connect(descriptor, reinterpret_cast<const sockaddr *>(&address), sizeof address);
    }
    base::ensure(failed == 0, ("cannot connect to " + to).c_str());
    return descriptor;
}

PlainAnswer PlainHttp::ask(const PlainRequest &request) const
{
    std::string text = request.method + " " + request.path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n";
    for (const auto &[name, value] : request.fields)
        text += name + ": " + value + "\r\n";
    if (!request.body.empty())
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    text += "\r\n" + request.body;
    const int descriptor = connected();
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t count = ::send(descriptor, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (count <= 0)
            break; // it may have answered already
        sent += static_cast<std::size_t>(count);
    }
    std::string answer;
    char piece[16384];
    for (ssize_t count; (count = ::recv(descriptor, piece, sizeof piece, 0)) > 0;)
        answer.append(piece, static_cast<std::size_t>(count));
    ::close(descriptor);
    return parsed(answer);
}

PlainAnswer PlainHttp::get(const std::string &path, const std::string &token) const
{
    PlainRequest request{.method = "GET", .path = path};
    if (!token.empty())
        request.fields.emplace_back("Authorization", "Bearer " + token);
    return ask(request);
}

PlainAnswer PlainHttp::post(const std::string &path, const base::Json &body, const std::string &token,
                            const std::string &idempotencyKey) const
{
    PlainRequest request{.method = "POST", .path = path, .body = base::toText(body)};
    request.fields.emplace_back("Content-Type", "application/json");
    if (!token.empty())
        request.fields.emplace_back("Authorization", "Bearer " + token);
    if (!idempotencyKey.empty())
        request.fields.emplace_back("Idempotency-Key", idempotencyKey);
    return ask(request);
}

PlainAnswer PlainHttp::remove(const std::string &path, const std::string &token) const
{
    return ask({.method = "DELETE", .path = path, .fields = {{"Authorization", "Bearer " + token}}});
}

} // namespace voelgoed::support
