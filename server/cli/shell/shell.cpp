#include "server/cli/shell/shell.h"

#include "shared/base/crypto/system_random.h"
#include "shared/base/text.h"
#include "shared/base/uuid.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace voelgoed::cli {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

std::string homeFile(const char *name)
{
    const char *config = std::getenv("XDG_CONFIG_HOME");
    const char *home = std::getenv("HOME");
    const std::string base = config && *config ? config : home && *home ? std::string(home) + "/.config" : ".";
    return base + "/voelgoed/" + name;
}

} // namespace

Shell::Shell(CLI::App &program) : m_server("http://127.0.0.1:8080"), m_tokenFile(homeFile("token"))
{
    program.add_option("--server", m_server, "The server's address, or unix:PATH of its admin socket")
        ->envname("VOELGOED_SERVER")
        ->capture_default_str();
    program.add_option("--admin", m_admin, "Speak as this machine's administrator to the server of this folder");
    program.add_option("--token-file", m_tokenFile, "Where the token of a login or an API key lies")
        ->envname("VOELGOED_TOKEN_FILE")
        ->capture_default_str();
    program.add_option("--organization", m_organization,
                       "With --admin: the organization (id or short name) that is meant");
    program.add_option("--reason", m_reason, "With --admin: why, for the audit trail");
    program.add_option("--consent", m_consent, "For support: where the organization's consent is written down");
    program.add_option("--ca", m_caFile, "The authority of the server's certificate (PEM)");
    program.add_option("--pin", m_pin, "The server's key, in place of an authority: sha256//BASE64");
    program.add_option("--timeout", m_timeout, "Seconds without any progress until a call is given up")
        ->check(CLI::Range(1.0, 3600.0))
        ->capture_default_str();
    program.add_option("--key", m_key, "Repeats a command whose answer was lost: what it was done under");
    program.add_flag("--json", m_json, "Answers as JSON, as the server gave them");
}

Result<void> Shell::open()
{
    if (!m_admin.empty())
        m_server = "unix:" + m_admin + "/admin.sock";
    Connection connection{.server = m_server,
                          .token = {},
                          .organization = {},
                          .reason = m_reason,
                          .consent = m_consent,
                          .caFile = m_caFile,
                          .pin = m_pin,
                          .within = std::chrono::milliseconds(static_cast<std::int64_t>(m_timeout * 1000)),
                          .agent = "voelgoedctl/" VOELGOED_VERSION};
    if (m_admin.empty()) {
        std::ifstream in(m_tokenFile);
        std::getline(in, connection.token);
        connection.token = std::string(base::trimmed(connection.token));
    }
    m_client.emplace(std::move(connection));
    if (::isatty(STDERR_FILENO) && !m_json) {
        m_client->setProgress(
            [last = std::chrono::steady_clock::time_point()](std::uint64_t done, std::uint64_t all) mutable {
                const auto now = std::chrono::steady_clock::now();
                if (done < 1'000'000 || now - last < std::chrono::milliseconds(200))
                    return;
                last = now;
                std::cerr << "\r" << sizeText(done) << (all > 0 ? " of " + sizeText(all) : std::string()) << "   \r"
                          << std::flush;
            });
    }
    if (!m_organization.empty()) {
        const auto id = organization();
        if (!id)
            return id.error();
        m_client->connection().organization = *id;
    }
    return {};
}

void Shell::choose(CLI::App *verb, Verb what)
{
    verb->callback([this, what = std::move(what)] { m_chosen = what; });
}

Result<base::Json> Shell::get(const std::string &path, std::vector<std::pair<std::string, std::string>> query)
{
    return m_client->json({.method = "GET", .path = path, .query = std::move(query)});
}

Result<base::Json> Shell::all(const std::string &path, std::vector<std::pair<std::string, std::string>> query)
{
    query.emplace_back("limit", "100");
    auto whole = get(path, query);
    if (!whole)
        return whole;
    auto &list = whole->as_object();
    while (list.at("has_more").as_bool()) {
        auto asked = query;
        asked.emplace_back("after", plainText(list.at("next")));
        const auto page = get(path, std::move(asked));
        if (!page)
            return page.error();
        for (const base::Json &each : page->at("data").as_array())
            list.at("data").as_array().push_back(each);
        list["has_more"] = page->at("has_more");
        list["next"] = page->at("next");
    }
    return whole;
}

Result<base::Json> Shell::post(const std::string &path, const base::Json &body)
{
    return once({.method = "POST",
                 .path = path,
                 .query = {},
                 .body = body.is_null() ? std::string() : base::toText(body),
                 .contentType = body.is_null() ? std::string() : "application/json",
                 .fields = {}});
}

/// Of one command the first request has the key itself, and the second one "KEY.2": said again, each is the same.
std::string Shell::nextKey()
{
    if (m_key.empty()) {
        base::SystemRandom random;
        const auto now = std::chrono::floor<base::Milliseconds>(std::chrono::system_clock::now());
        m_key = base::toText(base::makeUuid(now, random));
    }
    ++m_keys;
    return m_keys == 1 ? m_key : m_key + "." + std::to_string(m_keys);
}

