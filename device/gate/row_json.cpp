#include "device/gate/row_json.h"

#include "shared/base/bytes.h"
#include "shared/base/text.h"

#include <array>

namespace voelgoed::gate {

namespace {

using boost::json::object;

constexpr std::array<std::string_view, 3> kClocks{"anchored", "assumed", "bracketed"};
constexpr std::array<std::string_view, 6> kMedia{"line", "serial", "image", "camera", "typed", "network"};
constexpr std::array<std::string_view, 6> kForms{"unknown", "signed",         "signed_rotating",
                                                 "foreign", "typed_fallback", "pretix_signed"};

template <class Words, class Enum>
std::string_view wordIn(const Words &words, Enum value)
{
    return words[static_cast<std::size_t>(value)];
}

struct Describe
{
    object &json;

    void operator()(const domain::ScanRecord &scan) const
    {
        json["kind"] = "scan";
        json["checkpoint"] = scan.checkpoint.text;
        json["gate"] = scan.gate.text;
        json["direction"] = scan.direction == domain::Direction::Entry ? "entry" : "exit";
        json["ordinal"] = scan.ordinal.value == 0 ? boost::json::value(nullptr) : scan.ordinal.value;
        json["generation"] = scan.generation;
        json["outcome"] = scan.outcome;
        json["reason"] = scan.reason;
        json["explanation"] = scan.explanation;
        json["count"] = scan.count;
        json["medium"] = wordIn(kMedia, scan.medium);
        json["form"] = wordIn(kForms, scan.form);
        json["code_hash"] = base::toHex(scan.codeHash);
        json["sealed_code"] = base::toHex(scan.sealedCode);
        json["seal_number"] = scan.sealNumber;
        json["session"] = scan.session.text;
        json["operator"] = scan.operatedBy.text;
        json["test"] = scan.test;
        json["confirm_pending"] = scan.confirmPending;
        json["flagged"] = scan.flagged;
        json["list_sequence"] = scan.listSequence;
        if (scan.unlistedAdmits > 0)
            json["unlisted_admits"] = scan.unlistedAdmits;
        if (scan.override)
            json["override"] = object{{"by", scan.override->by.text}, {"why", scan.override->why}};
        if (!scan.overridden.empty())
            json["overridden"] = scan.overridden;
        if (scan.answers.empty())
            return;
        object answers;
        for (const auto &[question, text] : scan.answers)
            answers[question.text] = text;
        json["answers"] = std::move(answers);
    }

    void operator()(const domain::UndoRecord &undo) const
    {
        json["kind"] = "undo";
        json["undone"] =
            object{{"device", undo.row.device.text}, {"epoch", undo.row.epoch.value}, {"seq", undo.row.sequence.value}};
        json["by"] = undo.by.text;
        json["why"] = undo.why;
        json["not_passed"] = undo.notPassed;
    }
};

} // namespace

std::string_view wordOf(domain::ClockState state)
{
    return wordIn(kClocks, state);
}

object jsonOf(const domain::Row &row, Shown shown)
{
    object json{{"device", row.key.device.text}, {"epoch", row.key.epoch.value}, {"seq", row.key.sequence.value}};
    json["at"] = base::formatInstant(row.at);
    std::visit(Describe{json}, row.what);
    json["shown"] = shown == Shown::Yes;
    json["event"] = row.event.text;
    json["wall"] = base::formatInstant(row.wall);
    json["since_boot_ms"] = row.sinceBoot.count();
    json["clock"] = wordOf(row.clock);
    json["previous"] = base::toHex(row.previous);
    if (row.sealEphemeral)
        json["seal_ephemeral"] = base::toHex(*row.sealEphemeral);
    return json;
}

} // namespace voelgoed::gate
