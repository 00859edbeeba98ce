#include "device/core/scan/judged.h"

namespace voelgoed::scan {

namespace {

struct Own
{
    Told::OwnedFact operator()(std::monostate) const { return std::monostate(); }
    Told::OwnedFact operator()(base::Instant at) const { return at; }
    Told::OwnedFact operator()(std::int64_t number) const { return number; }
    Told::OwnedFact operator()(std::string_view text) const { return std::string(text); }
};

struct Borrow
{
    domain::Fact operator()(std::monostate) const { return std::monostate(); }
    domain::Fact operator()(base::Instant at) const { return at; }
    domain::Fact operator()(std::int64_t number) const { return number; }
    domain::Fact operator()(const std::string &text) const { return std::string_view(text); }
};

} // namespace

Told Told::from(const domain::Explanation &explanation)
{
    Told told{.phrase = explanation.phrase, .facts = {}};
    for (std::size_t i = 0; i < told.facts.size(); ++i)
        told.facts[i] = std::visit(Own(), explanation.facts[i]);
    return told;
}

domain::Explanation Told::view() const
{
    domain::Explanation explanation{.phrase = phrase, .facts = {}};
    for (std::size_t i = 0; i < facts.size(); ++i)
        explanation.facts[i] = std::visit(Borrow(), facts[i]);
    return explanation;
}

} // namespace voelgoed::scan
