#pragma once

#include "server/platform/outbound/client.h"

#include <curl/curl.h>

#include <memory>

namespace voelgoed::outbound {

/// One call as libcurl makes it, and what has come of its reply.
class Transfer
{
public:
    /// Both outlive it.
    Transfer(const Call &call, const Options &options);

    CURL *handle() const { return m_handle.get(); }
    /// Once it has finished with `code`.
    base::Result<Reply> reply(CURLcode code, base::Instant now);

private:
    struct Free
    {
        void operator()(CURL *handle) const { curl_easy_cleanup(handle); }
        void operator()(curl_slist *list) const { curl_slist_free_all(list); }
    };

    void setMethod();
    void setFields();
    void setSafety();
    base::Error failure(CURLcode code) const;
    static curl_socket_t onOpen(void *self, curlsocktype purpose, curl_sockaddr *address);
    static std::size_t onField(const char *bytes, std::size_t one, std::size_t count, void *self);
    static std::size_t onBody(const char *bytes, std::size_t one, std::size_t count, void *self);

    const Call &m_call;
    const Options &m_options;
    std::unique_ptr<CURL, Free> m_handle;
    std::unique_ptr<curl_slist, Free> m_fields;
    Reply m_reply;
    std::size_t m_headSize = 0;
    bool m_refused = false;  ///< an address that is not to be called
    bool m_tooLarge = false; ///< header or body
};

/// Invalid when a call cannot be made at all.
base::Result<void> check(const Call &call, const Options &options);

} // namespace voelgoed::outbound
