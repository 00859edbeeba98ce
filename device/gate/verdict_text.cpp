#include "device/gate/verdict_text.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace voelgoed::gate {

namespace {

constexpr std::size_t kSourceMax = 4'096;

std::string_view wordFor(const scan::Judged &judged)
{
    switch (judged.outcome()) {
    case domain::Outcome::Admit:
        return judged.direction == domain::Direction::Exit ? "OUT   " : "GO    ";
    case domain::Outcome::Ask:
        return "ASK   ";
    case domain::Outcome::Refuse:
        return "STOP  ";
    case domain::Outcome::Undecided:
        return "WAIT  ";
    }
    return "WAIT  ";
}

} // namespace

std::string lineFor(const scan::Judged &judged)
{
    std::string line(judged.test ? "TEST " : "");
    line += wordFor(judged);
    const bool admits = judged.outcome() == domain::Outcome::Admit;
    if (admits && judged.count > 1)
        line += std::to_string(judged.count) + " x ";
    if (admits && !judged.ticketType.empty())
        line += base::printable(judged.ticketType) + " · ";
    line += judged.explanation;
    // The explanation names the first one.
    for (std::size_t i = 1; i < judged.questions.size(); ++i)
        line += " · " + base::printable(judged.questions[i]);
    if (admits) {
        if (!judged.seat.empty())
            line += " · Seat " + base::printable(judged.seat);
        const bool leaves = judged.direction == domain::Direction::Exit; // what to hand out at an entry
        for (const std::string &note : leaves ? std::vector<std::string>() : judged.notes)
            line += " · " + base::printable(note);
        if (judged.attention)
            line += " · ATTENTION";
    }
    if (judged.rescued)
        line += " · (kept in the rescue journal: call a technician)";
    return line;
}

std::string jsonFor(const scan::Judged &judged, std::string_view from)
{
    using boost::json::array;
    using boost::json::object;
    using boost::json::value;
    object json{{"outcome", domain::word(judged.outcome())},
                {"reason", domain::word(judged.reason)},
                {"explanation", judged.explanation}};
    json["ordinal"] = judged.ordinal.value == 0 ? value(nullptr) : value(judged.ordinal.value);
    json["checkpoint"] = judged.checkpoint.text;
    json["seq"] = judged.row ? value(judged.row->sequence.value) : value(nullptr);
    json["durable"] = judged.durable;
    json["micros"] = judged.took.count();
    json["epoch"] = judged.row ? value(judged.row->epoch.value) : value(nullptr);
    json["at"] = base::formatInstant(judged.at);
    json["direction"] = judged.direction == domain::Direction::Entry ? "entry" : "exit";
    json["type"] = judged.ticketType;
    json["count"] = judged.outcome() == domain::Outcome::Admit ? judged.count : 0;
    json["remaining"] = judged.remaining;
    if (judged.overridden)
        json["overridden"] = domain::word(*judged.overridden);
    if (!judged.seat.empty())
        json["seat"] = judged.seat;
    json["attention"] = judged.attention;
    const bool stays = judged.outcome() == domain::Outcome::Refuse;
    json["notes"] = stays ? array() : array(judged.notes.begin(), judged.notes.end());
    if (!judged.questions.empty())
        json["questions"] = array(judged.questions.begin(), judged.questions.end());
    json["flagged"] = judged.flagged;
    json["test"] = judged.test;
    json["rescued"] = judged.rescued;
    json["source"] = base::printable(from, kSourceMax);
    return base::toText(json);
}

} // namespace voelgoed::gate
