#include "server/platform/outbound/transfer.h"

#include "server/platform/outbound/address.h"
#include "server/platform/outbound/retry_after.h"
#include "shared/base/text.h"

#include <algorithm>
#include <charconv>

#include <sys/socket.h>

namespace voelgoed::outbound {

namespace {

constexpr std::size_t kHeadMax = 32 * 1024;
constexpr std::size_t kUrlMax = 4096;
constexpr const char *kAgent = "Voelgoed";

bool isClean(std::string_view text)
{
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

bool isName(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

/// One part of a URL; empty when it has none.
std::string part(CURLU *url, CURLUPart which)
{
    char *text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK)
        return {};
    std::string copied = text;
    curl_free(text);
    return copied;
}

struct FreeUrl
{
    void operator()(CURLU *url) const { curl_url_cleanup(url); }
};

} // namespace

base::Result<void> check(const Call &call, const Options &options)
{
    const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
    if (call.url.size() > kUrlMax || !isClean(call.url) ||
        curl_url_set(url.get(), CURLUPART_URL, call.url.c_str(), 0) != CURLUE_OK)
        return base::invalid("outbound: no URL");
    const std::string scheme = part(url.get(), CURLUPART_SCHEME);
    const bool plain = options.schemes == Options::Schemes::HttpToo && scheme == "http";
    if (scheme != "https" && !plain)
        return base::invalid("outbound: a URL of another scheme", "The address begins with https://.");
    if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty())
        return base::invalid("outbound: a URL with a user in it", "The address holds no name and no password.");
    for (const auto &[name, value] : call.fields.all()) {
        if (!isName(name) || !isClean(value))
            return base::invalid("outbound: a field that cannot be sent");
    }
    return {};
}

Transfer::Transfer(const Call &call, const Options &options)
    : m_call(call), m_options(options), m_handle(curl_easy_init())
{
    base::ensure(m_handle != nullptr, "libcurl: memory");
    curl_easy_setopt(handle(), CURLOPT_URL, call.url.c_str());
    setMethod();
    setFields();
    setSafety();
}

void Transfer::setMethod()
{
    const std::string word(http::word(m_call.method));
    if (m_call.method == http::Method::Head)
        curl_easy_setopt(handle(), CURLOPT_NOBODY, 1L);
    else if (m_call.method != http::Method::Get || !m_call.body.empty()) {
        curl_easy_setopt(handle(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_call.body.size()));
        curl_easy_setopt(handle(), CURLOPT_POSTFIELDS, m_call.body.c_str());
    }
    curl_easy_setopt(handle(), CURLOPT_CUSTOMREQUEST, m_call.method == http::Method::Head ? nullptr : word.c_str());
}

void Transfer::setFields()
{
    // libcurl's own guesses: neither do we wait for leave to send, nor is a body a form.
    std::vector<std::string> lines{"Expect:"};
    if (!m_call.fields.has("Content-Type"))
        lines.emplace_back("Content-Type:");
    for (const auto &[name, value] : m_call.fields.all())
        lines.push_back(value.empty() ? name + ";" : name + ": " + value);
    for (const std::string &line : lines) {
        curl_slist *longer = curl_slist_append(m_fields.get(), line.c_str());
        base::ensure(longer != nullptr, "libcurl: memory");
        (void)m_fields.release();
        m_fields.reset(longer);
    }
    curl_easy_setopt(handle(), CURLOPT_HTTPHEADER, m_fields.get());
    curl_easy_setopt(handle(), CURLOPT_USERAGENT, kAgent);
}

void Transfer::setSafety()
{
    CURL *curl = handle();
    const bool plain = m_options.schemes == Options::Schemes::HttpToo;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(curl, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!m_options.rootsPem.empty()) {
        curl_blob roots{const_cast<char *>(m_options.rootsPem.data()), m_options.rootsPem.size(), CURL_BLOB_NOCOPY};
        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &roots);
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(m_options.connectWithin.count()));
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &Transfer::onOpen);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Transfer::onField);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::onBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
}

curl_socket_t Transfer::onOpen(void *self, curlsocktype, curl_sockaddr *to)
{
    auto &transfer = *static_cast<Transfer *>(self);
    const auto address = addressOf(to->addr, to->addrlen);
    if (!address || (transfer.m_options.reach == Options::Reach::Public && !isPublic(*address))) {
        transfer.m_refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t Transfer::onField(const char *bytes, std::size_t one, std::size_t count, void *self)
{
    auto &transfer = *static_cast<Transfer *>(self);
    const std::string_view line(bytes, one * count);
    transfer.m_headSize += line.size();
    transfer.m_tooLarge = transfer.m_headSize > kHeadMax;
    if (transfer.m_tooLarge)
        return 0;
    // The header of an interim response goes before the one that counts.
    if (line.starts_with("HTTP/"))
        transfer.m_reply.fields = {};
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        std::string_view value = line.substr(colon + 1);
        value = value.substr(0, value.find_last_not_of("\r\n") + 1);
        transfer.m_reply.fields.add(std::string(line.substr(0, colon)), std::string(base::trimmed(value)));
    }
    return line.size();
}

std::size_t Transfer::onBody(const char *bytes, std::size_t one, std::size_t count, void *self)
{
    auto &transfer = *static_cast<Transfer *>(self);
    const std::size_t size = one * count;
    transfer.m_tooLarge = size > transfer.m_call.replyMax - transfer.m_reply.body.size();
    if (transfer.m_tooLarge)
        return 0;
    transfer.m_reply.body.append(bytes, size);
    return size;
}

base::Error Transfer::failure(CURLcode code) const
{
    using Code = base::ErrorCode;
    const std::string what = std::string("outbound: ") + curl_easy_strerror(code);
    if (m_tooLarge)
        return base::corrupt("outbound: a larger reply than the call takes");
    switch (code) {
    case CURLE_COULDNT_CONNECT:
        if (m_refused)
            return {Code::Forbidden, "outbound: an address that is not to be called",
                    "The address leads to a private network."};
        return {Code::Unavailable, what, {}};
    case CURLE_OPERATION_TIMEDOUT:
        return {Code::Timeout, what, {}};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return {Code::Unauthorized, what, "The server's certificate does not hold."};
    case CURLE_URL_MALFORMAT:
        return base::invalid(what);
    case CURLE_UNSUPPORTED_PROTOCOL: // what answered speaks no HTTP/1; schemes were checked before
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return base::corrupt(what);
    default:
        return {Code::Unavailable, what, {}};
    }
}

base::Result<Reply> Transfer::reply(CURLcode code, base::Instant now)
{
    if (code != CURLE_OK)
        return failure(code);
    long status = 0;
    curl_off_t micros = 0;
    char *address = nullptr;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle(), CURLINFO_TOTAL_TIME_T, &micros);
    curl_easy_getinfo(handle(), CURLINFO_PRIMARY_IP, &address);
    m_reply.status = static_cast<int>(status);
    m_reply.took = std::chrono::duration_cast<base::Milliseconds>(std::chrono::microseconds(micros));
    m_reply.address = address ? address : "";
    m_reply.retryAfter = retryAfter(m_reply.fields["Retry-After"], now);
    return std::move(m_reply);
}

} // namespace voelgoed::outbound
