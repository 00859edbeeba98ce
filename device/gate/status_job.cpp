#include "device/gate/jobs.h"

#include "shared/base/json.h"
#include "shared/base/text.h"

#include <boost/json/object.hpp>

namespace voelgoed::gate {

namespace {

std::string_view wordOf(vault::StorageState state)
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
    } else {
        report["event"] = nullptr;
        report["cursor"] = nullptr;
        report["tickets"] = 0;
        report["checksum"] = nullptr;
    }
    report["storage"] = wordOf(vault.state());
    report["rescued_rows"] = vault.rescuedRows().size();
    if (!vault.isOpen())
        return report;
    const auto counts = vault.journal().counts();
    if (!counts)
        return counts.error();
    report["journal_rows"] = counts->rows;
    report["in_doubt"] = counts->inDoubt;
    report["unacknowledged"] = counts->unacknowledged;
    report["admitted"] = counts->admitted;
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

std::string textOf(const boost::json::value &value)
{
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
            name.resize(16, ' ');
            output.out += name + textOf(field.value()) + "\n";
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
