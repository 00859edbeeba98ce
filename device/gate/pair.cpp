#include "device/gate/pair.h"

#include "device/core/profile/enrolment.h"
#include "device/core/profile/files.h"
#include "device/core/replica/replica.h"
#include "device/core/storage/settings.h"
#include "device/core/sync/signed_call.h"
#include "device/gate/open_gate.h"
#include "shared/base/crypto/digest.h"
#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/object.hpp>

#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ostream>
#include <thread>

namespace voelgoed::gate {

namespace {

using base::Result;
using namespace std::chrono_literals;

constexpr const char *kPath = "/v1/devices/pair";
constexpr base::Milliseconds kAnswerWithin = 20s;
constexpr base::Milliseconds kQuestionWaits = 25s;
constexpr auto kPatience = 15min; ///< the code itself lives for five minutes
constexpr auto kBetweenTries = 1s;
constexpr std::size_t kWordMax = 60;

/// One exchange of the pairing, signed both ways.
class Conversation
{
public:
    Conversation(const PairOptions &options, const profile::Identity &identity, domain::Epoch boot,
                 const base::VerifyingKey &server)
        : m_parties{.device = identity.device, .signing = identity.signing, .server = server},
          m_boot(boot),
          m_transport(options.makeTransport({.server = options.code.server,
                                             .pin = options.code.pin,
                                             .userAgent = "voelgoed-gate/" + options.version}))
    {}

    /// The answer's body. NotFound, Conflict, Forbidden as the server says it; Unauthorized when it is not the one.
    Result<std::string> ask(client::Request request)
    {
        const protocol::RequestStamp stamp{.device = m_parties.device, .boot = m_boot, .counter = ++m_counter};
        const base::Digest digest =
            protocol::requestDigest({.method = request.method, .target = request.target, .body = request.body}, stamp);
        const auto answer = client::fetch(*m_transport, sync::signedRequest(std::move(request), stamp, m_parties));
        if (!answer)
            return answer.error();
        if (answer->status / 100 != 2)
            return refusal(*answer);
        const auto signature = base::fromBase64(answer->field("voelgoed-signature"));
        const auto status = static_cast<std::uint16_t>(answer->status);
        if (!signature || !protocol::replyHolds(digest, status, answer->body, *signature, m_parties.server))
            return base::Error{base::ErrorCode::Unauthorized, "the answer is not signed by the server that was named",
                               "Somebody else may be in between. Show a new QR code, and compare the addresses."};
        return std::string(base::textOf(answer->body));
    }

private:
    /// Nobody has signed for what it says: it is shown, and no more than that.
    static base::Error refusal(const client::Response &answer)
    {
        using Code = base::ErrorCode;
        const int status = answer.status;
        const auto problem = base::parseJson(base::textOf(answer.body));
        const auto *word = problem && problem->is_object() ? problem->as_object().if_contains("code") : nullptr;
        const std::string message =
            "the server refused (" + std::to_string(status) +
            (word && word->is_string() ? ", " + base::printable(word->as_string(), kWordMax) : std::string()) + ")";
        if (status == 404 || status == 410)
            return {Code::NotFound, message, "The code is used, or older than five minutes: show a new one."};
        if (status == 409)
            return {
                Code::Forbidden, message,
                "It knows this device with another key, in another organization, or as one that was revoked. Pair in "
                "a new folder, once the scans of this one have gone up."};
        if (status == 401 || status == 403)
            return {Code::Forbidden, message, {}};
        return {Code::Unavailable, message, {}};
    }

    sync::Parties m_parties;
    domain::Epoch m_boot;
    std::uint64_t m_counter = 0;
    std::unique_ptr<client::Transport> m_transport;
};

/// A pairing that this folder has begun: a code is good once, and whoever is cut off after that goes on by this.
class Begun
{
public:
    Begun(const DataFolder &folder, const protocol::OneTimeCode &code)
        : m_file(folder.path() + "/pairing-begun"), m_code(base::toHex(base::sha256({base::ByteView(code)})))
    {}

