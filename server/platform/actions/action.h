#pragma once

#include "server/platform/access/policy.h"
#include "server/platform/actions/codec.h"
#include "server/platform/actions/context.h"
#include "server/platform/http/message.h"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace voelgoed::actions {

enum class Effect {
    Reads,
    Writes,  ///< runs in a transaction that the dispatcher opens and commits
    Commits, ///< commits by itself, in batches of many requests
};

enum class Idempotency { No, Optional, Required };

enum class Audited { No, Yes };

/// Whether a test key may call what is not only read. Yes: the action does it as a test, which counts nowhere.
enum class TestKeys { No, Yes };

/// Whether support (the platform's people in an organization) needs the organization's recorded consent: a reference to
/// it in the field Voelgoed-Approval, which stands in the trail.
enum class Consent { No, Needed };

/// What is shed first when there is too much to do: reports, then reads, then writes. What gates do is never shed.
enum class LoadClass { Critical, Write, Read, Report };

/// Whether If-Match is heeded: what is changed has a version, and one that somebody else has changed meanwhile is left
/// as it is (412).
enum class IfMatch { No, Heeded };

/// Whether a transaction stays open while something else is done: passwords hashed, files read, documents drawn. Such
/// ones have connections of their own, so that no gate waits for them; reports have, too.
enum class Pace { Brisk, Slow };

/// That an action is to go (RFC 9745, RFC 8594): said with each answer of it.
struct Deprecation
{
    base::Instant since;
    std::optional<base::Instant> sunset{}; ///< when it is gone
};

/// A named intent. Routing, OpenAPI, the permission matrix, `voelgoedctl call` and the documentation are read off it.
/// Without a policy it does not compile.
struct Declaration
{
    std::string_view name; ///< "events.publish"
    http::Method method = http::Method::Post;
    std::string_view route; ///< "/v1/events/{event}/publish"; what is in braces are fields of the input
    std::string_view summary;
    access::Policy policy;
    Effect effect = Effect::Reads;
    Idempotency idempotency = Idempotency::No;
    Audited audited = Audited::No; ///< Yes: succeeds only with an entry in the audit trail
    LoadClass load = LoadClass::Read;
    std::size_t bodyMax = std::size_t{64} << 10;
    int status = 200;         ///< of success
    std::string_view limit{}; ///< name of the rate limit that counts it; empty: that of its caller
    TestKeys testKeys = TestKeys::No;
    IfMatch ifMatch = IfMatch::No;
    Consent consent = Consent::No;
    Pace pace = Pace::Brisk;
    std::optional<Deprecation> deprecation{};
};

/// An input read and checked, ready to be run, more than once if it has to be.
class Call
{
public:
    virtual ~Call() = default;

    virtual async::Task<base::Result<Encoded>> run(Context &context) = 0;
};

/// What a request says: its JSON body's fields, and those of path and query, as texts.
struct Fields
{
    base::Json json = boost::json::object();
    std::vector<std::string> ofUrl;
};

struct Action
{
    Declaration declaration;
    std::vector<std::string> segments; ///< of the route; "{event}" as "{event"
    base::Json input;                  ///< JSON Schema
    base::Json output;
    bool takesBytes = false; ///< the body is not JSON
    bool givesBytes = false;
    /// Of an action whose answer is a page ({data, has_more, next}): the field of its input that `next` is for.
    std::string cursor{};
    /// Nothing when `errors` says why.
    std::function<std::shared_ptr<Call>(const Fields &fields, RawBody body, std::vector<FieldError> &errors)> decode;
};

template <class Slice, class In, class Out>
using Run = async::Task<base::Result<Out>> (*)(Context &, Slice &, In);

/// Builds an action from its declaration and the function that does it; `slice` is handed to each call and outlives it.
template <class Slice, class In, class Out>
Action makeAction(const Declaration &declaration, Slice &slice, Run<Slice, In, Out> run);

namespace detail {

std::vector<std::string> segmentsOf(std::string_view route);
/// `after`, or `before` of a list that goes backwards; empty when the output is no page. One without a field for its
/// `next` is a bug.
std::string cursorOf(const base::Json &input, const base::Json &output);

template <class In>
constexpr bool hasRawBody()
{
    bool has = false;
    boost::mp11::mp_for_each<typename Codec<In>::Members>([&](auto member) {
        has = has || std::is_same_v<std::remove_cvref_t<decltype(std::declval<In>().*member.pointer)>, RawBody>;
    });
    return has;
}

template <class Slice, class In, class Out>
class TypedCall final : public Call
{
public:
    TypedCall(Slice &slice, Run<Slice, In, Out> run, In in, int status)
        : m_slice(slice), m_run(run), m_in(std::move(in)), m_status(status)
    {}

    async::Task<base::Result<Encoded>> run(Context &context) override
    {
        base::Result<Out> out = co_await m_run(context, m_slice, m_in);
        if (!out)
            co_return out.error();
        Encoded encoded;
        encoded.status = m_status;
        if constexpr (std::is_same_v<Out, RawAnswer>)
            encoded.raw = std::make_shared<RawAnswer>(std::move(*out));
        else if constexpr (requires { Codec<Out>::textOf(*out); })
            encoded.text = Codec<Out>::textOf(*out);
        if constexpr (!std::is_same_v<Out, RawAnswer>) {
            if (!encoded.text)
                encoded.json = written(*out);
        }
        co_return encoded;
    }

private:
    Slice &m_slice;
    Run<Slice, In, Out> m_run;
    In m_in;
    int m_status;
};

} // namespace detail

/// It comes in the body's place, and is no field.
template <>
inline constexpr bool detail::kMayBeAbsent<RawBody> = true;

template <>
struct Codec<RawBody>
{
    static RawBody read(const Input &) { return {}; }
    static base::Json write(const RawBody &) { return nullptr; }
    static base::Json schema() { return detail::formatSchema("binary"); }
};

template <>
struct Codec<Nothing>
{
    static base::Json write(const Nothing &) { return boost::json::object{}; }
    static base::Json schema() { return {{"type", "object"}}; }
};

template <class Slice, class In, class Out>
Action makeAction(const Declaration &declaration, Slice &slice, Run<Slice, In, Out> run)
{
    Action action{.declaration = declaration,
                  .segments = detail::segmentsOf(declaration.route),
                  .input = schemaOf<In>(),
                  .output = nullptr,
                  .takesBytes = detail::hasRawBody<In>(),
                  .givesBytes = std::is_same_v<Out, RawAnswer>,
                  .decode = {}};
    if constexpr (!std::is_same_v<Out, RawAnswer>) {
        action.output = schemaOf<Out>();
        action.cursor = detail::cursorOf(action.input, action.output);
    }
    action.decode = [&slice, run, status = declaration.status](
                        const Fields &fields, RawBody body, std::vector<FieldError> &errors) -> std::shared_ptr<Call> {
        In in = readAs<In>(Input(fields.json, errors).withFieldsOfUrl(fields.ofUrl));
        if constexpr (detail::hasRawBody<In>()) {
            boost::mp11::mp_for_each<typename Codec<In>::Members>([&](auto member) {
                if constexpr (std::is_same_v<std::remove_cvref_t<decltype(in.*member.pointer)>, RawBody>)
                    in.*member.pointer = std::move(body);
            });
        }
        if (!errors.empty())
            return nullptr;
        return std::make_shared<detail::TypedCall<Slice, In, Out>>(slice, run, std::move(in), status);
    };
    return action;
}

} // namespace voelgoed::actions
