#include "shared/admission/rules.h"

#include "shared/admission/rule_evaluation.h"
#include "shared/base/instant.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace voelgoed::admission {

using base::Json;
using base::Result;

namespace {

constexpr std::size_t kListMax = 1'000;
constexpr std::size_t kTextMax = 256;

/// More minutes than there are years for.
constexpr double kToleranceMax = 1e10;

} // namespace

/// Walks the tree once. The first error ends it.
class RuleCompiler
{
public:
    using Op = Rules::Op;
    using Node = Rules::Node;

    using Compiled = std::uint32_t; ///< which node it has become

    Result<Rules> compile(const Json &json)
    {
        const auto root = node(json, "rules", 1);
        if (!root)
            return root.error();
        if (RuleEvaluation::kindOf(m_rules.m_nodes[*root].op) != RuleKind::Boolean)
            return fail("rules", "the top level must be a condition");
        return std::move(m_rules);
    }

private:
    static base::Error fail(const std::string &place, const std::string &what)
    {
        return base::invalid(place + ": " + what);
    }

    Result<Compiled> add(Node node, const std::vector<std::uint32_t> &children, const std::string &place)
    {
        if (++m_count > Rules::kNodesMax)
            return fail(place, "more than " + std::to_string(Rules::kNodesMax) + " nodes");
        node.firstChild = static_cast<std::uint32_t>(m_rules.m_children.size());
        node.children = static_cast<std::uint32_t>(children.size());
        m_rules.m_children.insert(m_rules.m_children.end(), children.begin(), children.end());
        m_rules.m_nodes.push_back(node);
        switch (node.op) {
        case Op::Now:
        case Op::CustomTime: // today's
        case Op::IsoWeekday:
        case Op::EntriesToday:
        case Op::MinutesSinceLast:
        case Op::MinutesSinceFirst:
            m_rules.m_askTheTime = true;
            break;
        default:
            break;
        }
        return static_cast<std::uint32_t>(m_rules.m_nodes.size() - 1);
    }

    Result<Compiled> node(const Json &json, const std::string &place, std::size_t depth)
    {
        if (json.is_number())
            return add({.op = Op::Number, .number = json.to_number<double>()}, {}, place);
        if (const bool *literal = json.if_bool())
            return add({.op = Op::Literal, .number = *literal ? 1.0 : 0.0}, {}, place);
        if (const auto *string = json.if_string())
            return text({string->data(), string->size()}, place);
        const auto *object = json.if_object();
        if (!object)
            return fail(place, "a rule is an object with one operator, a number, a text, true or false");
        if (depth > Rules::kDepthMax)
            return fail(place.substr(0, 200), "nested deeper than " + std::to_string(Rules::kDepthMax));
        if (object->size() != 1)
            return fail(place, "an object with " + std::to_string(object->size()) + " keys instead of one");
        const std::string op(object->begin()->key());
        return operation(op, object->begin()->value(), place + "." + op.substr(0, 40), depth);
    }

    Result<Compiled> text(std::string_view value, const std::string &place)
    {
        if (value.size() > kTextMax)
            return fail(place, "a text that is too long");
        m_rules.m_texts.emplace_back(value);
        return add({.op = Op::Text, .text = static_cast<std::uint32_t>(m_rules.m_texts.size() - 1)}, {}, place);
    }

    Result<Compiled> operation(const std::string &op, const Json &argument, const std::string &place, std::size_t depth)
    {
        if (op == "var")
            return variable(argument, place);
        const auto *list = argument.if_array();
        if (!list)
            return fail(place, "its arguments must be a list");
        if (op == "and" || op == "or")
            return junction(op == "and" ? Op::And : Op::Or, *list, place, depth);
        static constexpr std::array<std::pair<std::string_view, Op>, 6> kComparisons{{{"<", Op::Less},
                                                                                      {"<=", Op::LessOrEqual},
                                                                                      {">", Op::Greater},
                                                                                      {">=", Op::GreaterOrEqual},
                                                                                      {"==", Op::Equal},
                                                                                      {"!=", Op::NotEqual}}};
        for (const auto &[name, comparison] : kComparisons) {
            if (op == name)
                return compare(comparison, *list, place, depth);
        }
        if (op == "inList")
            return compare(Op::InList, *list, place, depth);
        if (op == "isBefore" || op == "isAfter")
            return before(op == "isAfter", *list, place, depth);
        if (op == "objectList")
            return objectList(*list, place);
        if (op == "buildTime")
            return buildTime(*list, place);
        static constexpr std::array<std::pair<std::string_view, Op>, 4> kCounts{
            {{"entries_since", Op::EntriesSince},
             {"entries_before", Op::EntriesBefore},
             {"entries_days_since", Op::EntriesDaysSince},
             {"entries_days_before", Op::EntriesDaysBefore}}};
        for (const auto &[name, counting] : kCounts) {
            if (op == name)
                return count(counting, *list, place, depth);
        }
        return fail(place, "unknown operator");
    }

