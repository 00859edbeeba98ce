#pragma once

#include "server/platform/http/message.h"

#include <curl/curl.h>

#include <memory>
#include <string>

namespace voelgoed::http {

/// One transfer by libcurl, as other people's clients make them.
class CurlClient
{
public:
    CurlClient() : m_handle(curl_easy_init())
    {
        curl_easy_setopt(m_handle.get(), CURLOPT_WRITEFUNCTION, &CurlClient::keep);
        curl_easy_setopt(m_handle.get(), CURLOPT_WRITEDATA, &m_body);
        curl_easy_setopt(m_handle.get(), CURLOPT_HEADERFUNCTION, &CurlClient::keep);
        curl_easy_setopt(m_handle.get(), CURLOPT_HEADERDATA, &m_head);
        curl_easy_setopt(m_handle.get(), CURLOPT_TIMEOUT, 60L);
        curl_easy_setopt(m_handle.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(m_handle.get(), CURLOPT_NOPROXY, "*");
    }

    template <class Value>
    void set(CURLoption option, Value value)
    {
        curl_easy_setopt(m_handle.get(), option, value);
    }

    CURLcode get(const std::string &url)
    {
        m_body.clear();
        m_head.clear();
        curl_easy_setopt(m_handle.get(), CURLOPT_URL, url.c_str());
        return curl_easy_perform(m_handle.get());
    }

    long status() const { return number(CURLINFO_RESPONSE_CODE); }
    long newConnections() const { return number(CURLINFO_NUM_CONNECTS); }
    const std::string &body() const { return m_body; }
    const std::string &head() const { return m_head; }

private:
    struct Free
    {
        void operator()(CURL *handle) const { curl_easy_cleanup(handle); }
    };

    static std::size_t keep(const char *bytes, std::size_t one, std::size_t count, void *into)
    {
        static_cast<std::string *>(into)->append(bytes, one * count);
        return one * count;
    }

    long number(CURLINFO which) const
    {
        long value = 0;
        curl_easy_getinfo(m_handle.get(), which, &value);
        return value;
    }

    std::unique_ptr<CURL, Free> m_handle;
    std::string m_body, m_head;
};

} // namespace voelgoed::http
