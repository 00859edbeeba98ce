#include "shared/admission/questions.h"

#include "shared/base/instant.h"
#include "shared/base/text.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace voelgoed::admission {

using namespace domain;

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Decimal digits, perhaps with a sign and one point or comma.
bool isNumber(std::string_view text)
{
    if (!text.empty() && (text.front() == '-' || text.front() == '+'))
        text.remove_prefix(1);
    int digits = 0, points = 0;
    for (const char c : text) {
        if (isDigit(c))
            ++digits;
        else if (c == '.' || c == ',')
            ++points;
        else
            return false;
    }
    return digits > 0 && points <= 1;
}

/// Reads exactly `count` digits.
std::optional<int> digitsOf(std::string_view text)
{
    int value = 0;
    for (const char c : text) {
        if (!isDigit(c))
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

bool isDate(std::string_view text)
{
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return false;
    const auto y = digitsOf(text.substr(0, 4));
    const auto m = digitsOf(text.substr(5, 2));
    const auto d = digitsOf(text.substr(8, 2));
    return y && m && d &&
           (std::chrono::year(*y) / std::chrono::month(static_cast<unsigned>(*m)) /
            std::chrono::day(static_cast<unsigned>(*d)))
               .ok();
}

bool isTime(std::string_view text)
{
    return base::parseTimeOfDay(text).has_value();
}

bool isDateTime(std::string_view text)
{
    if (text.size() >= 16 && isDate(text.substr(0, 10)) && (text[10] == 'T' || text[10] == ' ') &&
        isTime(text.substr(11)))
        return true;
    // With an offset it is a moment. Its length bounds what parsing it costs.
    return text.size() >= 20 && text.size() <= 35 && isDate(text.substr(0, 10)) && base::instantFrom(text).has_value();
}

bool isEmail(std::string_view text)
{
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('@', at + 1) == std::string_view::npos &&
           text.substr(at + 1).find('.') != std::string_view::npos && text.back() != '.' &&
           text.find_first_of(" \t\r\n,;") == std::string_view::npos;
}

bool isOption(const Question &question, std::string_view id)
{
    return std::any_of(question.options.begin(), question.options.end(),
                       [&](const QuestionOption &option) { return option.id == id; });
}

bool areOptions(const Question &question, std::string_view ids)
{
    for (;;) {
        const std::size_t comma = ids.find(',');
        if (!isOption(question, ids.substr(0, comma)))
            return false;
        if (comma == std::string_view::npos)
            return true;
        ids.remove_prefix(comma + 1);
    }
}

bool fitsKind(const Question &question, std::string_view answer)
{
    switch (question.kind) {
    case QuestionKind::Number:
        return isNumber(answer);
    case QuestionKind::String:
    case QuestionKind::Text:
        return true;
    case QuestionKind::Boolean:
        return answer == "true" || (!question.required && answer == "false");
    case QuestionKind::Choice:
        return isOption(question, answer);
    case QuestionKind::MultipleChoice:
        return areOptions(question, answer);
    case QuestionKind::Date:
        return isDate(answer);
    case QuestionKind::Time:
        return isTime(answer);
    case QuestionKind::DateTime:
        return isDateTime(answer);
    case QuestionKind::Email:
        return isEmail(answer);
    }
    return false;
}

bool concerns(const Question &question, const Ticket &ticket)
{
    return question.atDoor && (!question.types || std::find(question.types->begin(), question.types->end(),
                                                            ticket.type) != question.types->end());
}

} // namespace

bool isAcceptable(const Question &question, std::string_view answer)
{
    if (base::trimmed(answer).empty())
        return !question.required;
    return fitsKind(question, answer);
}

std::uint64_t openQuestions(const std::vector<Question> &questions, const Ticket &ticket,
                            const std::map<QuestionId, std::string> &givenNow)
{
    std::uint64_t open = 0;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const Question &question = questions[i];
        if (!concerns(question, ticket))
            continue;
        auto answer = givenNow.find(question.id);
        if (answer == givenNow.end()) {
            answer = ticket.answers.find(question.id);
            if (answer == ticket.answers.end()) {
                open |= std::uint64_t{1} << i;
                continue;
            }
        }
        if (!isAcceptable(question, answer->second))
            open |= std::uint64_t{1} << i;
    }
    return open;
}

} // namespace voelgoed::admission
