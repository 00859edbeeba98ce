#include "device/core/client/curl_call.h"

#include "shared/base/crypto/digest.h"

#include <algorithm>
#include <cctype>

namespace voelgoed::client {

using base::Result;

namespace {

constexpr std::size_t kFieldBytesMax = 32 << 10;
constexpr std::size_t kErrorBodyMax = 64 << 10; ///< of an answer that is not the file that was asked for

/// The DER form of an Ed25519 public key (RFC 8410, section 4), hashed as libcurl wants it.
std::string pinOf(const base::PublicKey &key)
{
    const base::Bytes prefix = *base::fromHex("302a300506032b6570032100");
    return "sha256//" + base::toBase64(base::sha256({prefix, key}));
}

base::ErrorCode errorCodeOf(CURLcode code)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return base::ErrorCode::Timeout;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return base::ErrorCode::Unauthorized;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return base::ErrorCode::Invalid;
    default: // there are a hundred, and what they say is in their text
        return base::ErrorCode::Unavailable;
    }
}

template <class Value>
void set(CURL *handle, CURLoption option, Value value)
{
    base::ensure(curl_easy_setopt(handle, option, value) == CURLE_OK, "an option that libcurl does not have");
}

/// "bytes 1000-1999/2000": 1000.
std::optional<std::uint64_t> startOfRange(std::string_view text)
{
    if (!text.starts_with("bytes "))
        return std::nullopt;
    text.remove_prefix(6);
    std::uint64_t from = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits < 18; ++digits)
        from = from * 10 + static_cast<std::uint64_t>(text[digits] - '0');
    return digits > 0 && digits < text.size() && text[digits] == '-' ? std::optional(from) : std::nullopt;
}

} // namespace

CurlCall::CurlCall(CallId id, Request request, std::function<void(Result<Response>)> read)
    : m_id(id), m_request(std::move(request)), m_read(std::move(read)), m_handle(curl_easy_init())
{
    base::ensure(m_handle != nullptr, "libcurl has no memory");
}

Result<void> CurlCall::configure(const CurlOptions &options)
{
    CURL *handle = m_handle.get();
    const bool secure = options.server.starts_with("https://");
    const std::string url = options.server + m_request.target;
    set(handle, CURLOPT_URL, url.c_str());
    set(handle, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
    set(handle, CURLOPT_PATH_AS_IS, 1L); // what is signed is what is sent
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_PROXY, "");
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    set(handle, CURLOPT_ERRORBUFFER, m_why);
    set(handle, CURLOPT_USERAGENT, options.userAgent.c_str());
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connectTimeout.count()));
    if (secure) {
        // Whose certificate it is, and who says so, does not matter: only the key does.
        set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_3));
        set(handle, CURLOPT_SSL_VERIFYPEER, 0L);
        set(handle, CURLOPT_SSL_VERIFYHOST, 0L);
        set(handle, CURLOPT_PINNEDPUBLICKEY, pinOf(options.pin).c_str());
    }
    if (m_request.download) {
        m_file.emplace(m_request.download->path);
        m_part = m_file->part();
        const long seconds = std::max<long>(1, static_cast<long>(m_request.timeout.count() / 1'000));
        set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
        set(handle, CURLOPT_LOW_SPEED_TIME, seconds);
        if (m_part.size > 0) {
            m_request.fields.emplace_back("Range", "bytes=" + std::to_string(m_part.size) + "-");
            m_request.fields.emplace_back("If-Range", m_part.version);
        }
    } else {
        set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(m_request.timeout.count()));
    }
    if (m_request.method != "GET") {
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(m_request.body.size()));
        set(handle, CURLOPT_POSTFIELDS, reinterpret_cast<const char *>(m_request.body.data()));
        set(handle, CURLOPT_CUSTOMREQUEST, m_request.method.c_str());
        m_request.fields.emplace_back("Expect", ""); // no question before the body
    }
    for (const auto &[name, value] : m_request.fields) {
        const std::string line = name + ": " + value;
        if (line.find_first_of("\r\n") != std::string::npos || line.find('\0') != std::string::npos)
            return base::invalid("a header field of two lines");
        const std::string text = value.empty() ? name + ":" : line;
        curl_slist *more = curl_slist_append(m_fields.get(), text.c_str());
        base::ensure(more != nullptr, "libcurl has no memory");
        (void)m_fields.release();
        m_fields.reset(more);
    }
    set(handle, CURLOPT_HTTPHEADER, m_fields.get());
    set(handle, CURLOPT_WRITEFUNCTION, &CurlCall::onBody);
    set(handle, CURLOPT_WRITEDATA, static_cast<void *>(this));
    set(handle, CURLOPT_HEADERFUNCTION, &CurlCall::onField);
    set(handle, CURLOPT_HEADERDATA, static_cast<void *>(this));
    set(handle, CURLOPT_PRIVATE, static_cast<void *>(this));
    return {};
}