    Result<Compiled> variable(const Json &argument, const std::string &place)
    {
        static constexpr std::array<std::pair<std::string_view, Op>, 11> kVariables{
            {{"product", Op::Product},
             {"variation", Op::Variation},
             {"gate", Op::Gate},
             {"now", Op::Now},
             {"now_isoweekday", Op::IsoWeekday},
             {"entries_number", Op::EntriesNumber},
             {"entries_today", Op::EntriesToday},
             {"entries_days", Op::EntriesDays},
             {"minutes_since_last_entry", Op::MinutesSinceLast},
             {"minutes_since_first_entry", Op::MinutesSinceFirst},
             {"entry_status", Op::EntryStatus}}};
        // JSON logic also writes [name], and [name, what to take where it is not there]: all of these are there.
        const auto *list = argument.if_array();
        const auto *name =
            list && !list->empty() && list->size() <= 2 ? list->front().if_string() : argument.if_string();
        if (!name)
            return fail(place, "the name of a variable is needed");
        for (const auto &[known, op] : kVariables) {
            if (std::string_view(name->data(), name->size()) == known)
                return add({.op = op}, {}, place);
        }
        return fail(place,
                    "unknown variable \"" + std::string(name->data(), std::min<std::size_t>(name->size(), 40)) + "\"");
    }