    bool isThere() const { return is(m_code); }
    Result<void> keep(const std::string &organization) const
    {
        return profile::writeSecretFile(m_file, m_code + "\n" + organization + "\n");
    }
    /// As the server called itself, when it had time to.
    std::string organization() const
    {
        const auto text = profile::readFile(m_file, kBegunMax);
        return text && is(m_code) ? text->substr(m_code.size() + 1, text->size() - m_code.size() - 2) : std::string();
    }
    void forget() const { std::filesystem::remove(m_file, m_ignored); }

private:
    static constexpr std::size_t kBegunMax = 4096;
    bool is(const std::string &code) const
    {
        const auto text = profile::readFile(m_file, kBegunMax);
        return text && text->starts_with(code + "\n") && text->ends_with("\n") && text->size() > code.size() + 1;
    }

    std::string m_file, m_code;
    mutable std::error_code m_ignored;
};

std::string machineName()
{
    struct utsname names
    {};
    return ::uname(&names) == 0 ? names.nodename : "gate";
}

std::string machineModel()
{
    struct utsname names
    {};
    return ::uname(&names) == 0 ? std::string(names.sysname) + " " + names.machine : "unknown";
}

client::Request begun(const PairOptions &options, const profile::Identity &identity)
{
    const std::string json = protocol::toJson({.code = options.code.code,
                                               .device = identity.device,
                                               .key = identity.signing.publicKey(),
                                               .name = options.name.empty() ? machineName() : options.name,
                                               .model = machineModel(),
                                               .version = options.version});
    const base::ByteView body = base::bytesOf(json);
    return {.method = "POST",
            .target = kPath,
            .fields = {{"Content-Type", "application/json"}},
            .body = {body.begin(), body.end()},
            .timeout = kAnswerWithin};
}

/// "042 137": read aloud, three by three.
std::string spaced(const std::string &digits)
{
    return digits.substr(0, 3) + " " + digits.substr(3);
}

/// Whether somebody has approved it: an answer that waits for that, or one at once.
client::Request questionOf(const std::string &pairing, base::Milliseconds wait)
{
    return {.target = std::string(kPath) + "/" + pairing + (wait > 0ms ? "" : "?wait=0"),
            .timeout = wait + kAnswerWithin};
}

Result<protocol::Assignment> waited(Conversation &conversation, const std::string &pairing)
{
    const auto until = std::chrono::steady_clock::now() + kPatience;
    const client::Request question = questionOf(pairing, kQuestionWaits);
    while (std::chrono::steady_clock::now() < until) {
        const auto answer = conversation.ask(question);
        using Code = base::ErrorCode;
        const bool passing =
            !answer && (answer.error().code == Code::Unavailable || answer.error().code == Code::Timeout);
        if (!answer && !passing)
            return answer.error();
        const auto status = answer ? protocol::parsePairStatus(*answer) : Result<protocol::PairStatus>(answer.error());
        if (answer && !status)
            return status.error();
        if (status && status->state == protocol::PairState::Approved)
            return *status->assignment;
        if (status && status->state == protocol::PairState::Refused)
            return base::Error{Code::Forbidden, "the server refused this device", {}};
        if (status && status->state == protocol::PairState::Expired)
            return base::Error{Code::NotFound, "nobody approved this device in time", "Show a new code."};
        std::this_thread::sleep_for(kBetweenTries);
    }
    return base::Error{base::ErrorCode::Timeout, "nobody approved this device in time", "Show a new code."};
}

void say(const PairOptions &options, const Streams &streams, boost::json::object json, const std::string &text)
{
    if (options.style == Style::Json)
        streams.out << base::toText(json) << "\n" << std::flush;
    else
        streams.out << text << "\n" << std::flush;
}

/// The server's bundles are to be trusted from now on, also from a stick.
Result<void> trustServer(const DataFolder &folder, const PairOptions &options, const Machine &machine)
{
    auto gate = openGate(folder, {}, machine);
    if (!gate)
        return gate.error();
    return storage::setSetting(gate->engine->vault().database(), replica::kTrustedSigner,
                               base::toHex(options.code.pin));
}

/// Brings the code. One that this folder has brought before is used, and the pairing goes on.
Result<protocol::PairReply> asked(Conversation &conversation, const PairOptions &options,
                                  const profile::Identity &identity, const Begun &attempt)
{
    const bool again = attempt.isThere();
    if (!again) {
        if (auto kept = attempt.keep({}); !kept)
            return kept.error();
    }
    const auto answer = conversation.ask(begun(options, identity));
    if (!answer && again && answer.error().code == base::ErrorCode::NotFound) {
        if (const auto known = conversation.ask(questionOf(identity.device.text, 0ms)); !known)
            return answer.error();
        return protocol::PairReply{
            .pairing = identity.device.text,
            .organization = attempt.organization(),
            .digits = protocol::pairingDigits(options.code.pin, identity.signing.publicKey(), options.code.code)};
    }
    if (!answer && answer.error().code == base::ErrorCode::NotFound)
        attempt.forget();
    if (!answer)
        return answer.error();
    auto reply = protocol::parsePairReply(*answer);
    if (reply)
        (void)attempt.keep(base::printable(reply->organization));
    return reply;
}

Result<protocol::Assignment> paired(const DataFolder &folder, const PairOptions &options, const Machine &machine,
                                    const Streams &streams)
{
    const auto server = base::VerifyingKey::fromRaw(options.code.pin);
    if (!server)
        return server.error().at("the server's key");
    const auto identity = profile::loadOrMakeIdentity(folder.path(), machine.random);
    if (!identity)
        return identity.error();
    const domain::Epoch boot = profile::nextRequestBoot(folder.path(), machine.clock.now().wall);
    Conversation conversation(options, *identity, boot, *server);
    const Begun attempt(folder, options.code.code);
    const std::string digits =
        protocol::pairingDigits(options.code.pin, identity->signing.publicKey(), options.code.code);
    auto reply = asked(conversation, options, *identity, attempt);
    if (!reply)
        return reply.error();
    if (reply->digits != digits)
        return base::Error{base::ErrorCode::Unauthorized, "the server works out other digits than this device",
                           "Show a new QR code."};
    const std::string organization = base::printable(reply->organization);
    say(options, streams, {{"state", "pending"}, {"digits", digits}, {"organization", reply->organization}},
        "Compare these digits with the ones at " + (organization.empty() ? "the server" : organization) +
            ", and approve this device there:\n\n    " + spaced(digits) +
            "\n\nWaiting. Ctrl-C ends it; the same command goes on.\n");
    auto assignment = waited(conversation, reply->pairing);
    if (!assignment)
        return assignment;
    if (assignment->organizationName.empty())
        assignment->organizationName = reply->organization;
    if (assignment->server != options.code.pin)
        return base::Error{base::ErrorCode::Unauthorized, "the server names another key than its QR code did", {}};
    if (auto trusted = trustServer(folder, options, machine); !trusted)
        return trusted.error();
    if (auto saved = profile::saveEnrolment(folder.path(), {.server = options.code.server, .assignment = *assignment});
        !saved)
        return saved.error();
    attempt.forget();
    return assignment;
}

} // namespace

Result<protocol::OneTimeCode> readOneTimeCode(const std::string &text)
{
    protocol::OneTimeCode code{};
    const auto bytes = base::fromHex(text);
    if (!bytes || bytes->size() != code.size())
        return base::invalid("not a one-time code", "It is 32 hexadecimal digits, beside the QR code.");
    std::copy(bytes->begin(), bytes->end(), code.begin());
    return code;
}

int pair(const PairOptions &options, const Machine &machine, const Streams &streams)
{
    const auto folder = DataFolder::take(options.folder, DataFolder::Missing::Create);
    const auto assignment =
        folder ? paired(*folder, options, machine, streams) : Result<protocol::Assignment>(folder.error());
    if (!assignment) {
        streams.err << errorLines(assignment.error());
        using Code = base::ErrorCode;
        const Code code = assignment.error().code;
        return code == Code::Unauthorized || code == Code::Forbidden ? 3 : 2;
    }
    const std::string event = assignment->events.empty() ? std::string() : assignment->events.front().text;
    const auto named = [](const std::string &text) { return text.empty() ? std::string("-") : base::printable(text); };
    say(options, streams,
        {{"state", "approved"},
         {"organization", assignment->organization.text},
         {"event", event},
         {"gate", assignment->gate.text},
         {"checkpoint", assignment->checkpoint.text}},
        "Paired with " + named(assignment->organizationName) + ": event " + named(event) + ", gate " +
            named(assignment->gate.text) + ", checkpoint " + named(assignment->checkpoint.text) + ".");
    return 0;
}

} // namespace voelgoed::gate
