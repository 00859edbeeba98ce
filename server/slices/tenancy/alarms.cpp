#include "server/slices/tenancy/alarms.h"

#include "shared/base/json.h"

namespace voelgoed::tenancy {

using contracts::AlarmThresholds;

namespace {

using Members = boost::describe::describe_members<AlarmThresholds, boost::describe::mod_public>;
using Changes = boost::describe::describe_members<AlarmsChange, boost::describe::mod_public>;
static_assert(boost::mp11::mp_size<Members>::value == boost::mp11::mp_size<Changes>::value);

} // namespace

AlarmThresholds alarmsFrom(const std::string &stored)
{
    AlarmThresholds alarms;
    const auto json = base::parseJson(stored);
    if (!json || !json->is_object())
        return alarms;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        const auto *found = json->as_object().if_contains(actions::wireName(member.name));
        if (found && found->is_int64() && found->as_int64() > 0 && found->as_int64() <= kAlarmMax)
            alarms.*member.pointer = static_cast<std::int32_t>(found->as_int64());
    });
    return alarms;
}

std::string alarmsText(const AlarmThresholds &alarms)
{
    const AlarmThresholds usual;
    boost::json::object own;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        if (alarms.*member.pointer != usual.*member.pointer)
            own[actions::wireName(member.name)] = alarms.*member.pointer;
    });
    return base::toText(own);
}

AlarmThresholds changedBy(AlarmThresholds alarms, const AlarmsChange &change)
{
    // Both list the same names in the same order.
    boost::mp11::mp_for_each<boost::mp11::mp_iota<boost::mp11::mp_size<Members>>>([&](auto index) {
        constexpr auto to = boost::mp11::mp_at_c<Members, index>();
        constexpr auto from = boost::mp11::mp_at_c<Changes, index>();
        alarms.*to.pointer = (change.*from.pointer).value_or(alarms.*to.pointer);
    });
    return alarms;
}

std::string wrongAlarmIn(const AlarmsChange &change)
{
    std::string wrong;
    boost::mp11::mp_for_each<Changes>([&](auto member) {
        const std::optional<std::int32_t> &value = change.*member.pointer;
        if (wrong.empty() && value && (*value < 1 || *value > kAlarmMax))
            wrong = actions::wireName(member.name);
    });
    return wrong;
}

} // namespace voelgoed::tenancy
