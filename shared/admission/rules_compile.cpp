#include "shared/admission/rules.h"

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

enum class Kind { Boolean, Number, Text, Time, List };

std::string_view nameOf(Kind kind)
{
    switch (kind) {
    case Kind::Boolean:
        return "a condition";
    case Kind::Number:
        return "a number";
    case Kind::Text:
        return "a text";
    case Kind::Time:
        return "a time";
    case Kind::List:
        return "a list";
    }
    return {};
}

} // namespace

/// Walks the tree once. The first error ends it.
class RuleCompiler
{
public:
    using Op = Rules::Op;
    using Node = Rules::Node;

    struct Compiled
    {
        std::uint32_t node;
        Kind kind;
    };

    Result<Rules> compile(const Json &json)
    {
        const auto root = node(json, "rules", 1);
        if (!root)
            return root.error();
        if (root->kind != Kind::Boolean)
            return fail("rules", "the top level must be a condition");
        return std::move(m_rules);
    }

private:
    static base::Error fail(const std::string &place, const std::string &what)
    {
        return base::invalid(place + ": " + what);
    }

    Result<Compiled> add(Node node, Kind kind, const std::vector<std::uint32_t> &children, const std::string &place)
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
        return Compiled{static_cast<std::uint32_t>(m_rules.m_nodes.size() - 1), kind};
    }

    Result<Compiled> node(const Json &json, const std::string &place, std::size_t depth)
    {
        if (json.is_number())
            return add({.op = Op::Number, .number = json.to_number<double>()}, Kind::Number, {}, place);
        if (const auto *string = json.if_string())
            return text({string->data(), string->size()}, place);
        const auto *object = json.if_object();
        if (!object)
            return fail(place, "a rule is an object with one operator, a number or a text");
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
        return add({.op = Op::Text, .text = static_cast<std::uint32_t>(m_rules.m_texts.size() - 1)}, Kind::Text, {},
                   place);
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
            return inList(*list, place, depth);
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
        static constexpr std::array<std::tuple<std::string_view, Op, Kind>, 11> kVariables{
            {{"product", Op::Product, Kind::Text},
             {"variation", Op::Variation, Kind::Text},
             {"gate", Op::Gate, Kind::Text},
             {"now", Op::Now, Kind::Time},
             {"now_isoweekday", Op::IsoWeekday, Kind::Number},
             {"entries_number", Op::EntriesNumber, Kind::Number},
             {"entries_today", Op::EntriesToday, Kind::Number},
             {"entries_days", Op::EntriesDays, Kind::Number},
             {"minutes_since_last_entry", Op::MinutesSinceLast, Kind::Number},
             {"minutes_since_first_entry", Op::MinutesSinceFirst, Kind::Number},
             {"entry_status", Op::EntryStatus, Kind::Text}}};
        const auto *name = argument.if_string();
        if (!name)
            return fail(place, "the name of a variable is needed");
        for (const auto &[known, op, kind] : kVariables) {
            if (std::string_view(name->data(), name->size()) == known)
                return add({.op = op}, kind, {}, place);
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
                return child.error();
            if (child->kind != Kind::Boolean)
                return fail(at, "a condition is needed here, not " + std::string(nameOf(child->kind)));
            children.push_back(child->node);
        }
        return add({.op = op}, Kind::Boolean, children, place);
    }

    /// An operand of a comparison: never a condition.
    Result<Compiled> operand(const Json &json, const std::string &place, std::size_t depth)
    {
        const auto child = node(json, place, depth + 1);
        if (child && child->kind == Kind::Boolean)
            return fail(place, "a condition below a comparison");
        return child;
    }

    Result<Compiled> compare(Op op, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        if (list.size() != 2)
            return fail(place, "two operands are needed");
        auto left = operand(list[0], place + "[0]", depth);
        if (!left)
            return left;
        auto right = operand(list[1], place + "[1]", depth);
        if (!right)
            return right;
        numberAsText(*left, *right);
        numberAsText(*right, *left);
        if (left->kind != right->kind)
            return fail(place, std::string(nameOf(left->kind)) + " cannot be compared with " +
                                   std::string(nameOf(right->kind)));
        const bool equality = op == Op::Equal || op == Op::NotEqual;
        if (left->kind != Kind::Number && !(equality && left->kind == Kind::Text))
            return fail(place, std::string(nameOf(left->kind)) + " cannot be compared in this way");
        return add({.op = op}, Kind::Boolean, {left->node, right->node}, place);
    }

    /// Ids may be written as numbers: 4 is "4" beside a text.
    void numberAsText(Compiled &maybeNumber, const Compiled &other)
    {
        Node &node = m_rules.m_nodes[maybeNumber.node];
        if (node.op != Op::Number || other.kind != Kind::Text || node.number != std::floor(node.number) ||
            std::abs(node.number) > 9e15)
            return;
        m_rules.m_texts.push_back(std::to_string(static_cast<long long>(node.number)));
        node = {.op = Op::Text, .text = static_cast<std::uint32_t>(m_rules.m_texts.size() - 1)};
        maybeNumber.kind = Kind::Text;
    }

    Result<Compiled> inList(const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        if (list.size() != 2)
            return fail(place, "a variable and a list are needed");
        const auto item = operand(list[0], place + "[0]", depth);
        if (!item)
            return item;
        const auto objects = operand(list[1], place + "[1]", depth);
        if (!objects)
            return objects;
        if (item->kind != Kind::Text)
            return fail(place + "[0]", std::string(nameOf(item->kind)) + " is never in a list");
        if (objects->kind != Kind::List)
            return fail(place + "[1]", "an objectList is needed here");
        return add({.op = Op::InList}, Kind::Boolean, {item->node, objects->node}, place);
    }

    Result<Compiled> before(bool isAfter, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        if (list.size() != 2 && list.size() != 3)
            return fail(place, "two times, and perhaps a tolerance, are needed");
        std::array<std::uint32_t, 2> times{};
        for (std::size_t i = 0; i < 2; ++i) {
            const std::string at = place + "[" + std::to_string(i) + "]";
            const auto time = operand(list[i], at, depth);
            if (!time)
                return time;
            if (time->kind != Kind::Time)
                return fail(at, "a time is needed here, not " + std::string(nameOf(time->kind)));
            times[i] = time->node;
        }
        double tolerance = 0;
        if (list.size() == 3 && !list[2].is_null()) {
            if (!list[2].is_number() || list[2].to_number<double>() < 0 || list[2].to_number<double>() > 1e7)
                return fail(place + "[2]", "a tolerance is a number of minutes");
            tolerance = list[2].to_number<double>();
        }
        // "a is after b" is "b is before a", also with its tolerance.
        if (isAfter)
            std::swap(times[0], times[1]);
        return add({.op = Op::Before, .swapped = isAfter, .number = tolerance}, Kind::Boolean, {times[0], times[1]},
                   place);
    }

    Result<Compiled> count(Op op, const boost::json::array &list, const std::string &place, std::size_t depth)
    {
        if (list.size() != 1)
            return fail(place, "one time is needed");
        const auto time = operand(list[0], place + "[0]", depth);
        if (!time)
            return time;
        if (time->kind != Kind::Time)
            return fail(place + "[0]", "a time is needed here, not " + std::string(nameOf(time->kind)));
        return add({.op = op}, Kind::Number, {time->node}, place);
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
        return add({.op = Op::ObjectList, .text = static_cast<std::uint32_t>(m_rules.m_lists.size() - 1)}, Kind::List,
                   {}, place);
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
        return add({.op = Op::Custom, .at = *at}, Kind::Time, {}, place);
    }
    if (kind == "customtime" && takes(2)) {
        const auto time = base::parseTimeOfDay(argument(1));
        if (!time)
            return fail(place + "[1]", "a time of day is written HH:MM or HH:MM:SS");
        return add({.op = Op::CustomTime, .time = *time}, Kind::Time, {}, place);
    }
    if (kind == "date_from" && takes(1))
        return add({.op = Op::DateFrom}, Kind::Time, {}, place);
    if (kind == "date_to" && takes(1))
        return add({.op = Op::DateTo}, Kind::Time, {}, place);
    if (kind == "date_admission" && takes(1))
        return add({.op = Op::DateAdmission}, Kind::Time, {}, place);
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