    Result<Compiled> junction(Op op, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        std::vector<std::uint32_t> children;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string at = place + "[" + std::to_string(i) + "]";
            const auto child = node(list[i], at, depth + 1);
            if (!child)
                return child;
            children.push_back(*child);
        }
        return add({.op = op}, children, place);
    }

    /// An operand of a comparison: never an `and` or `or`.
    Result<Compiled> operand(const Json &json, const std::string &place, std::size_t depth)
    {
        const auto child = node(json, place, depth + 1);
        if (child && (m_rules.m_nodes[*child].op == Op::And || m_rules.m_nodes[*child].op == Op::Or))
            return fail(place, "a condition below a comparison");
        return child;
    }

    /// A comparison of two, a search of one in the other, or one time before another.
    Result<Compiled> pair(const Node &node, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        std::vector<std::uint32_t> both;
        for (std::size_t i = 0; i < 2; ++i) {
            const auto child = operand(list[i], place + "[" + std::to_string(i) + "]", depth);
            if (!child)
                return child;
            both.push_back(*child);
        }
        // "a is after b" is "b is before a", also with its tolerance.
        if (node.swapped)
            std::swap(both[0], both[1]);
        return add(node, both, place);
    }

    Result<Compiled> compare(Op op, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        if (list.size() != 2)
            return fail(place, op == Op::InList ? "a variable and a list are needed" : "two operands are needed");
        return pair({.op = op}, list, place, depth);
    }

    Result<Compiled> before(bool isAfter, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        if (list.size() != 2 && list.size() != 3)
            return fail(place, "two times, and perhaps a tolerance, are needed");
        const auto tolerance = list.size() == 3 ? minutesOf(list[2]) : 0;
        if (!tolerance)
            return fail(place + "[2]", "a tolerance is a number of minutes");
        return pair({.op = Op::Before, .swapped = isAfter, .number = *tolerance}, list, place, depth);
    }

    /// A number, or a text that is one; less than nothing narrows the window.
    static std::optional<double> minutesOf(const Json &json)
    {
        if (json.is_null())
            return 0;
        const auto *text = json.if_string();
        const auto minutes = json.is_number() ? std::optional<double>(json.to_number<double>())
                             : text           ? numberIn({text->data(), text->size()})
                                              : std::nullopt;
        return minutes ? std::optional<double>(std::clamp(*minutes, -kToleranceMax, kToleranceMax)) : std::nullopt;
    }

    Result<Compiled> count(Op op, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        if (list.size() != 1)
            return fail(place, "one time is needed");
        const auto time = operand(list[0], place + "[0]", depth);
        if (!time)
            return time;
        return add({.op = op}, {*time}, place);
    }

    Result<Compiled> objectList(const boost::json::array &list, const std::string &place)
    {
        if (list.size() > kListMax)
            return fail(place, "more than " + std::to_string(kListMax) + " items");
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < list.size(); ++i) {
            const std::string at = place + "[" + std::to_string(i) + "]";
            const auto *object = list[i].if_object();
            const auto *lookup = object && object->size() == 1 && object->begin()->key() == "lookup"
                                     ? object->begin()->value().if_array()
                                     : nullptr;
            if (!lookup || lookup->size() < 2 || lookup->size() > 3)
                return fail(at, "{\"lookup\": [kind, id, label]} is needed here");
            const Json &id = (*lookup)[1];
            if (const auto *string = id.if_string())
                ids.emplace_back(string->data(), std::min(string->size(), kTextMax + 1));
            else if (id.is_int64())
                ids.push_back(std::to_string(id.get_int64()));
            else
                return fail(at + ".lookup[1]", "an id is needed here");
            if (ids.back().size() > kTextMax)
                return fail(at + ".lookup[1]", "a text that is too long");
            if (++m_count > Rules::kNodesMax)
                return fail(at, "more than " + std::to_string(Rules::kNodesMax) + " nodes");
        }
        std::sort(ids.begin(), ids.end());
        m_rules.m_lists.push_back(std::move(ids));
        return add({.op = Op::ObjectList, .text = static_cast<std::uint32_t>(m_rules.m_lists.size() - 1)}, {}, place);
    }

    Result<Compiled> buildTime(const boost::json::array &list, const std::string &place);

    Rules m_rules;
    std::size_t m_count = 0;
};

Result<RuleCompiler::Compiled> RuleCompiler::buildTime(const boost::json::array &list, const std::string &place)
{
    const auto argument = [&](std::size_t i) -> std::string_view {
        const auto *string = i < list.size() ? list[i].if_string() : nullptr;
        return string ? std::string_view(string->data(), string->size()) : std::string_view();
    };
    const std::string_view kind = argument(0);
    const auto takes = [&](std::size_t count) {
        return std::all_of(list.begin() + static_cast<std::ptrdiff_t>(std::min(count, list.size())), list.end(),
                           [](const Json &extra) { return extra.is_null(); });
    };
    if (kind == "custom" && takes(2)) {
        const auto at = base::parseInstant(argument(1));
        if (!at)
            return fail(place + "[1]", at.error().message);
        return add({.op = Op::Custom, .at = *at}, {}, place);
    }
    if (kind == "customtime" && takes(2)) {
        const auto time = base::parseTimeOfDay(argument(1));
        if (!time)
            return fail(place + "[1]", "a time of day is written HH:MM or HH:MM:SS");
        return add({.op = Op::CustomTime, .time = *time}, {}, place);
    }
    if (kind == "date_from" && takes(1))
        return add({.op = Op::DateFrom}, {}, place);
    if (kind == "date_to" && takes(1))
        return add({.op = Op::DateTo}, {}, place);
    if (kind == "date_admission" && takes(1))
        return add({.op = Op::DateAdmission}, {}, place);
    return fail(place, "unknown time");
}

Result<Rules> Rules::compile(std::string_view text)
{
    const auto json = base::parseJson(text, {.bytes = 1 << 20, .depth = 512, .values = 100'000});
    if (!json)
        return json.error().at("rules");
    const auto *object = json->if_object();
    if (json->is_null() || (object && object->empty()))
        return Rules();
    return RuleCompiler().compile(*json);
}

} // namespace voelgoed::admission
