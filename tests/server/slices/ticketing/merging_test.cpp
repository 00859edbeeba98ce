#include "server/slices/ticketing/actions/import_out.h"

#include "shared/ticket/foreign.h"

#include <boost/json/serialize.hpp>

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace voelgoed::ticketing;
using domain::TicketState;

namespace {

domain::EventDefinition theEvent()
{
    domain::EventDefinition event;
    event.types = {{.id = {"adult"}, .name = "Adult"}, {.id = {"child"}, .name = "Child"}};
    event.questions = {{.id = {"diet"}, .text = "Diet"}, {.id = {"shirt"}, .text = "Shirt"}};
    return event;
}

import::Guest guest(std::size_t number, const std::string &type = "adult", TicketState state = TicketState::Valid)
{
    const std::string code = "VG-" + std::to_string(1'000 + number);
    import::Guest guest;
    guest.line = number + 1;
    guest.code = code;
    guest.hash = ticket::foreignHash(code);
    guest.type = type;
    guest.state = state;
    return guest;
}

Merged merged(const std::vector<import::Guest> &guests, const std::map<domain::CodeHash, StoredTicket> &known = {})
{
    const auto event = theEvent();
    return merge(event, *TypeBook::make(event, {}, std::nullopt), guests, known);
}

/// Tickets 1 and so on, as these guests made them.
std::map<domain::CodeHash, StoredTicket> knownOf(const std::vector<import::Guest> &guests)
{
    std::map<domain::CodeHash, StoredTicket> known;
    std::uint32_t ordinal = 0;
    for (StoredTicket &stored : merged(guests).added) {
        stored.ticket.ordinal = {++ordinal};
        known.emplace(stored.codes.front().hash, stored);
    }
    return known;
}

} // namespace

/// What a guest list changes, and what is said of it.
class MergingTest : public QObject
{
    Q_OBJECT

private slots:
    // All of them were compared with all others, on the thread that does everything else.
    void ofManyUnknownTypesTheFirstAreNamedAndTheOthersCounted()
    {
        constexpr std::size_t kTypes = 20'000;
        std::vector<import::Guest> guests;
        for (std::size_t i = 1; i <= 2 * kTypes; ++i)
            guests.push_back(guest(i, "Type " + std::to_string(i % kTypes)));
        guests.push_back(guest(2 * kTypes + 1));
        const Merged found = merged(guests);
        QCOMPARE(found.added.size(), std::size_t{1});
        QCOMPARE(found.unknownTypes.size(), kTypesNamed);
        QCOMPARE(found.unknownTypes.front().name, std::string("Type 1"));
        QCOMPARE(found.unknownTypes.front().lines.text(), std::string("2, 20002"));
        QCOMPARE(found.moreTypes.types, kTypes - kTypesNamed);
        QCOMPARE(found.moreTypes.rows, 2 * (kTypes - kTypesNamed));
        QCOMPARE(found.moreTypes.lines.text(), std::string("202-20001, 20202-40001"));

        const ImportOut out = outOf({}, found);
        QCOMPARE(out.leftOut, 2 * kTypes);
        QCOMPARE(out.moreUnknownTypes.types, kTypes - kTypesNamed);
        const auto refusals = refusalsOf({}, found);
        QCOMPARE(refusals.size(), std::size_t{31});
        QCOMPARE(refusals.back().detail, std::string("19970 other types that the event does not have, rows: "
                                                     "32-20001, 20032-40001."));
    }

    void answersAreToTheEventsQuestions()
    {
        import::Guest one = guest(1);
        one.answers = {{1, "M"}, {0, "fish"}};
        const Merged found = merged({one});
        const std::map<domain::QuestionId, std::string> answers{{{"diet"}, "fish"}, {{"shirt"}, "M"}};
        QVERIFY(found.added.at(0).ticket.answers == answers);
    }

    void ticketsOfAnotherStateAreToldApartFromOthersThatChange()
    {
        const auto known = knownOf({guest(1), guest(2), guest(3), guest(4, "adult", TicketState::Pending)});
        const Merged found = merged({guest(1), guest(2, "child"), guest(3, "adult", TicketState::Cancelled), guest(4),
                                     guest(5, "adult", TicketState::Cancelled)},
                                    known);
        QCOMPARE(found.changed.size(), std::size_t{3});
        QVERIFY(found.stateChanges == (std::vector<StateChange>{{1, TicketState::Valid}, {2, TicketState::Pending}}));
        QCOMPARE(boost::json::serialize(stateChangesJson(found)),
                 std::string(R"([{"from":"valid","to":"cancelled","tickets":1,"ordinals":"3"},)"
                             R"({"from":"pending","to":"valid","tickets":1,"ordinals":"4"}])"));
    }

    void theTrailNamesRangesAndSaysHowManyDidNotFit()
    {
        std::vector<import::Guest> before, after;
        for (std::size_t i = 1; i <= 5'000; ++i) {
            before.push_back(guest(i));
            if (i <= 100 || i % 2 == 0)
                after.push_back(guest(i, "adult", TicketState::Cancelled));
        }
        std::reverse(after.begin(), after.end());
        const base::Json told = stateChangesJson(merged(after, knownOf(before)));
        QCOMPARE(told.as_array().size(), std::size_t{1});
        const auto &move = told.at(0).as_object();
        const std::string ordinals(move.at("ordinals").as_string());
        QVERIFY2(ordinals.starts_with("1-100, 102, 104, "), ordinals.c_str());
        QVERIFY(ordinals.size() <= kOrdinalsBytesMax);
        const auto ranges = static_cast<std::size_t>(std::count(ordinals.begin(), ordinals.end(), ',')) + 1;
        QCOMPARE(move.at("tickets").to_number<std::size_t>(), std::size_t{2'550});
        QCOMPARE(move.at("more_tickets").to_number<std::size_t>(), 2'550 - 100 - (ranges - 1));
    }
};

QTEST_APPLESS_MAIN(MergingTest)
#include "merging_test.moc"
