#pragma once

#include "tests/integration/backstage.h"
#include "tests/integration/hand_device.h"

namespace voelgoed::integration {

/// What was said of a row: "accepted", "quarantined no_such_event"; nothing when nothing was.
inline std::string saidOf(const protocol::SyncReply &reply, const domain::RowKey &row)
{
    for (const protocol::OutcomeRun &run : reply.outcomes) {
        const bool isHere = run.first.device == row.device && run.first.epoch == row.epoch &&
                            row.sequence.value >= run.first.sequence.value &&
                            row.sequence.value - run.first.sequence.value < run.count;
        if (isHere)
            return std::string(protocol::word(run.outcome)) + (run.reason.empty() ? "" : " " + run.reason);
    }
    return {};
}

/// A real server with an event of 1,000 tickets, and devices that send to it what no gate would.
class HostileStage
{
public:
    static constexpr std::size_t kGrowthMaxKb = 64 * 1024;

    Backstage backstage;
    base::Uuid event{};
    std::string id; ///< of the event

    bool start()
    {
        if (!backstage.start())
            return false;
        event = backstage.makeEvent(1'000);
        id = base::toText(event);
        HandDevice first = device();
        const bool goes = goesOn(first);
        backstage.server.noteSize();
        return goes;
    }
    HandDevice device()
    {
        m_seed += 10;
        // Each from a place of its own: of one place only so many are let in.
        const std::string place =
            "127.0." + std::to_string(m_seed / 2'000 + 1) + "." + std::to_string(m_seed / 10 % 200 + 1);
        return HandDevice(backstage.server.http().from(place), backstage.invite(event), backstage.token, m_seed);
    }
    domain::Row goodRow(HandDevice &device) { return device.scan(id, ++m_ordinal); }
    int rowsOf(const HandDevice &device, const std::string &where = "true") const
    {
        return backstage.rows(event, "device = '" + device.id().text + "' AND " + where);
    }
    /// Whether a row that nothing is wrong with is taken, from the device that sent something bad and from another one.
    bool goesOn(HandDevice &one)
    {
        HandDevice other = device();
        for (HandDevice *each : {&one, &other}) {
            const domain::Row row = goodRow(*each);
            const auto answer = each->send(each->with({each->chain({row})}, id));
            if (!answer.reply || saidOf(*answer.reply, row.key) != "accepted")
                return false;
        }
        return true;
    }
    /// Memory of the server since the start.
    bool isBounded() const { return backstage.server.grownKb() < kGrowthMaxKb; }

private:
    std::uint64_t m_seed = 100;
    std::uint32_t m_ordinal = 0;
};

} // namespace voelgoed::integration
