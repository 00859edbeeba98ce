#include "server/platform/outbound/address.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace voelgoed::outbound {

namespace ip = boost::asio::ip;

namespace {

struct Range4
{
    std::uint32_t first;
    int bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c, unsigned d)
{
    return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array<Range4, 15> kClosed4{{
    {v4(0, 0, 0, 0), 8},      // this network
    {v4(10, 0, 0, 0), 8},     // private
    {v4(100, 64, 0, 0), 10},  // shared by customers of one provider
    {v4(127, 0, 0, 0), 8},    // loopback
    {v4(169, 254, 0, 0), 16}, // link-local
    {v4(172, 16, 0, 0), 12},  // private
    {v4(192, 0, 0, 0), 24},   // protocol assignments
    {v4(192, 0, 2, 0), 24},   // documentation
    {v4(192, 88, 99, 0), 24}, // 6to4 relays
    {v4(192, 168, 0, 0), 16}, // private
    {v4(198, 18, 0, 0), 15},  // benchmarks
    {v4(198, 51, 100, 0), 24},
    {v4(203, 0, 113, 0), 24},
    {v4(224, 0, 0, 0), 4}, // multicast
    {v4(240, 0, 0, 0), 4}, // reserved, broadcast
}};

bool isPublic4(std::uint32_t address)
{
    return std::none_of(kClosed4.begin(), kClosed4.end(),
                        [&](const Range4 &range) { return (address ^ range.first) >> (32 - range.bits) == 0; });
}

using Bytes6 = ip::address_v6::bytes_type;

bool begins(const Bytes6 &address, const char *network, int bits)
{
    const Bytes6 other = ip::make_address_v6(network).to_bytes();
    for (int bit = 0; bit < bits; bit += 8) {
        const int kept = std::min(8, bits - bit);
        const auto at = static_cast<std::size_t>(bit / 8);
        if ((address[at] ^ other[at]) >> (8 - kept) != 0)
            return false;
    }
    return true;
}

bool isPublic6(const Bytes6 &address)
{
    if (begins(address, "64:ff9b::", 96))
        return isPublic4(v4(address[12], address[13], address[14], address[15]));
    if (!begins(address, "2000::", 3))
        return false;
    return !begins(address, "2001::", 23) &&     // Teredo, ORCHID, benchmarks and other assignments
           !begins(address, "2001:db8::", 32) && // documentation
           !begins(address, "2002::", 16) &&     // 6to4
           !begins(address, "3fff::", 20);       // documentation
}

} // namespace

bool isPublic(const ip::address &address)
{
    return address.is_v4() ? isPublic4(address.to_v4().to_uint()) : isPublic6(address.to_v6().to_bytes());
}

std::optional<ip::address> addressOf(const sockaddr &address, std::size_t size)
{
    if (address.sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
        sockaddr_in v4Address = {};
        std::memcpy(&v4Address, &address, sizeof v4Address);
        return ip::address_v4(ntohl(v4Address.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
        sockaddr_in6 v6Address = {};
        std::memcpy(&v6Address, &address, sizeof v6Address);
        Bytes6 bytes;
        std::memcpy(bytes.data(), &v6Address.sin6_addr, bytes.size());
        return ip::address_v6(bytes);
    }
    return {};
}

} // namespace voelgoed::outbound
