#pragma once

#include "server/cli/shell/client.h"
#include "server/cli/shell/failure.h"
#include "server/cli/shell/output.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>

namespace voelgoed::cli {

/// What every verb is handed: the options before it, the server, and where its results go. A verb chooses what is to be
/// done while the command line is read; main does it afterwards.
class Shell
{
public:
    /// Adds the options that all verbs have.
    explicit Shell(CLI::App &program);

    /// Reads the token, and connects. Invalid when a file that was named cannot be read.
    base::Result<void> open();

    using Verb = std::function<base::Result<Exit>()>;
    void choose(CLI::App *verb, Verb what);
    const Verb &chosen() const { return m_chosen; }

    Client &client() { return *m_client; }
    /// For what brings a secret of its own: the token that is kept may have ended, and would be refused.
    void leaveTokenOut() { m_client->connection().token.clear(); }
    base::Result<base::Json> get(const std::string &path, std::vector<std::pair<std::string, std::string>> query = {});
    /// The same for a list, with all of its pages: `data` holds what is in all of them.
    base::Result<base::Json> all(const std::string &path, std::vector<std::pair<std::string, std::string>> query = {});
    /// With the next Idempotency-Key. A failure without an answer says how to repeat the command.
    base::Result<base::Json> post(const std::string &path, const base::Json &body = boost::json::object());
    base::Result<base::Json> send(const std::string &method, const std::string &path, const base::Json &body,
                                  std::vector<std::pair<std::string, std::string>> fields = {});

    /// A request under the next key of this command: it is done once, however often the command is repeated with
    /// --key. What is posted otherwise goes this way, too.
    base::Result<base::Json> once(Request request);

    /// Of an event's id or short name, its id.
    base::Result<std::string> event(const std::string &named);
    /// Of the organization that is signed in to, or that --organization names, its id.
    base::Result<std::string> organization();

    bool isJson() const { return m_json; }
    /// The answer as JSON with --json, else as a table of its `data`, or as a card.
    Exit show(const base::Json &answer, const std::vector<Column> &columns) const;
    /// The same for what needs only a word: `text` without --json.
    Exit say(const base::Json &answer, const std::string &text) const;
    /// To standard error, for people.
    void note(const std::string &text) const;

    const std::string &server() const { return m_server; }
    const std::string &tokenFile() const { return m_tokenFile; }
    /// Keeps a token where the next call finds it, readable to this user alone. Empty: forgets it.
    base::Result<void> keepToken(const std::string &token);

private:
    std::string nextKey();

    std::string m_server, m_tokenFile, m_organization, m_reason, m_consent, m_caFile, m_pin, m_admin, m_key;
    int m_keys = 0;
    double m_timeout = 30;
    bool m_json = false;
    std::optional<Client> m_client;
    std::string m_organizationId;
    Verb m_chosen;
};

/// A file's contents, or standard input's for "-".
base::Result<std::string> contentsOf(const std::string &file, std::size_t most);

/// A password: the first line of a file or of standard input, or typed without being shown.
base::Result<std::string> secretFrom(const std::string &file, const std::string &prompt);

bool isUuid(std::string_view text);

} // namespace voelgoed::cli
