#include "device/core/profile/enrolment.h"
#include "device/gate/jobs.h"
#include "device/gate/row_json.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/object.hpp>

#include <algorithm>

namespace voelgoed::gate {

namespace {

std::string_view storageWord(vault::StorageState state)
{
    switch (state) {
    case vault::StorageState::Good:
        return "good";
    case vault::StorageState::Rescue:
        return "rescue";
    case vault::StorageState::Failed:
        return "failed";
    }
    return "failed";
}

/// Name, value, and the value for people where it differs.
using Report = boost::json::object;

/// {"north":"North"}, in the order of the definition.
template <class Thing>
Report namesOf(const std::vector<Thing> &things)
{
    Report names;
    for (const Thing &thing : things)
        names[thing.id.text] = thing.name;
    return names;
}

/// {"north":"main, lounge; entry and exit"}
Report servedOf(const domain::EventDefinition &event)
{
    Report served;
    for (const domain::Gate &gate : event.gates) {
        std::string text;
        for (const domain::CheckpointId &checkpoint : gate.checkpoints)
            text += (text.empty() ? "" : ", ") + checkpoint.text;
        text = text.empty() ? "every checkpoint" : text;
        text += gate.servesEntry && gate.servesExit ? "; entry and exit"
                : gate.servesEntry                  ? "; entry"
                : gate.servesExit                   ? "; exit"
                                                    : "; neither entry nor exit";
        served[gate.id.text] = text + (gate.state == domain::GateState::Closed ? "; closed" : "");
    }
    return served;
}

/// Passages that are in the rescue journal alone.
std::uint64_t admittedIn(const std::vector<base::Bytes> &rescued, journal::Journal &journal)
{
    return static_cast<std::uint64_t>(std::count_if(rescued.begin(), rescued.end(), [&](const base::Bytes &bytes) {
        const auto row = journal::storedRow(bytes);
        if (!row || !journal::markOf(row->row))
            return false;
        const auto there = journal.find(row->row.key.sequence);
        return there && !*there;
    }));
}

/// "7 to 1000090": numbers that a repair gave up, rows and margin.
std::string textOf(const std::vector<journal::Gap> &gaps)
{
    std::string text;
    for (const journal::Gap &gap : gaps)
        text += (text.empty() ? "" : ", ") + std::to_string(gap.first.value) + " to " + std::to_string(gap.last.value);
    return text;
}

/// How the device and its server stand; nothing of a device that was never paired.
base::Result<void> addExchange(const Workplace &place, Report &report)
{
    const auto kept = profile::loadEnrolment(place.folder);
    if (!kept)
        return kept.error();
    if (!*kept && !place.exchanger)
        return {};
    const profile::Enrolment &enrolment = place.exchanger ? place.exchanger->enrolment() : **kept;
    auto said = place.exchanger ? base::Result<sync::Report>(place.exchanger->report())
                                : sync::keptReport(place.engine.vault().database());
    if (!said)
        return said.error();
    report["server"] = enrolment.server;
    report["organization"] = enrolment.assignment.organizationName;
    report["revoked"] = enrolment.revoked;
    if (enrolment.lock)
        report["locked"] = *enrolment.lock;
    report["last_exchange"] =
        said->lastExchange ? boost::json::value(base::formatInstant(*said->lastExchange)) : boost::json::value(nullptr);
    if (said->clockOffset)
        report["clock_offset_ms"] = said->clockOffset->count();
    report["checksum_agrees"] =
        said->checksumAgrees ? boost::json::value(*said->checksumAgrees) : boost::json::value(nullptr);
    if (!said->trouble.empty())
        report["exchange_trouble"] = said->trouble;
    return {};
}

base::Result<Report> reportOf(const Workplace &place)
{
    vault::Vault &vault = place.engine.vault();
    Report report;
    report["device"] = vault.device().text;
    report["running"] = place.gate == Workplace::Gate::Running;
    if (const scan::ListInForce *list = place.engine.list()) {
        report["event"] = list->head.cursor.event.text;
        report["event_name"] = list->definition.event.event.name;
        report["cursor"] = Report{{"epoch", list->head.cursor.epoch}, {"sequence", list->head.cursor.sequence}};
        report["made_at"] = base::formatInstant(list->head.madeAt);
        report["tickets"] = list->head.tickets;
        report["checksum"] = list->head.checksum.text();
        report["signer"] = base::fingerprint(list->head.signer);
        report["gates"] = namesOf(list->definition.event.gates);
        report["checkpoints"] = namesOf(list->definition.event.checkpoints);
        report["served"] = servedOf(list->definition.event);
    } else {
        report["event"] = nullptr;
        report["cursor"] = nullptr;
        report["tickets"] = 0;
        report["checksum"] = nullptr;
    }
    const clock::Moment moment = place.engine.now();
    report["clock"] = wordOf(moment.state);
    if (moment.trust != domain::TimeTrust::Full)
        report["time_at_least"] = base::formatInstant(moment.at);
    report["storage"] = storageWord(vault.state());
    report["rescued_rows"] = vault.rescuedRows().size();
    if (!vault.isOpen())
        return report;
    const auto counts = vault.journal().counts();
    if (!counts)
        return counts.error();
    report["journal_rows"] = counts->rows;
    report["in_doubt"] = counts->inDoubt;
    report["unacknowledged"] = place.exchanger ? place.exchanger->queued() : counts->unacknowledged;
    for (const auto &[outcome, rows] : counts->notAccepted)
        report[outcome] = rows;
    if (auto added = addExchange(place, report); !added)
        return added.error();
    report["admitted"] = counts->admitted + admittedIn(vault.rescuedRows(), vault.journal());
    const auto gaps = vault.journal().gaps();
    if (!gaps)
        return gaps.error();
    if (!gaps->empty())
        report["given_up"] = textOf(*gaps);
    if (!place.engine.list() && vault.journal().numberedThrough().value > 0)
        report["list"] = "lost in a repair: load the bundle again";
    const auto shift = vault.journal().openShift();
    if (!shift)
        return shift.error();
    report["shift"] = *shift ? boost::json::value(Report{{"session", (*shift)->session.text},
                                                         {"gate", (*shift)->gate.text},
                                                         {"operator", (*shift)->operatedBy.text},
                                                         {"opened_at", base::formatInstant((*shift)->openedAt)}})
                             : boost::json::value(nullptr);
    return report;
}

std::string textOf(std::string_view name, const boost::json::value &value)
{
    const auto *fields = value.if_object();
    const auto text = [&](std::string_view field) {
        return base::printable(std::string_view(fields->at(field).get_string()));
    };
    if (fields && name == "cursor")
        return base::toText(fields->at("sequence")) + " (epoch " + base::toText(fields->at("epoch")) + ")";
    if (fields && name == "shift")
        return "since " + text("opened_at") + (text("gate").empty() ? "" : " at " + text("gate")) +
               (text("operator").empty() ? "" : ", " + text("operator")) + " (" + text("session") + ")";
    if (const auto *names = value.if_object(); names && !names->empty() && names->begin()->value().is_string()) {
        std::string list;
        for (const auto &named : *names)
            list += (list.empty() ? "" : ", ") + base::printable(named.key()) + " (" +
                    base::printable(std::string_view(named.value().get_string())) + ")";
        return list;
    }
    if (const auto *string = value.if_string())
        return base::printable({string->data(), string->size()});
    return value.is_null() ? "-" : base::toText(value);
}

class StatusJob final : public Job
{
public:
    StatusJob(Style style, const Workplace &place) : m_style(style), m_place(place) {}

    State step(Output &output) override
    {
        const auto report = reportOf(m_place);
        if (!report) {
            output.err += errorLines(report.error());
            m_status = 1;
            return State::Done;
        }
        if (m_style == Style::Json) {
            output.out += base::toText(*report) + "\n";
            return State::Done;
        }
        for (const auto &field : *report) {
            std::string name(field.key());
            std::replace(name.begin(), name.end(), '_', ' ');
            name.resize(std::max<std::size_t>(name.size() + 1, 16), ' ');
            output.out += name + textOf(field.key(), field.value()) + "\n";
        }
        return State::Done;
    }
    int exitStatus() const override { return m_status; }

private:
    Style m_style;
    Workplace m_place;
    int m_status = 0;
};

} // namespace

std::unique_ptr<Job> makeStatusJob(const StatusRequest &request, const Workplace &place)
{
    return std::make_unique<StatusJob>(request.style, place);
}

} // namespace voelgoed::gate
