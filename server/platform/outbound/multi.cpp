#include "server/platform/outbound/multi.h"

#include "shared/base/ensure.h"

#include <utility>

#include <fcntl.h>

namespace voelgoed::outbound {

namespace asio = boost::asio;

namespace {

constexpr long kConnectionsKept = 64;

} // namespace

std::shared_ptr<Multi> Multi::make(const async::Executor &executor)
{
    // Once for the program, before the first of its functions.
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    base::ensure(ready == CURLE_OK, "libcurl");
    return std::shared_ptr<Multi>(new Multi(executor));
}

Multi::Multi(const async::Executor &executor) : m_executor(executor), m_multi(curl_multi_init()), m_timer(executor)
{
    base::ensure(m_multi != nullptr, "libcurl: memory");
    curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, &Multi::onSocket);
    curl_multi_setopt(m_multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &Multi::onTimer);
    curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, kConnectionsKept);
}

Multi::~Multi()
{
    for (const auto &[transfer, finished] : m_transfers)
        curl_multi_remove_handle(m_multi, transfer);
    // Closes the connections that were kept, which it tells of: the callbacks must find everything alive.
    curl_multi_cleanup(m_multi);
}

void Multi::add(CURL *transfer, Finished finished)
{
    m_transfers.emplace(transfer, std::move(finished));
    base::ensure(curl_multi_add_handle(m_multi, transfer) == CURLM_OK, "libcurl: a transfer that cannot be added");
}

void Multi::remove(CURL *transfer)
{
    if (m_transfers.erase(transfer) > 0)
        curl_multi_remove_handle(m_multi, transfer);
}

void Multi::abandon()
{
    while (!m_transfers.empty()) {
        const auto [transfer, finished] = *m_transfers.begin();
        remove(transfer);
        finished(CURLE_ABORTED_BY_CALLBACK);
    }
}

int Multi::onSocket(CURL *, curl_socket_t socket, int what, void *self, void *)
{
    static_cast<Multi *>(self)->watch(socket, what);
    return 0;
}

int Multi::onTimer(CURLM *, long afterMs, void *self)
{
    auto &multi = *static_cast<Multi *>(self);
    if (afterMs < 0) {
        multi.m_timer.cancel();
        return 0;
    }
    // Also for "now": libcurl must not be called from within its own call.
    multi.m_timer.expires_after(base::Milliseconds(afterMs));
    multi.m_timer.async_wait([weak = multi.weak_from_this()](const boost::system::error_code &failure) {
        const auto alive = weak.lock();
        if (alive && !failure)
            alive->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
}

void Multi::watch(curl_socket_t socket, int what)
{
    const auto found = m_watches.find(socket);
    if (what == CURL_POLL_REMOVE) {
        if (found != m_watches.end())
            m_watches.erase(found);
        return;
    }
    auto watched = found == m_watches.end() ? nullptr : found->second;
    if (!watched) {
        watched =
            std::make_shared<Watch>(asio::posix::stream_descriptor(m_executor, ::fcntl(socket, F_DUPFD_CLOEXEC, 0)));
        m_watches.emplace(socket, watched);
    }
    watched->wanted = what;
    arm(socket, watched);
}

void Multi::arm(curl_socket_t socket, const std::shared_ptr<Watch> &watch)
{
    using Wait = asio::posix::descriptor_base;
    const auto begin = [&](bool Watch::*waiting, Wait::wait_type how, int events) {
        if (std::exchange((*watch).*waiting, true))
            return;
        watch->descriptor.async_wait(how, [weak = weak_from_this(), socket, events, waiting,
                                           weakWatch = std::weak_ptr(watch)](const boost::system::error_code &failure) {
            const auto alive = weak.lock();
            const auto watched = weakWatch.lock();
            if (!alive || !watched || failure)
                return;
            (*watched).*waiting = false;
            // What was wanted a moment ago may not be wanted any more.
            if ((watched->wanted & events) == 0)
                return;
            alive->act(socket, events);
            // Unless libcurl let go of the socket meanwhile.
            const auto still = alive->m_watches.find(socket);
            if (still != alive->m_watches.end() && still->second == watched)
                alive->arm(socket, watched);
        });
    };
    if (watch->wanted & CURL_POLL_IN)
        begin(&Watch::reading, Wait::wait_read, CURL_CSELECT_IN);
    if (watch->wanted & CURL_POLL_OUT)
        begin(&Watch::writing, Wait::wait_write, CURL_CSELECT_OUT);
}

void Multi::act(curl_socket_t socket, int events)
{
    const auto self = shared_from_this();
    int running = 0;
    curl_multi_socket_action(m_multi, socket, events, &running);
    collect();
}

void Multi::collect()
{
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *transfer = message->easy_handle;
        const CURLcode code = message->data.result;
        const auto found = m_transfers.find(transfer);
        base::ensure(found != m_transfers.end(), "libcurl: a transfer that nobody began");
        const Finished finished = std::move(found->second);
        remove(transfer);
        finished(code);
    }
}

} // namespace voelgoed::outbound