std::size_t CurlCall::onBody(char *data, std::size_t, std::size_t size, void *self)
{
    auto &call = *static_cast<CurlCall *>(self);
    return call.takeBody(base::bytesOf({data, size})) ? size : 0;
}

std::size_t CurlCall::onField(char *data, std::size_t, std::size_t size, void *self)
{
    auto &call = *static_cast<CurlCall *>(self);
    call.m_fieldBytes += size;
    if (call.m_fieldBytes > kFieldBytesMax) {
        call.fail(base::invalid("an answer with too long a header"));
        return 0;
    }
    call.takeField({data, size});
    return size;
}

void CurlCall::takeField(std::string_view line)
{
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' '))
        line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
        m_response.fields.clear(); // of an answer that announced this one
        return;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
        value.remove_prefix(1);
    m_response.fields.emplace_back(std::move(name), std::string(value));
}

bool CurlCall::fail(base::Error error)
{
    if (!m_error)
        m_error = std::move(error);
    return false;
}

bool CurlCall::beginBody()
{
    m_begun = true;
    long status = 0;
    curl_easy_getinfo(m_handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (!m_file || (status != 200 && status != 206))
        return true;
    m_intoFile = true;
    base::Result<void> begun;
    if (status == 200)
        begun = m_file->begin(std::string(m_response.field("etag")));
    else if (startOfRange(m_response.field("content-range")) == m_part.size)
        begun = m_file->resume();
    else
        return fail(base::invalid("a part of the file that was not asked for"));
    return begun || fail(begun.error());
}

bool CurlCall::takeBody(base::ByteView bytes)
{
    if (!m_begun && !beginBody())
        return false;
    if (m_intoFile) {
        if (m_file->size() + bytes.size() > m_request.download->sizeMax)
            return fail(base::invalid("a file that is too long"));
        const auto written = m_file->write(bytes);
        return written || fail(written.error());
    }
    const std::size_t max = m_file ? kErrorBodyMax : m_request.answerMax;
    if (m_response.body.size() + bytes.size() > max)
        return fail(base::invalid("an answer that is longer than " + std::to_string(max) + " bytes"));
    m_response.body.insert(m_response.body.end(), bytes.begin(), bytes.end());
    return true;
}

Result<Response> CurlCall::outcome(CURLcode code)
{
    if (m_error)
        return *m_error;
    if (code != CURLE_OK)
        return base::Error{errorCodeOf(code), m_why[0] ? m_why : curl_easy_strerror(code), {}};
    long status = 0;
    curl_off_t microseconds = 0;
    curl_easy_getinfo(m_handle.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(m_handle.get(), CURLINFO_TOTAL_TIME_T, &microseconds);
    m_response.status = static_cast<int>(status);
    m_response.took = base::Milliseconds(microseconds / 1'000);
    if (m_file && status == 416)
        m_file->forget(); // what there is of it is longer than it is: begin anew the next time
    if (m_file && status == 200 && !m_begun && !beginBody())
        return *m_error; // an empty file
    return std::move(m_response);
}

void CurlCall::finish(CURLcode code)
{
    auto result = outcome(code);
    m_file.reset(); // everything is in it before anybody looks
    m_read(std::move(result));
}

} // namespace voelgoed::client
