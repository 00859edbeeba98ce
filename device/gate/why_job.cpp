#include "device/gate/jobs.h"
#include "device/gate/row_pages.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/array.hpp>

#include <algorithm>

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

/// Every row of this device about a code, and what was taken back of them; oldest first.
using Story = std::vector<RowPages::Entry>;

constexpr std::size_t kStoryMax = 10'000;

object jsonOf(const scan::Examined &examined, const Story &rows)
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
    for (const RowPages::Entry &entry : rows)
        story.push_back(jsonOf(entry.row, entry.shown));
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

std::string lineOf(const domain::ScanRecord &scan)
{
    std::string line = scan.outcome + " " + scan.reason + " at " + base::printable(scan.checkpoint.text);
    if (!scan.gate.empty())
        line += ", gate " + base::printable(scan.gate.text);
    line += scan.direction == domain::Direction::Exit ? " (out)" : "";
    return line + (scan.test ? " [test]" : "") + ": " + base::printable(scan.explanation);
}

std::string lineOf(const domain::UndoRecord &undo)
{
    return "taken back by " + base::printable(undo.by.text) + ": " + base::printable(undo.why);
}

/// With the time of the event's clocks, as its sentences have it: "2026-11-27 11:01:45".
std::string storyLine(const RowPages::Entry &entry, const domain::ZoneTable &zone)
{
    const std::string what = std::visit([](const auto &record) { return lineOf(record); }, entry.row.what);
    const bool doubt = entry.shown == Shown::InDoubt;
    const base::Instant at = entry.row.at;
    // Shifted by the zone's offset a moment's UTC spelling is the one of its clocks.
    std::string local = base::formatInstant(std::chrono::floor<std::chrono::seconds>(at + zone.offsetAt(at)));
    local[local.find('T')] = ' ';
    local.pop_back(); // Z
    return "  " + local + "  " + what + (doubt ? " (perhaps never shown)" : "") + "\n";
}

/// What the answer says beside what the code is. Borrows.
struct Told
{
    const Story &story;
    std::uint64_t left = 0; ///< rows that are not in the story: it is too long
    const domain::ZoneTable &zone;
    std::string place;
};

/// "at main, gate north, entry"
std::string placeOf(const scan::Post &post)
{
    std::string place = "at " + base::printable(post.checkpoint.text);
    if (!post.gate.empty())
        place += ", gate " + base::printable(post.gate.text);
    return place + (post.direction == domain::Direction::Exit ? ", exit" : ", entry");
}

std::string textOf(const scan::Examined &examined, const Told &told)
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
    text += told.story.empty() ? "Never scanned on this device.\n"
                               : "Scanned on this device (times of " + told.zone.name() + "):\n";
    for (const RowPages::Entry &entry : told.story)
        text += storyLine(entry, told.zone);
    if (told.left > 0)
        text += "  … and " + std::to_string(told.left) + " more: voelgoed-gate export shows them all\n";
    text += "A scan now: " + std::string(domain::word(examined.now.outcome())) + " " +
            std::string(domain::word(examined.now.reason)) + ": " + examined.now.explanation + " (" + told.place +
            ")\n";
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
    WhyJob(const WhyRequest &request, const Workplace &place)
        : m_request(request), m_engine(place.engine), m_pages(place.engine)
    {}

    State step(Output &output) override
    {
        const auto state = m_examined ? readOn(output) : begin();
        if (state)
            return *state;
        output.err += errorLines(state.error());
        m_status = 2;
        return State::Done;
    }
    int exitStatus() const override { return m_status; }

private:
    base::Result<State> begin()
    {
        if (!m_engine.list())
            return base::Error{base::ErrorCode::NotFound, "no event is loaded in this folder",
                               "Load one first: voelgoed-gate load --data DIR BUNDLE"};
        m_post = m_engine.post();
        if (!m_request.checkpoint.empty())
            m_post.checkpoint = m_request.checkpoint;
        if (m_post.checkpoint.empty() && !m_engine.list()->definition.event.checkpoints.empty())
            m_post.checkpoint = m_engine.list()->definition.event.checkpoints.front().id;
        if (!m_request.gate.empty())
            m_post.gate = m_request.gate;
        if (!m_post.gate.empty() && !m_engine.list()->rulebook.gate(m_post.gate.view()))
            return noSuchGate(m_post.gate, *m_engine.list());
        auto examined = m_engine.examine({.code = m_request.code}, m_post);
        if (!examined)
            return examined.error();
        m_examined.emplace(std::move(*examined));
        return State::More;
    }

    base::Result<State> readOn(Output &output)
    {
        auto page = m_pages.next();
        if (!page)
            return page.error();
        for (RowPages::Entry &entry : *page) {
            if (!isAboutIt(entry.row))
                continue;
            if (m_story.size() < kStoryMax)
                m_story.push_back(std::move(entry));
            else
                ++m_left;
        }
        if (!page->empty())
            return State::More;
        answer(output);
        return State::Done;
    }

    bool isAboutIt(const domain::Row &row) const
    {
        const scan::Identified &what = m_examined->identified;
        if (const auto *scan = std::get_if<domain::ScanRecord>(&row.what))
            return scan->codeHash == what.hash || (what.ordinal && scan->ordinal == *what.ordinal);
        const auto &undone = std::get<domain::UndoRecord>(row.what).row;
        return std::any_of(m_story.begin(), m_story.end(),
                           [&](const RowPages::Entry &entry) { return entry.row.key == undone; });
    }

    void answer(Output &output) const
    {
        if (m_request.style != Style::Json) {
            output.out += textOf(
                *m_examined,
                {.story = m_story, .left = m_left, .zone = m_engine.list()->rulebook.zone(), .place = placeOf(m_post)});
            return;
        }
        object json = jsonOf(*m_examined, m_story);
        if (m_left > 0)
            json["story_left_out"] = m_left;
        json["checkpoint"] = m_post.checkpoint.text;
        json["gate"] = m_post.gate.empty() ? boost::json::value(nullptr) : boost::json::value(m_post.gate.text);
        json["direction"] = m_post.direction == domain::Direction::Exit ? "exit" : "entry";
        output.out += base::toText(json) + "\n";
    }

    WhyRequest m_request;
    scan::Engine &m_engine;
    RowPages m_pages;
    scan::Post m_post;
    std::optional<scan::Examined> m_examined;
    Story m_story;
    std::uint64_t m_left = 0;
    int m_status = 0;
};

} // namespace

std::unique_ptr<Job> makeWhyJob(const WhyRequest &request, const Workplace &place)
{
    return std::make_unique<WhyJob>(request, place);
}

} // namespace voelgoed::gate
