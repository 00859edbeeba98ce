#pragma once

#include "server/platform/async/task.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

#include <functional>
#include <map>
#include <memory>

namespace voelgoed::outbound {

/// libcurl's transfers, driven by Asio: waits for the sockets and the times that libcurl names. Knows nothing of what
/// is transferred.
class Multi : public std::enable_shared_from_this<Multi>
{
public:
    using Finished = std::function<void(CURLcode)>;

    static std::shared_ptr<Multi> make(const async::Executor &executor);
    ~Multi();

    /// Begins. `finished` is called once, from the executor, unless the transfer is removed before.
    void add(CURL *transfer, Finished finished);
    void remove(CURL *transfer);
    std::size_t size() const { return m_transfers.size(); }
    /// Ends all transfers as if their connections had broken.
    void abandon();

private:
    struct Watch
    {
        explicit Watch(boost::asio::posix::stream_descriptor of) : descriptor(std::move(of)) {}
        boost::asio::posix::stream_descriptor descriptor; ///< a duplicate of libcurl's, so that each closes its own
        int wanted = 0;
        bool reading = false, writing = false;
    };

    explicit Multi(const async::Executor &executor);
    static int onSocket(CURL *transfer, curl_socket_t socket, int what, void *self, void *);
    static int onTimer(CURLM *multi, long afterMs, void *self);
    void watch(curl_socket_t socket, int what);
    void arm(curl_socket_t socket, const std::shared_ptr<Watch> &watch);
    void act(curl_socket_t socket, int events);
    void collect();

    async::Executor m_executor;
    CURLM *m_multi;
    boost::asio::steady_timer m_timer;
    std::map<curl_socket_t, std::shared_ptr<Watch>> m_watches;
    std::map<CURL *, Finished> m_transfers;
};

} // namespace voelgoed::outbound
