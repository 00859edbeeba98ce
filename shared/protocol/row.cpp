#include "shared/protocol/row.h"

#include "shared/base/crypto/digest.h"
#include "shared/protocol/row.pb.h"
#include "shared/protocol/wire.h"

#include <limits>

namespace voelgoed::protocol {

using namespace domain;
using base::Result;

namespace {

struct PutContent
{
    wire::Row &row;

    void operator()(const ScanRecord &scan) const
    {
        wire::ScanRow &out = *row.mutable_scan();
        out.set_checkpoint(scan.checkpoint.text);
        out.set_gate(scan.gate.text);
        out.set_direction(static_cast<std::uint32_t>(scan.direction));
        out.set_ordinal(scan.ordinal.value);
        out.set_generation(scan.generation);
        out.set_medium(static_cast<std::uint32_t>(scan.medium));
        out.set_form(static_cast<std::uint32_t>(scan.form));
        out.set_code_hash(bytesField(scan.codeHash));
        out.set_sealed_code(bytesField(scan.sealedCode));
        out.set_seal_number(scan.sealNumber);
        out.set_nonce(scan.nonce);
        out.set_count(scan.count);
        out.set_confirm_pending(scan.confirmPending);
        for (const auto &[question, text] : scan.answers) {
            wire::RowAnswer *added = out.add_answers();
            added->set_question(question.text);
            added->set_text(text);
        }
        if (scan.override) {
            out.set_override_by(scan.override->by.text);
            out.set_override_why(scan.override->why);
        }
        out.set_session(scan.session.text);
        out.set_operated_by(scan.operatedBy.text);
        out.set_test(scan.test);
        out.set_outcome(scan.outcome);
        out.set_reason(scan.reason);
        out.set_overridden(scan.overridden);
        out.set_flagged(scan.flagged);
        out.set_list_sequence(scan.listSequence);
        out.set_explanation(scan.explanation);
        out.set_rotating_step(scan.rotatingStep);
        out.set_unlisted_admits(scan.unlistedAdmits);
    }

