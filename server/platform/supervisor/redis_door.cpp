#include "server/platform/supervisor/redis_door.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace voelgoed::supervisor {

namespace asio = boost::asio;

namespace {

constexpr base::Milliseconds kAnswerMax{1'000};
constexpr std::size_t kBytesMax = 64 * 1024;

async::Task<std::string> ask(std::string path, std::string line)
{
    asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
    boost::system::error_code code;
    const asio::local::stream_protocol::endpoint there(path);
    co_await socket.async_connect(there, asio::redirect_error(asio::use_awaitable, code));
    if (!code)
        co_await asio::async_write(socket, asio::buffer(line), asio::redirect_error(asio::use_awaitable, code));
    // Redis closes when it has answered somebody who will say no more.
    if (!code)
        socket.shutdown(asio::local::stream_protocol::socket::shutdown_send, code);
    std::string answer;
    std::array<char, 4096> part{};
    while (!code && answer.size() < kBytesMax) {
        const auto got =
            co_await socket.async_read_some(asio::buffer(part), asio::redirect_error(asio::use_awaitable, code));
        answer.append(part.data(), got);
    }
    co_return answer;
}

} // namespace

async::Task<std::string> askRedis(std::string socket, std::string command)
{
    using namespace asio::experimental::awaitable_operators;
    auto first = co_await (ask(std::move(socket), command + "\r\n") || async::sleepFor(kAnswerMax));
    co_return first.index() == 0 ? std::get<0>(std::move(first)) : std::string();
}

} // namespace voelgoed::supervisor