Result<base::Json> Shell::once(Request request)
{
    request.fields.emplace_back("Idempotency-Key", nextKey());
    auto done = m_client->json(request);
    if (done)
        return done;
    Error error = done.error();
    // Without the server's word nobody knows whether it was done.
    const bool isAnswered = !error.word.empty();
    if (!isAnswered && (error.code == ErrorCode::Unavailable || error.code == ErrorCode::Timeout)) {
        error.hint += (error.hint.empty() ? "" : "\n") +
                      std::string("It may have been done. The same command with --key ") + m_key +
                      " does it once in all, within two days.";
    }
    return error;
}

Result<base::Json> Shell::send(const std::string &method, const std::string &path, const base::Json &body,
                               std::vector<std::pair<std::string, std::string>> fields)
{
    return m_client->json({.method = method,
                           .path = path,
                           .query = {},
                           .body = body.is_null() ? std::string() : base::toText(body),
                           .contentType = body.is_null() ? std::string() : "application/json",
                           .fields = std::move(fields)});
}

Result<std::string> Shell::event(const std::string &named)
{
    if (isUuid(named))
        return named;
    const auto found = get("/v1/events", {{"slug", named}});
    if (!found)
        return found.error();
    const auto &list = found->at("data").as_array();
    if (list.empty())
        return Error{ErrorCode::NotFound, "there is no event \"" + named + "\"",
                     "voelgoedctl event list shows those that there are.", "not_found"};
    return std::string(list.front().at("id").as_string());
}

Result<std::string> Shell::organization()
{
    if (!m_organizationId.empty())
        return m_organizationId;
    if (isUuid(m_organization)) {
        m_organizationId = m_organization;
    } else if (!m_organization.empty()) {
        const auto found = all("/v1/orgs");
        if (!found)
            return found.error();
        for (const auto &each : found->at("data").as_array()) {
            if (each.at("slug").as_string() == std::string_view(m_organization))
                m_organizationId = each.at("id").as_string();
        }
        if (m_organizationId.empty())
            return Error{ErrorCode::NotFound, "there is no organization \"" + m_organization + "\"", {}, "not_found"};
    } else {
        const auto me = get("/v1/me");
        if (!me)
            return me.error();
        const auto *id = me->as_object().if_contains("organization");
        if (!id || !id->is_string())
            return Error{ErrorCode::Invalid, "this login is of no organization",
                         "Sign in to one, or name it with --organization.", "no_organization"};
        m_organizationId = id->as_string();
    }
    return m_organizationId;
}

Exit Shell::show(const base::Json &answer, const std::vector<Column> &columns) const
{
    if (m_json) {
        std::cout << base::toText(answer) << "\n";
        return Exit::Done;
    }
    const auto *object = answer.if_object();
    const auto *data = object ? object->if_contains("data") : nullptr;
    if (!data || !data->is_array()) {
        std::cout << card(answer, columns);
        return Exit::Done;
    }
    if (data->as_array().empty())
        note("none");
    else
        std::cout << table(data->as_array(), columns);
    const auto *more = object->if_contains("has_more");
    if (more && more->is_bool() && more->as_bool())
        note("There are more: --after " + plainText(object->at("next")));
    return Exit::Done;
}

Exit Shell::say(const base::Json &answer, const std::string &text) const
{
    std::cout << (m_json ? base::toText(answer) : text) << "\n";
    return Exit::Done;
}

void Shell::note(const std::string &text) const
{
    std::cerr << text << "\n";
}

Result<void> Shell::keepToken(const std::string &token)
{
    std::error_code failed;
    if (token.empty()) {
        std::filesystem::remove(m_tokenFile, failed);
        return {};
    }
    const auto folder = std::filesystem::path(m_tokenFile).parent_path();
    if (!folder.empty())
        std::filesystem::create_directories(folder, failed);
    const std::string beside = m_tokenFile + ".new";
    const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    const std::string text = token + "\n";
    const bool written = descriptor >= 0 && ::fchmod(descriptor, 0600) == 0 &&
                         ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const int why = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!written || std::rename(beside.c_str(), m_tokenFile.c_str()) != 0)
        return Error{
            ErrorCode::Unavailable, m_tokenFile + ": cannot be written: " + std::strerror(written ? errno : why), {}};
    return {};
}

Result<std::string> contentsOf(const std::string &file, std::size_t most)
{
    std::ifstream opened;
    if (file != "-") {
        opened.open(file, std::ios::binary);
        if (!opened)
            return Error{ErrorCode::NotFound, file + ": cannot be opened: " + std::strerror(errno), {}};
    }
    std::istream &in = file == "-" ? std::cin : opened;
    std::string text;
    std::array<char, 1 << 16> buffer{};
    while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
        if (text.size() > most)
            return base::invalid(file + ": longer than " + sizeText(most));
    }
    return text;
}

Result<std::string> secretFrom(const std::string &file, const std::string &prompt)
{
    if (!file.empty()) {
        auto text = contentsOf(file, 64 << 10);
        if (!text)
            return text;
        text->erase(std::min(text->find_first_of("\r\n"), text->size()));
        return text;
    }
    if (!::isatty(STDIN_FILENO))
        return base::invalid("a password is needed", "Give a file with --password-file, or - for standard input.");
    termios before{};
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    std::cerr << prompt << ": " << std::flush;
    std::string secret;
    std::getline(std::cin, secret);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    std::cerr << "\n";
    return secret;
}

bool isUuid(std::string_view text)
{
    return base::uuidFrom(text).has_value();
}

} // namespace voelgoed::cli