    void operator()(const UndoRecord &undo) const
    {
        wire::UndoRow &out = *row.mutable_undo();
        out.set_device(undo.row.device.text);
        out.set_epoch(undo.row.epoch.value);
        out.set_sequence(undo.row.sequence.value);
        out.set_by(undo.by.text);
        out.set_why(undo.why);
        out.set_not_passed(undo.notPassed);
    }
};

Result<ScanRecord> scanOf(const wire::ScanRow &in)
{
    const auto direction = choice(in.direction(), Direction::Exit, "direction");
    const auto medium = choice(in.medium(), Medium::Network, "medium");
    const auto form = choice(in.form(), CodeForm::PretixSigned, "form of code");
    const auto hash = fixedBytes<CodeHash>(in.code_hash(), "code hash");
    if (!direction)
        return direction.error();
    if (!medium)
        return medium.error();
    if (!form)
        return form.error();
    if (!hash)
        return hash.error();
    if (in.ordinal() > kOrdinalMax || in.generation() > 255)
        return base::invalid("an ordinal or a generation out of range");
    if (in.count() < 1 || in.count() > std::numeric_limits<std::uint16_t>::max())
        return base::invalid("a number of persons outside 1 to 65535");
    if (in.unlisted_admits() > std::numeric_limits<std::uint16_t>::max())
        return base::invalid("a ticket for more than 65535 persons");
    const base::ByteView sealed = base::bytesOf(in.sealed_code());
    ScanRecord scan{.checkpoint = {in.checkpoint()},
                    .gate = {in.gate()},
                    .direction = *direction,
                    .ordinal = {in.ordinal()},
                    .generation = static_cast<std::uint8_t>(in.generation()),
                    .medium = *medium,
                    .form = *form,
                    .codeHash = *hash,
                    .sealedCode = {sealed.begin(), sealed.end()},
                    .sealNumber = in.seal_number(),
                    .nonce = in.nonce(),
                    .count = static_cast<std::uint16_t>(in.count()),
                    .confirmPending = in.confirm_pending(),
                    .session = {in.session()},
                    .operatedBy = {in.operated_by()},
                    .test = in.test(),
                    .outcome = in.outcome(),
                    .reason = in.reason(),
                    .overridden = in.overridden(),
                    .flagged = in.flagged(),
                    .listSequence = in.list_sequence(),
                    .explanation = in.explanation(),
                    .rotatingStep = in.rotating_step(),
                    .unlistedAdmits = static_cast<std::uint16_t>(in.unlisted_admits())};
    for (const wire::RowAnswer &answer : in.answers())
        scan.answers[QuestionId{answer.question()}] = answer.text();
    if (!in.override_by().empty() || !in.override_why().empty())
        scan.override = Override{{in.override_by()}, in.override_why()};
    return scan;
}

UndoRecord undoOf(const wire::UndoRow &in)
{
    return {.row = {{in.device()}, {in.epoch()}, {in.sequence()}},
            .by = {in.by()},
            .why = in.why(),
            .notPassed = in.not_passed()};
}

/// Numbers count from 1, and every store that keeps them has 63 bits.
bool isSequence(std::uint64_t number)
{
    return number >= 1 && number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

Result<RowContent> contentOf(const wire::Row &in)
{
    switch (in.what_case()) {
    case wire::Row::kScan: {
        auto scan = scanOf(in.scan());
        if (!scan)
            return scan.error();
        return RowContent(std::move(*scan));
    }
    case wire::Row::kUndo:
        return RowContent(undoOf(in.undo()));
    case wire::Row::WHAT_NOT_SET:
        break;
    }
    return base::unsupported("a kind of row that only a newer peer knows");
}

} // namespace

base::Bytes encode(const Row &row)
{
    wire::Row out;
    out.set_device(row.key.device.text);
    out.set_epoch(row.key.epoch.value);
    out.set_sequence(row.key.sequence.value);
    out.set_previous(bytesField(row.previous));
    out.set_event(row.event.text);
    out.set_at_ms(base::millisOf(row.at));
    out.set_wall_ms(base::millisOf(row.wall));
    out.set_boot_ms(row.sinceBoot.count());
    out.set_clock(static_cast<std::uint32_t>(row.clock));
    if (row.sealEphemeral)
        out.set_seal_ephemeral(bytesField(*row.sealEphemeral));
    std::visit(PutContent{out}, row.what);
    return serialised(out);
}

Result<Row> decodeRow(base::ByteView bytes)
{
    const auto in = parsedInAnySpelling<wire::Row>(bytes, "journal row");
    if (!in)
        return in.error();
    const bool numbered = isSequence(in->sequence()) && (!in->has_undo() || isSequence(in->undo().sequence()));
    if (!numbered)
        return base::invalid("journal row: a number outside 1 to 2^63 - 1");
    const auto previous = fixedBytes<RowHash>(in->previous(), "hash of the row before");
    if (!previous)
        return previous.error();
    const auto clock = choice(in->clock(), ClockState::Bracketed, "clock state");
    if (!clock)
        return clock.error();
    auto content = contentOf(*in);
    if (!content)
        return content.error().at("journal row " + std::to_string(in->sequence()));
    Row row{.key = {{in->device()}, {in->epoch()}, {in->sequence()}},
            .previous = *previous,
            .event = {in->event()},
            .at = base::instantFromMillis(in->at_ms()),
            .wall = base::instantFromMillis(in->wall_ms()),
            .sinceBoot = base::Milliseconds(in->boot_ms()),
            .clock = *clock,
            .what = std::move(*content)};
    if (!in->seal_ephemeral().empty()) {
        const auto ephemeral = fixedBytes<std::array<std::byte, 32>>(in->seal_ephemeral(), "sealing key");
        if (!ephemeral)
            return ephemeral.error();
        row.sealEphemeral = *ephemeral;
    }
    if (const auto one = isCanonical(*in, bytes, encode(row), "journal row " + std::to_string(in->sequence())); !one)
        return one.error();
    return row;
}

Result<RowLink> decodeLink(base::ByteView bytes)
{
    const auto in = parsedInAnySpelling<wire::Row>(bytes, "journal row");
    if (!in)
        return in.error();
    if (!isSequence(in->sequence()))
        return base::invalid("journal row: a number outside 1 to 2^63 - 1");
    const auto previous = fixedBytes<RowHash>(in->previous(), "hash of the row before");
    if (!previous)
        return previous.error();
    return RowLink{{{in->device()}, {in->epoch()}, {in->sequence()}}, *previous};
}

RowHash hashOf(base::ByteView row)
{
    return base::sha256(row);
}

} // namespace voelgoed::protocol
