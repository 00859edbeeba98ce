#include "device/core/client/curl_transport.h"

#include "device/core/client/curl_call.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace voelgoed::client {

namespace {

using std::chrono::steady_clock;

constexpr int kPollMs = 1'000; ///< libcurl's own deadlines are sooner
constexpr long kConnectionsMax = 4;

class CurlTransport final : public Transport
{
public:
    explicit CurlTransport(const CurlOptions &options)
        : m_options(options), m_multi(curl_multi_init()), m_ready(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        base::ensure(m_multi != nullptr && m_ready >= 0, "no memory for a transport");
        curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, kConnectionsMax);
        m_thread = std::thread([this] { work(); });
    }

    ~CurlTransport() override
    {
        {
            const std::lock_guard lock(m_mutex);
            m_stopping = true;
        }
        curl_multi_wakeup(m_multi);
        m_thread.join();
        curl_multi_cleanup(m_multi);
        ::close(m_ready);
    }

    CallId start(Call call) override
    {
        const std::lock_guard lock(m_mutex);
        base::ensure(m_open.size() < kCallsMax, "more calls than may be under way");
        const CallId id = ++m_last;
        m_open.insert(id);
        m_starting.push_back({id, std::move(call)});
        curl_multi_wakeup(m_multi);
        return id;
    }

    void cancel(CallId call) override
    {
        const std::lock_guard lock(m_mutex);
        m_open.erase(call);
        std::erase_if(m_ended, [&](const auto &ended) { return ended.first == call; });
        curl_multi_wakeup(m_multi);
    }

    int descriptor() const override { return m_ready; }

    std::vector<Ended> take() override
    {
        const std::lock_guard lock(m_mutex);
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = ::read(m_ready, &count, sizeof count);
        std::vector<Ended> ended;
        const auto now = steady_clock::now();
        for (const auto &[call, at] : m_ended)
            ended.push_back({call, std::chrono::duration_cast<base::Milliseconds>(now - at)});
        m_ended.clear();
        return ended;
    }

private:
    struct Starting
    {
        CallId id;
        Call call;
    };

    void work()
    {
        // libcurl takes care of this signal only where there is one thread.
        sigset_t pipes;
        sigemptyset(&pipes);
        sigaddset(&pipes, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipes, nullptr);
        while (beginCalls()) {
            dropCancelled();
            int running = 0;
            curl_multi_perform(m_multi, &running);
            endCalls();
            curl_multi_poll(m_multi, nullptr, 0, kPollMs, nullptr);
        }
        for (const auto &[id, call] : m_calls)
            curl_multi_remove_handle(m_multi, call->handle());
        m_calls.clear();
    }

    /// False when the thread is to end.
    bool beginCalls()
    {
        std::deque<Starting> starting;
        {
            const std::lock_guard lock(m_mutex);
            if (m_stopping)
                return false;
            starting.swap(m_starting);
        }
        for (Starting &next : starting) {
            auto request = next.call.make();
            if (!request) {
                next.call.read(request.error());
                ended(next.id);
                continue;
            }
            auto call = std::make_unique<CurlCall>(next.id, std::move(*request), next.call.read);
            if (auto configured = call->configure(m_options); !configured) {
                next.call.read(configured.error());
                ended(next.id);
                continue;
            }
            curl_multi_add_handle(m_multi, call->handle());
            m_calls.emplace(next.id, std::move(call));
        }
        return true;
    }

    void dropCancelled()
    {
        std::vector<CallId> dropped;
        {
            const std::lock_guard lock(m_mutex);
            for (const auto &[id, call] : m_calls) {
                if (!m_open.contains(id))
                    dropped.push_back(id);
            }
        }
        for (const CallId id : dropped)
            remove(id);
    }

    void endCalls()
    {
        int waiting = 0;
        while (const CURLMsg *message = curl_multi_info_read(m_multi, &waiting)) {
            if (message->msg != CURLMSG_DONE)
                continue;
            CurlCall *call = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
            const CallId id = call->id();
            call->finish(message->data.result);
            remove(id);
            ended(id);
        }
    }

    void remove(CallId id)
    {
        const auto call = m_calls.find(id);
        curl_multi_remove_handle(m_multi, call->second->handle());
        m_calls.erase(call);
    }

    void ended(CallId id)
    {
        const std::lock_guard lock(m_mutex);
        if (m_open.erase(id) == 0)
            return; // nobody asks any more
        m_ended.emplace_back(id, steady_clock::now());
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(m_ready, &one, sizeof one);
    }

    CurlOptions m_options;
    CURLM *m_multi;
    int m_ready;
    std::map<CallId, std::unique_ptr<CurlCall>> m_calls; ///< the thread's own

    std::mutex m_mutex; ///< over everything below
    bool m_stopping = false;
    CallId m_last = 0;
    std::set<CallId> m_open; ///< begun, not ended and not cancelled
    std::deque<Starting> m_starting;
    std::vector<std::pair<CallId, steady_clock::time_point>> m_ended;

    std::thread m_thread;
};

} // namespace

std::unique_ptr<Transport> makeCurlTransport(const CurlOptions &options)
{
    // Once for the program: it has to happen before there are threads that use it.
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    base::ensure(initialised == CURLE_OK, "libcurl cannot be used");
    return std::make_unique<CurlTransport>(options);
}

} // namespace voelgoed::client
