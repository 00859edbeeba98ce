#include "server/platform/work/trace.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using work::Trace;

namespace {

const std::string kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const base::Uuid kFresh = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");

} // namespace

/// Traces as the W3C's Trace Context has them.
class TraceTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsReadIsWrittenAgain()
    {
        const auto trace = work::traceFrom(kSampled);
        QVERIFY(trace);
        QCOMPARE(work::traceparentOf(*trace), kSampled);
        QCOMPARE(work::traceIdOf(*trace), std::string("4bf92f3577b34da6a3ce929d0e0e4736"));
    }

    void whatIsNoneIsNotTaken_data()
    {
        QTest::addColumn<QString>("field");
        const auto row = [](const char *name, const std::string &field) {
            QTest::newRow(name) << QString::fromStdString(field);
        };
        row("empty", "");
        row("short", kSampled.substr(0, 54));
        row("more of version 00", kSampled + "-00");
        row("version ff", "ff" + kSampled.substr(2));
        row("upper case", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01");
        row("no trace", "00-00000000000000000000000000000000-00f067aa0ba902b7-01");
        row("no span", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01");
        row("not hexadecimal", "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01");
        row("flags", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x");
        row("blanks for dashes", "00 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 01");
        row("a later version that goes on without a dash", "01" + kSampled.substr(2) + "0");
        row("two of them", kSampled + "," + kSampled);
    }
    void whatIsNoneIsNotTaken()
    {
        QFETCH(QString, field);
        QVERIFY(!work::traceFrom(field.toStdString()));
    }

    void aLaterVersionIsReadAsFarAsItIsKnown()
    {
        const auto trace = work::traceFrom("cc" + kSampled.substr(2, 51) + "ff-what-comes-later");
        QVERIFY(trace);
        QCOMPARE(work::traceparentOf(*trace), kSampled);
    }

    void aStepStaysInTheCallersTraceOrBeginsOne()
    {
        const auto caller = work::traceFrom(kSampled);
        const Trace within = work::stepOf(caller, kFresh);
        QCOMPARE(work::traceparentOf(within), std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-9d3a2f1f5b7a9c01-01"));
        const Trace own = work::stepOf({}, kFresh);
        QCOMPARE(work::traceparentOf(own), std::string("00-018f3c527b1e7cc09d3a2f1f5b7a9c01-9d3a2f1f5b7a9c01-00"));
        QVERIFY(work::traceFrom(work::traceparentOf(own)) == own);
        QVERIFY(Trace().isNone() && !own.isNone());
    }
};

QTEST_APPLESS_MAIN(TraceTest)
#include "trace_test.moc"
