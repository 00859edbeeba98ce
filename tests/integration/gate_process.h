#pragma once

#include "tests/support/places.h"
#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QStringList>

/// The real programs in a real folder, for tests.
namespace voelgoed::integration {

inline QString program(const char *name)
{
    return QString(test::programFolder()) + "/" + name;
}

struct Ran
{
    int status = -1;
    QByteArray out;
    QByteArray err;
};

/// Runs voelgoed-gate to its end.
inline Ran gate(const QStringList &arguments, const QByteArray &input = {}, int timeoutMs = 60'000)
{
    QProcess process;
    process.start(program("voelgoed-gate"), arguments);
    process.write(input);
    process.closeWriteChannel();
    const bool finished = process.waitForFinished(timeoutMs);
    return {finished && process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            process.readAllStandardOutput(), process.readAllStandardError()};
}

} // namespace voelgoed::integration
