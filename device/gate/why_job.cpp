#include "device/gate/jobs.h"
#include "device/gate/row_json.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/array.hpp>

namespace voelgoed::gate {

namespace {

using boost::json::array;
using boost::json::object;

std::string_view answerWord(const std::optional<admission::RuleAnswer> &answer)
{
    if (!answer)
        return {};
    switch (*answer) {
    case admission::RuleAnswer::True:
        return "true";
    case admission::RuleAnswer::False:
        return "false";
    case admission::RuleAnswer::CannotTell:
        return "cannot be told";
    }
    return {};
}

std::string_view formWord(domain::CodeForm form)
{
    switch (form) {
    case domain::CodeForm::Unknown:
        return "nothing that this gate knows";
    case domain::CodeForm::Signed:
        return "a signed ticket";
    case domain::CodeForm::SignedRotating:
        return "a signed ticket with a rotating part";
    case domain::CodeForm::Foreign:
        return "a code of another ticketing system";
    case domain::CodeForm::TypedFallback:
        return "a typed fallback code";
    case domain::CodeForm::PretixSigned:
        return "a code signed by pretix";
    }
    return {};
}

object jsonOf(const scan::Examined &examined, const std::vector<bool> &shown)
{
    object json{{"form", formWord(examined.identified.form)}, {"code_hash", base::toHex(examined.identified.hash)}};
    if (!examined.identified.note.empty())
        json["note"] = examined.identified.note;
    json["ordinal"] = examined.identified.ordinal ? boost::json::value(examined.identified.ordinal->value) : nullptr;
    json["listed"] = examined.listed.has_value();
    if (examined.listed) {
        json["type"] = examined.listed->ticket.type.text;
        json["generation"] = examined.listed->ticket.generation;
        json["blocked"] = examined.listed->ticket.blocked;
    }
    array story;
    for (std::size_t i = 0; i < examined.story.size(); ++i)
        story.push_back(jsonOf(examined.story[i], shown[i] ? Shown::Yes : Shown::InDoubt));
    json["story"] = std::move(story);
    json["now"] = object{{"outcome", domain::word(examined.now.outcome())},
                         {"reason", domain::word(examined.now.reason)},
                         {"explanation", examined.now.explanation}};
    array rules;
    for (const admission::RuleLine &line : examined.rules)
        rules.push_back(object{
            {"depth", line.depth}, {"text", line.text}, {"value", line.value}, {"answer", answerWord(line.answer)}});
    json["rules"] = std::move(rules);
    return json;
}

std::string storyLine(const domain::Row &row)
{
    const auto &scan = std::get<domain::ScanRecord>(row.what);
    std::string line = "  " + base::formatInstant(row.at) + "  " + scan.outcome + " " + scan.reason + " at " +
                       base::printable(scan.checkpoint.text);
    if (!scan.gate.empty())
        line += ", gate " + base::printable(scan.gate.text);
    line += scan.direction == domain::Direction::Exit ? " (out)" : "";
    return line + (scan.test ? " [test]" : "") + ": " + base::printable(scan.explanation) + "\n";
}

/// "at main, gate north, entry"
std::string placeOf(const scan::Post &post)
{
    std::string place = "at " + base::printable(post.checkpoint.text);
    if (!post.gate.empty())
        place += ", gate " + base::printable(post.gate.text);
    return place + (post.direction == domain::Direction::Exit ? ", exit" : ", entry");
}

std::string textOf(const scan::Examined &examined, const std::string &place)
{
    std::string text = "This is " + std::string(formWord(examined.identified.form));
    if (examined.identified.ordinal)
        text += ", ticket " + std::to_string(examined.identified.ordinal->value);
    if (!examined.identified.note.empty())
        text += " (" + base::printable(examined.identified.note) + ")";
    text += ".\n";
    if (examined.listed)
        text += "On the list: " + base::printable(examined.now.ticketType) + ", generation " +
                std::to_string(examined.listed->ticket.generation) + ".\n";
    else if (examined.identified.ordinal)
        text += "Not on the list.\n";
    text += examined.story.empty() ? "Never scanned on this device.\n" : "Scanned on this device:\n";
    for (const domain::Row &row : examined.story)
        text += storyLine(row);
    text += "A scan now: " + std::string(domain::word(examined.now.outcome())) + " " +
            std::string(domain::word(examined.now.reason)) + ": " + examined.now.explanation + " (" + place + ")\n";
    if (!examined.rules.empty())
        text += "Rules of this checkpoint:\n";
    for (const admission::RuleLine &line : examined.rules) {
        text += std::string(2 + 2 * static_cast<std::size_t>(line.depth), ' ') + base::printable(line.text);
        if (!line.value.empty())
            text += " = " + base::printable(line.value);
        if (line.answer)
            text += "  -> " + std::string(answerWord(line.answer));
        text += "\n";
    }
    return text;
}

class WhyJob final : public Job
{
public:
    WhyJob(const WhyRequest &request, const Workplace &place) : m_request(request), m_place(place) {}

    State step(Output &output) override
    {
        if (auto answered = answer(output); !answered) {
            output.err += errorLines(answered.error());
            m_status = 2;
        }
        return State::Done;
    }
    int exitStatus() const override { return m_status; }

private:
    base::Result<void> answer(Output &output)
    {
        scan::Engine &engine = m_place.engine;
        if (!engine.list())
            return base::Error{base::ErrorCode::NotFound, "no event is loaded", {}};
        scan::Post post = engine.post();
        if (!m_request.checkpoint.empty())
            post.checkpoint = m_request.checkpoint;
        if (post.checkpoint.empty() && !engine.list()->definition.event.checkpoints.empty())
            post.checkpoint = engine.list()->definition.event.checkpoints.front().id;
        if (!m_request.gate.empty())
            post.gate = m_request.gate;
        if (!post.gate.empty() && !engine.list()->rulebook.gate(post.gate.view()))
            return noSuchGate(post.gate, *engine.list());
        const auto examined = engine.examine({.code = m_request.code}, post);
        if (!examined)
            return examined.error();
        std::vector<bool> shown;
        for (const domain::Row &row : examined->story) {
            const auto was = engine.vault().wasShown(row.key.sequence);
            if (!was)
                return was.error();
            shown.push_back(*was);
        }
        if (m_request.style == Style::Json) {
            object json = jsonOf(*examined, shown);
            json["checkpoint"] = post.checkpoint.text;
            json["gate"] = post.gate.empty() ? boost::json::value(nullptr) : boost::json::value(post.gate.text);
            json["direction"] = post.direction == domain::Direction::Exit ? "exit" : "entry";
            output.out += base::toText(json) + "\n";
        } else {
            output.out += textOf(*examined, placeOf(post));
        }
        return {};
    }

    WhyRequest m_request;
    Workplace m_place;
    int m_status = 0;
};

} // namespace

std::unique_ptr<Job> makeWhyJob(const WhyRequest &request, const Workplace &place)
{
    return std::make_unique<WhyJob>(request, place);
}

} // namespace voelgoed::gate
