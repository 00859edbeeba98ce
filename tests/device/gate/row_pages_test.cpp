#include "device/gate/row_pages.h"

#include "device/gate/jobs.h"
#include "tests/support/practice_gate.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using gate::RowPages;
using support::present;

namespace {

constexpr std::uint32_t kGuests = 450; // more than two pages

/// What a job says in the end, and how many steps it took.
struct Said
{
    std::string text;
    int steps = 0;
};

Said said(gate::Job &job)
{
    Said said;
    for (bool more = true; more; ++said.steps) {
        gate::Output output;
        more = job.step(output) == gate::Job::State::More;
        said.text += output.out;
    }
    return said;
}

} // namespace

class RowPagesTest : public QObject
{
    Q_OBJECT

private slots:
    void everyRowComesOutOnceAndInOrderWhereverItIs()
    {
        support::CrashDisk disk("pages", 1);
        support::PracticeGate practice(disk, kGuests);
        QVERIFY(practice.load());
        auto engine = practice.start();
        QVERIFY(engine);
        for (std::uint32_t n = 1; n <= kGuests; ++n) {
            if (n == kGuests - 300)
                disk.setCapacity(disk.used()); // from somewhere on they are in the rescue journal
            QVERIFY(present(**engine, practice.foreignCode(n)).durable);
            if (n < kGuests)
                (*engine)->shown();
        }
        QVERIFY((*engine)->vault().rescuedRows().size() > 0);
        RowPages pages(**engine);
        std::uint64_t last = 0, inDoubt = 0;
        for (;;) {
            const auto page = pages.next();
            QVERIFY(page);
            if (page->empty())
                break;
            for (const RowPages::Entry &entry : *page) {
                QCOMPARE(entry.row.key.sequence.value, ++last);
                inDoubt += entry.shown == gate::Shown::InDoubt;
            }
        }
        QCOMPARE(last, std::uint64_t{kGuests});
        QCOMPARE(inDoubt, std::uint64_t{1}); // the last one, which nobody was shown
    }

    void whyTellsTheWholeStoryStepByStep()
    {
        support::CrashDisk disk("pages", 1);
        support::PracticeGate practice(disk, kGuests);
        QVERIFY(practice.load());
        auto engine = practice.start();
        QVERIFY(engine);
        const auto first = present(**engine, practice.foreignCode(7));
        (*engine)->shown();
        QVERIFY((*engine)->undo({.row = *first.row, .by = {"thandi"}, .why = "she turned round"}));
        for (std::uint32_t n = 8; n <= kGuests; ++n) {
            present(**engine, practice.foreignCode(n));
            (*engine)->shown();
        }
        present(**engine, practice.foreignCode(7));
        (*engine)->shown();
        const gate::Workplace place{
            .engine = **engine, .identity = practice.identity, .random = practice.random, .folder = {}};
        const std::string code = practice.foreignCode(7);
        const base::ByteView bytes = base::bytesOf(code);
        const auto job =
            gate::makeJob(gate::WhyRequest{.code = {bytes.begin(), bytes.end()}, .style = gate::Style::Text}, place);
        const Said story = said(*job);
        QVERIFY(story.steps > 3);
        const std::size_t admitted = story.text.find("admit ok at main");
        const std::size_t taken = story.text.find("taken back by thandi: she turned round");
        QVERIFY2(admitted != std::string::npos && taken != std::string::npos && admitted < taken, story.text.c_str());
        QVERIFY(story.text.find("admit ok at main", taken) != std::string::npos);
        QVERIFY(story.text.find("A scan now: refuse already_used") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(RowPagesTest)
#include "row_pages_test.moc"
