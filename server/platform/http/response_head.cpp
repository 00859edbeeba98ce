#include "server/platform/http/response_head.h"

#include "server/platform/http/problem.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace voelgoed::http {

namespace {

void appendNumber(std::uint64_t number, std::string &out)
{
    std::array<char, 20> digits;
    const auto [end, problem] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), end);
}

bool isOurs(std::string_view name)
{
    switch (name.size()) {
    case 4:
        return sameWord(name, "Date");
    case 10:
        return sameWord(name, "Connection") || sameWord(name, "Keep-Alive");
    case 14:
        return sameWord(name, "Content-Length");
    case 17:
        return sameWord(name, "Transfer-Encoding");
    default:
        return false;
    }
}

/// Which bytes a token may hold (RFC 9110, section 5.6.2).
constexpr std::array<bool, 256> kIsOfToken = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789"))
        table[static_cast<unsigned char>(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c)
        table[static_cast<unsigned char>(c)] = table[static_cast<unsigned char>(c - 'a' + 'A')] = true;
    return table;
}();

bool isTokenCharacter(char c)
{
    return kIsOfToken[static_cast<unsigned char>(c)];
}

bool isValueCharacter(char c)
{
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
}

} // namespace

bool isSendable(const Response &response)
{
    return std::all_of(response.fields.all().begin(), response.fields.all().end(), [](const auto &field) {
        const auto &[name, value] = field;
        return !name.empty() && std::all_of(name.begin(), name.end(), isTokenCharacter) &&
               std::all_of(value.begin(), value.end(), isValueCharacter);
    });
}

void appendHead(const Response &response, const ResponseShape &shape, std::string &out)
{
    out.append("HTTP/1.1 ");
    appendNumber(static_cast<std::uint64_t>(response.status), out);
    out.append(" ").append(reasonPhrase(response.status)).append("\r\nDate: ").append(shape.date).append("\r\n");
    for (const auto &[name, value] : response.fields.all()) {
        if (!isOurs(name))
            out.append(name).append(": ").append(value).append("\r\n");
    }
    switch (shape.form) {
    case BodyForm::Sized:
        out.append("Content-Length: ");
        appendNumber(shape.size, out);
        out.append("\r\n");
        break;
    case BodyForm::Chunked:
        out.append("Transfer-Encoding: chunked\r\n");
        break;
    case BodyForm::None:
    case BodyForm::ToClose:
        break;
    }
    if (!shape.keepAlive)
        out.append("Connection: close\r\n");
    else if (shape.minor == 0)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
}

std::string dateField(base::Instant at)
{
    static constexpr std::array<const char *, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char *, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    // Every answer has one, and most have that of the answer before.
    thread_local struct
    {
        std::chrono::sys_seconds of{std::chrono::seconds(-1)};
        std::string text;
    } last;
    const auto second = std::chrono::floor<std::chrono::seconds>(at);
    if (second == last.of)
        return last.text;
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                  kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    last = {second, text.data()};
    return last.text;
}

} // namespace voelgoed::http
