#include "server/platform/limits/login.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace voelgoed::limits {

using namespace std::chrono_literals;

const Policy kLoginIp{.name = "login.ip", .shape = Policy::Shape::Window, .rate = 60, .period = 60s};
const Policy kLoginAddress{.name = "login.address", .shape = Policy::Shape::Window, .rate = 20, .period = 1h};
const Policy kLoginBoth{.name = "login.both", .shape = Policy::Shape::Window, .rate = 10, .period = 10min};
const Policy kResetIp{.name = "reset.ip", .shape = Policy::Shape::Window, .rate = 30, .period = 1h};
const Policy kResetAddress{.name = "reset.address", .shape = Policy::Shape::Window, .rate = 5, .period = 1h};
const Policy kRegisterIp{.name = "register.ip", .shape = Policy::Shape::Window, .rate = 5, .period = 1h};

std::string networkOf(std::string_view ip)
{
    boost::system::error_code failed;
    const auto address = boost::asio::ip::make_address(ip, failed);
    if (failed || address.is_v4())
        return std::string(ip);
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped())
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    auto bytes = v6.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    return boost::asio::ip::make_address_v6(bytes).to_string() + "/64";
}

std::vector<Ask> loginAsks(std::string_view ip, std::string_view email)
{
    const std::string network = networkOf(ip), address = subjectOf(email);
    return {{&kLoginIp, network}, {&kLoginAddress, address}, {&kLoginBoth, network + "+" + address}};
}

std::vector<Ask> resetAsks(std::string_view ip, std::string_view email)
{
    return {{&kResetIp, networkOf(ip)}, {&kResetAddress, subjectOf(email)}};
}

} // namespace voelgoed::limits
