#include "shared/ticket/t1_problem.h"

#include "shared/base/ensure.h"

namespace voelgoed::ticket {

domain::Reason reasonOf(T1Problem problem)
{
    switch (problem) {
    case T1Problem::NotT1:
    case T1Problem::IllegalCharacter:
    case T1Problem::OutOfRange:
        return domain::Reason::Unknown;
    case T1Problem::OtherVersion:
    case T1Problem::UnknownFlags:
    case T1Problem::UnknownAlgorithm:
    case T1Problem::UnknownSlot:
    case T1Problem::BadSignature:
    case T1Problem::NoOrdinal:
        return domain::Reason::Forged;
    case T1Problem::OtherEvent:
        return domain::Reason::WrongEvent;
    case T1Problem::RetiredKey:
        return domain::Reason::Revoked;
    case T1Problem::RotatingMissing:
    case T1Problem::RotatingUnexpected:
    case T1Problem::RotatingOutside:
    case T1Problem::RotatingWrong:
    case T1Problem::RotatingUsed:
        return domain::Reason::StaleCode;
    case T1Problem::RotatingUncertain:
        return domain::Reason::Fault;
    }
    base::ensure(false, "a T1 problem without a reason");
    return domain::Reason::Fault;
}

std::string_view describe(T1Problem problem)
{
    switch (problem) {
    case T1Problem::NotT1:
        return "not a T1 code";
    case T1Problem::IllegalCharacter:
        return "a character that no T1 code has";
    case T1Problem::OutOfRange:
        return "digits out of range";
    case T1Problem::OtherVersion:
        return "another version than 1";
    case T1Problem::UnknownFlags:
        return "unknown flags";
    case T1Problem::UnknownAlgorithm:
        return "an algorithm that its key slot does not have";
    case T1Problem::UnknownSlot:
        return "no key in its slot";
    case T1Problem::BadSignature:
        return "signature fails";
    case T1Problem::NoOrdinal:
        return "ordinal 0";
    case T1Problem::OtherEvent:
        return "of another event";
    case T1Problem::RetiredKey:
        return "signed with a key that was withdrawn";
    case T1Problem::RotatingMissing:
        return "rotating part missing";
    case T1Problem::RotatingUnexpected:
        return "rotating part, and no key to check it with";
    case T1Problem::RotatingOutside:
        return "rotating part is more than 90 s off";
    case T1Problem::RotatingWrong:
        return "rotating part is wrong";
    case T1Problem::RotatingUsed:
        return "rotating part was used already";
    case T1Problem::RotatingUncertain:
        return "rotating part, and this gate does not know the time";
    }
    base::ensure(false, "a T1 problem without a description");
    return {};
}

} // namespace voelgoed::ticket
