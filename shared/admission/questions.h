#pragma once

#include "shared/domain/event.h"
#include "shared/domain/ticket.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace voelgoed::admission {

/// Whether a text answers the question. A required boolean must be "true"; a blank text answers no required question
/// and every optional one.
bool isAcceptable(const domain::Question &question, std::string_view answer);

/// Which questions for the door still need an answer: bit i for question i. An answer given now comes before the
/// ticket's. Only questions that are asked at the door and of the ticket's type count.
std::uint64_t openQuestions(const std::vector<domain::Question> &questions, const domain::Ticket &ticket,
                            const std::map<domain::QuestionId, std::string> &givenNow);

} // namespace voelgoed::admission
