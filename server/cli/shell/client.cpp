#include "server/cli/shell/client.h"

#include "shared/base/text.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace voelgoed::cli {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::size_t kBodyMax = std::size_t{1} << 30;

struct Receiver
{
    std::string body;
    std::vector<std::pair<std::string, std::string>> fields;
    const Client::Progress *progress = nullptr;
};

std::size_t takeBody(char *bytes, std::size_t one, std::size_t count, void *to)
{
    auto &receiver = *static_cast<Receiver *>(to);
    if (receiver.body.size() + count * one > kBodyMax)
        return 0;
    receiver.body.append(bytes, count * one);
    return count * one;
}

std::size_t takeField(char *bytes, std::size_t one, std::size_t count, void *to)
{
    auto &receiver = *static_cast<Receiver *>(to);
    const std::string_view line(bytes, count * one);
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/"))
        receiver.fields.clear(); // of an interim answer
    else if (colon != std::string_view::npos) {
        std::string name(line.substr(0, colon));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        std::string value(line.substr(colon + 1));
        while (!value.empty() && (value.back() == '\r' || value.back() == '\n'))
            value.pop_back();
        receiver.fields.emplace_back(std::move(name), std::string(base::trimmed(value)));
    }
    return count * one;
}

int tellProgress(void *to, curl_off_t downAll, curl_off_t down, curl_off_t upAll, curl_off_t up)
{
    const auto &progress = *static_cast<const Client::Progress *>(to);
    if (up > 0 && up < upAll)
        progress(static_cast<std::uint64_t>(up), static_cast<std::uint64_t>(upAll));
    else if (down > 0)
        progress(static_cast<std::uint64_t>(down), static_cast<std::uint64_t>(std::max<curl_off_t>(downAll, 0)));
    return 0;
}

ErrorCode codeOf(CURLcode code)
{
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
        return ErrorCode::Timeout;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_PEER_FAILED_VERIFICATION:
        return ErrorCode::Unauthorized;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CACERT_BADFILE:
        return ErrorCode::Invalid;
    default: // there are a hundred, and what they say is in their text
        return ErrorCode::Unavailable;
    }
}

ErrorCode codeOf(int status)
{
    switch (status) {
    case 401:
        return ErrorCode::Unauthorized;
    case 403:
        return ErrorCode::Forbidden;
    case 404:
        return ErrorCode::NotFound;
    case 409:
    case 412:
        return ErrorCode::Conflict;
    case 408:
    case 504:
        return ErrorCode::Timeout;
    case 429:
    case 503:
        return ErrorCode::Unavailable;
    default:
        return status < 500 ? ErrorCode::Invalid : ErrorCode::Internal;
    }
}

std::string textOf(const boost::json::object &object, std::string_view name)
{
    const auto *field = object.if_contains(name);
    return field && field->is_string() ? base::printable(std::string(field->as_string()), 500) : std::string();
}

/// problem+json (RFC 9457), or whatever it was.
Error failureOf(const Answer &answer)
{
    Error error{codeOf(answer.status), "the server answered " + std::to_string(answer.status), {}};
    const auto json = base::parseJson(answer.body, {.bytes = std::size_t{1} << 20});
    const auto *problem = json ? json->if_object() : nullptr;
    if (!problem)
        return error;
    const std::string detail = textOf(*problem, "detail"), title = textOf(*problem, "title");
    error.message = !detail.empty() ? detail : !title.empty() ? title : error.message;
    error.word = textOf(*problem, "code");
    const auto *errors = problem->if_contains("errors");
    if (errors && errors->is_array()) {
        for (const auto &each : errors->as_array()) {
            if (const auto *one = each.if_object())
                error.hint +=
                    (error.hint.empty() ? "" : "\n") + textOf(*one, "pointer") + ": " + textOf(*one, "detail");
        }
    }
    if (const std::string wait = answer.field("retry-after"); !wait.empty())
        error.hint += (error.hint.empty() ? "" : "\n") + std::string("Try again in ") + wait + " s.";
    return error;
}

template <class Value>
void set(CURL *handle, CURLoption option, Value value)
{
    base::ensure(curl_easy_setopt(handle, option, value) == CURLE_OK, "an option that libcurl does not have");
}

} // namespace

