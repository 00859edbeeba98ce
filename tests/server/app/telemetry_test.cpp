#include "server/app/telemetry.h"
#include "tests/support/hand_clock.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace voelgoed;

/// What a server says of itself.
class TelemetryTest : public QObject
{
    Q_OBJECT

private slots:
    void aLineOfACallSaysItsTrace()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath("lines");
        support::HandClock clock;
        app::LogOptions options;
        options.file = path.toStdString();
        options.form = app::LogOptions::Form::Json;
        auto telemetry = app::Telemetry::open(options, clock);
        QVERIFY(telemetry);
        const base::Error error{base::ErrorCode::Internal, "a statement failed", {}};
        (*telemetry)
            ->called({.status = 500,
                      .requestId = "r1",
                      .error = &error,
                      .trace = *work::traceFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")});
        telemetry->reset();
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto line = base::parseJson(file.readLine().toStdString());
        QVERIFY(line);
        const QString text = QString::fromStdString(base::toText(*line));
        QVERIFY2(text.contains(R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736")"), qPrintable(text));
        QVERIFY2(text.contains(R"("request":"r1")"), qPrintable(text));
    }

    // The route is the declaration's, whatever was asked.
    void callsAreCountedByRouteAndClassOfStatus()
    {
        support::HandClock clock;
        QTemporaryDir folder;
        app::LogOptions options;
        options.file = folder.filePath("lines").toStdString();
        auto telemetry = app::Telemetry::open(options, clock);
        QVERIFY(telemetry);
        const actions::Declaration shown{.name = "things.show",
                                         .method = http::Method::Get,
                                         .route = "/v1/things/{thing}",
                                         .summary = "One",
                                         .policy = access::Policy::anyone()};
        for (const int status : {200, 201, 404, 503})
            (*telemetry)->called({.declaration = &shown, .status = status, .took = base::Milliseconds(20)});
        const std::string text = (*telemetry)->metrics().text();
        for (const char *line : {"status=\"2xx\"} 2", "status=\"4xx\"} 1", "status=\"5xx\"} 1"})
            QVERIFY2(text.find("http_server_request_duration_seconds_count{http_route=\"/v1/things/{thing}\"," +
                               std::string(line)) != std::string::npos,
                     text.c_str());
    }
};

QTEST_APPLESS_MAIN(TelemetryTest)
#include "telemetry_test.moc"
