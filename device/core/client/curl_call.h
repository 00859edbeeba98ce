#pragma once

#include "device/core/client/curl_transport.h"
#include "device/core/client/resumed_file.h"

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

/// Part of the transport over libcurl; nobody else includes it.
namespace voelgoed::client {

struct CloseEasy
{
    void operator()(CURL *handle) const { curl_easy_cleanup(handle); }
};
struct FreeList
{
    void operator()(curl_slist *list) const { curl_slist_free_all(list); }
};

/// A request at work: libcurl's handle and what its callbacks gather. Stays where it is.
class CurlCall
{
public:
    CurlCall(CallId id, Request request, std::function<void(base::Result<Response>)> read);

    CurlCall(const CurlCall &) = delete;
    CurlCall &operator=(const CurlCall &) = delete;

    CallId id() const { return m_id; }
    CURL *handle() { return m_handle.get(); }

    base::Result<void> configure(const CurlOptions &options);
    /// Hands out what came of it.
    void finish(CURLcode code);

private:
    static std::size_t onBody(char *data, std::size_t one, std::size_t size, void *self);
    static std::size_t onField(char *data, std::size_t one, std::size_t size, void *self);
    bool takeBody(base::ByteView bytes);
    bool beginBody();
    void takeField(std::string_view line);
    base::Result<Response> outcome(CURLcode code);
    bool fail(base::Error error);

    CallId m_id;
    Request m_request;
    std::function<void(base::Result<Response>)> m_read;
    std::unique_ptr<CURL, CloseEasy> m_handle;
    std::unique_ptr<curl_slist, FreeList> m_fields;
    std::optional<ResumedFile> m_file;
    ResumedFile::Part m_part; ///< what there was of the file
    bool m_intoFile = false;
    bool m_begun = false;
    std::size_t m_fieldBytes = 0;
    Response m_response;
    std::optional<base::Error> m_error; ///< why a callback gave up
    char m_why[CURL_ERROR_SIZE] = {};
};

} // namespace voelgoed::client