std::string Answer::field(std::string_view name) const
{
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto &each) { return each.first == name; });
    return found == fields.end() ? std::string() : found->second;
}

std::string escaped(std::string_view text)
{
    char *made = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
    base::ensure(made != nullptr, "no memory for a path");
    std::string result = made;
    curl_free(made);
    return result;
}

Result<Answer> Client::send(const Request &request)
{
    const std::unique_ptr<CURL, void (*)(CURL *)> curl(curl_easy_init(), curl_easy_cleanup);
    base::ensure(curl != nullptr, "libcurl cannot begin");
    CURL *handle = curl.get();
    std::string url = m_connection.server;
    if (url.starts_with("unix:")) {
        set(handle, CURLOPT_UNIX_SOCKET_PATH, url.c_str() + 5);
        url = "http://localhost";
    }
    while (url.ends_with('/'))
        url.pop_back();
    url += request.path;
    char separator = '?';
    for (const auto &[name, value] : request.query) {
        url += separator + escaped(name) + "=" + escaped(value);
        separator = '&';
    }
    Receiver receiver;
    std::array<char, CURL_ERROR_SIZE> said{};
    set(handle, CURLOPT_URL, url.c_str());
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_ERRORBUFFER, said.data());
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, 10'000L);
    // Much may be sent; what matters is that it goes on.
    set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>((m_connection.within.count() + 999) / 1000));
    set(handle, CURLOPT_ACCEPT_ENCODING, "");
    set(handle, CURLOPT_WRITEFUNCTION, &takeBody);
    set(handle, CURLOPT_WRITEDATA, static_cast<void *>(&receiver));
    set(handle, CURLOPT_HEADERFUNCTION, &takeField);
    set(handle, CURLOPT_HEADERDATA, static_cast<void *>(&receiver));
    if (!m_connection.caFile.empty())
        set(handle, CURLOPT_CAINFO, m_connection.caFile.c_str());
    if (!m_connection.pin.empty()) {
        set(handle, CURLOPT_PINNEDPUBLICKEY, m_connection.pin.c_str());
        set(handle, CURLOPT_SSL_VERIFYPEER, 0L);
        set(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (m_progress) {
        set(handle, CURLOPT_NOPROGRESS, 0L);
        set(handle, CURLOPT_XFERINFOFUNCTION, &tellProgress);
        set(handle, CURLOPT_XFERINFODATA, static_cast<void *>(&m_progress));
    }
    curl_slist *list = nullptr;
    const auto add = [&](const std::string &line) { list = curl_slist_append(list, line.c_str()); };
    add("Accept: application/json, */*");
    add("User-Agent: " + m_connection.agent);
    add("Expect:");
    if (!m_connection.token.empty())
        add("Authorization: Bearer " + m_connection.token);
    if (!m_connection.organization.empty())
        add("Voelgoed-Organization: " + m_connection.organization);
    if (!m_connection.reason.empty())
        add("Voelgoed-Reason: " + m_connection.reason);
    if (!m_connection.consent.empty())
        add("Voelgoed-Approval: " + m_connection.consent);
    for (const auto &[name, value] : request.fields)
        add(name + ": " + value);
    if (!request.contentType.empty()) {
        add("Content-Type: " + request.contentType);
        set(handle, CURLOPT_POSTFIELDS, request.body.data());
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    const std::unique_ptr<curl_slist, void (*)(curl_slist *)> fields(list, curl_slist_free_all);
    set(handle, CURLOPT_HTTPHEADER, list);
    const CURLcode done = curl_easy_perform(handle);
    if (done != CURLE_OK) {
        const std::string why = said[0] != '\0' ? said.data() : curl_easy_strerror(done);
        return Error{codeOf(done), m_connection.server + ": " + why, {}};
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return Answer{
        .status = static_cast<int>(status), .body = std::move(receiver.body), .fields = std::move(receiver.fields)};
}

Result<Answer> Client::ask(const Request &request)
{
    auto answer = send(request);
    if (answer && answer->status >= 400)
        return failureOf(*answer);
    return answer;
}

Result<base::Json> Client::json(const Request &request)
{
    const auto answer = ask(request);
    if (!answer)
        return answer.error();
    auto json = base::parseJson(answer->body);
    if (!json)
        return base::corrupt("what the server answered is no JSON: " + json.error().message);
    return json;
}

} // namespace voelgoed::cli
