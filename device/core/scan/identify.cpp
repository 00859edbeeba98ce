#include "device/core/scan/identify.h"

#include "shared/ticket/pretix_sig1.h"
#include "shared/ticket/typed.h"

namespace voelgoed::scan {

using domain::CodeForm;
using domain::Reason;

namespace {

bool mayBeTyped(domain::Medium medium)
{
    switch (medium) {
    case domain::Medium::Line:
    case domain::Medium::Typed:
    case domain::Medium::Network:
        return true;
    case domain::Medium::Serial:
    case domain::Medium::Image:
    case domain::Medium::Camera:
        return false;
    }
    return false;
}

} // namespace

Identified Identifier::identify(const hal::CodeRead &read, const Event &event, const ticket::GateTime &time,
                                const ticket::LastStep &lastStep)
{
    const std::string_view text = base::textOf(read.code);
    Identified result;
    const auto cleaned = ticket::cleanForeign(text, m_aim);
    // The hash names what was read also where it can be no code.
    result.hash = ticket::foreignHash(cleaned && !read.tooLong ? std::string_view(*cleaned) : text);
    if (read.tooLong || !cleaned) {
        result.problem = Reason::Unknown;
        result.note = read.tooLong ? "longer than any code" : cleaned.error().message;
        return result;
    }
    if (const auto listed = event.index.find(result.hash)) {
        result.form = CodeForm::Foreign;
        result.listedAs = result.hash;
        result.ordinal = listed;
        return result;
    }
    const auto parsed = ticket::parseT1(ticket::withoutMarker(text, m_aim));
    if (const auto *code = std::get_if<ticket::T1Code>(&parsed))
        return signedCode(*code, std::move(result), event, time, lastStep);
    result.note = ticket::describe(std::get<ticket::T1Problem>(parsed));
    for (const base::VerifyingKey &key : event.pretixKeys) {
        const auto pretix = ticket::verifyPretix(*cleaned, key);
        if (!pretix && pretix.error().code == base::ErrorCode::Invalid)
            break;
        result.form = CodeForm::PretixSigned;
        result.problem = pretix ? Reason::Unknown : Reason::Forged;
        result.note = pretix ? "signed by pretix, and not on this list" : pretix.error().message;
        if (pretix)
            return result;
    }
    if (result.problem)
        return result;
    result.problem = Reason::Unknown;
    const auto typed = ticket::parseTyped(*cleaned);
    if (!typed || !mayBeTyped(read.medium))
        return result;
    // Digits alone are another system's, which a reader may send by the hundred: no code of ours is likely to be
    // (10/32)^13, and nobody can guess his way through them.
    const bool guess = typed->text.find_first_not_of("0123456789") != std::string::npos;
    if (guess && !typedTriesLeft(time.now)) {
        result.mustWait = true;
        result.note = "too many typed codes that lead nowhere: wait a minute";
        return result;
    }
    const domain::CodeHash typedAs = ticket::typedHash(*typed);
    if (const auto listed = event.index.find(typedAs)) {
        result.form = CodeForm::TypedFallback;
        result.listedAs = typedAs;
        result.ordinal = listed;
        result.problem.reset();
        result.note.clear();
        return result;
    }
    if (guess)
        m_missedTries.push_back(time.now);
    return result;
}

Identified Identifier::signedCode(const ticket::T1Code &code, Identified result, const Event &event,
                                  const ticket::GateTime &time, const ticket::LastStep &lastStep) const
{
    result.form = code.rotating ? CodeForm::SignedRotating : CodeForm::Signed;
    result.note.clear();
    const auto checked = ticket::checkCode(code, event.ring, time, lastStep);
    if (const auto *problem = std::get_if<ticket::T1Problem>(&checked)) {
        result.problem = ticket::reasonOf(*problem);
        result.note = ticket::describe(*problem);
        return result;
    }
    const auto &held = std::get<ticket::CheckedCode>(checked);
    result.rotatingStep = held.rotatingStep;
    result.claims = held.claims;
    result.ordinal = held.claims.ordinal;
    return result;
}

bool Identifier::typedTriesLeft(base::Instant now)
{
    while (!m_missedTries.empty() && now - m_missedTries.front() >= std::chrono::minutes(1))
        m_missedTries.pop_front();
    return m_missedTries.size() < kTypedTriesAMinute;
}

} // namespace voelgoed::scan
