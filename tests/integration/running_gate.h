#pragma once

#include "tests/integration/gate_process.h"

#include <QDeadlineTimer>
#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcessEnvironment>
#include <QTest>

#include <linux/capability.h>
#include <sys/prctl.h>

#include <csignal>
#include <functional>

namespace voelgoed::integration {

/// Waits for something that another process does.
inline bool becomes(const std::function<bool()> &condition, int timeoutMs = 15'000)
{
    for (QDeadlineTimer deadline(timeoutMs); !deadline.hasExpired(); QTest::qSleep(5)) {
        if (condition())
            return true;
    }
    return condition();
}

inline QJsonObject jsonOf(const QByteArray &line)
{
    return QJsonDocument::fromJson(line).object();
}

/// `voelgoed-gate run` at work, with its inputs and outputs in a test's hands. Killed when a test ends before it.
class RunningGate
{
public:
    /// What the program's user may do to files: as it is, or no more than their modes say, also when it is root.
    enum class Files { AsItIs, AsModesSay };

    /// `clock`: how wrong the wall's clock is for the program, in faketime's words ("-6m", "@1970-01-02 00:00:00"); the
    /// time since the start goes on as it does.
    explicit RunningGate(const QString &data, const QStringList &more = {"--json"}, Files files = Files::AsItIs,
                         const QString &clock = {})
        : m_data(data)
    {
        if (!clock.isEmpty())
            m_process.setProcessEnvironment(withClock(clock));
        if (files == Files::AsModesSay) {
            m_process.setChildProcessModifier([] {
                for (const int right : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH})
                    ::prctl(PR_CAPBSET_DROP, right, 0, 0, 0);
            });
        }
        m_process.start(program("voelgoed-gate"), QStringList{"run", "--data", data} + more);
        m_process.waitForStarted();
    }
    ~RunningGate()
    {
        if (m_process.state() != QProcess::NotRunning)
            kill(SIGKILL);
    }
    RunningGate(const RunningGate &) = delete;
    RunningGate &operator=(const RunningGate &) = delete;

    /// Whether it answers other processes. (A file that a killed gate left behind answers nobody.)
    bool isUp()
    {
        return becomes([this] { return QFileInfo::exists(m_data + "/gate.sock") || !isAlive(); }) && isAlive();
    }
    bool isAlive()
    {
        m_process.waitForFinished(0);
        return m_process.state() == QProcess::Running;
    }

    void send(const QByteArray &bytes)
    {
        m_process.write(bytes);
        while (m_process.bytesToWrite() > 0 && m_process.waitForBytesWritten(5'000))
            ;
    }
    /// The next line of its output, without the line end; empty when none comes.
    QByteArray line(int timeoutMs = 15'000)
    {
        for (QDeadlineTimer deadline(timeoutMs); !m_process.canReadLine();) {
            if (deadline.hasExpired() || m_process.state() == QProcess::NotRunning)
                break;
            m_process.waitForReadyRead(static_cast<int>(deadline.remainingTime()));
        }
        QByteArray text = m_process.readLine();
        if (text.endsWith('\n'))
            text.chop(1);
        return text;
    }
    QJsonObject verdict(int timeoutMs = 15'000) { return jsonOf(line(timeoutMs)); }
    /// Sends a line and waits for its answer.
    QJsonObject scan(const QByteArray &code)
    {
        send(code + "\n");
        return verdict();
    }
    /// Whether the text comes up on its standard error.
    bool complains(const QByteArray &text, int timeoutMs = 15'000)
    {
        return becomes(
            [&] {
                m_process.waitForReadyRead(1);
                return errors().contains(text);
            },
            timeoutMs);
    }
    const QByteArray &errors() { return m_errors += m_process.readAllStandardError(); }

    void closeInput() { m_process.closeWriteChannel(); }
    /// The exit status; -1 when it was killed, or goes on for longer than that.
    int end(int timeoutMs = 15'000)
    {
        const bool ended = m_process.state() == QProcess::NotRunning || m_process.waitForFinished(timeoutMs);
        return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    void signal(int number) { ::kill(static_cast<pid_t>(m_process.processId()), number); }
    void kill(int number)
    {
        signal(number);
        m_process.waitForFinished();
    }
    QByteArray rest() { return m_process.readAllStandardOutput(); }
    qint64 processId() const { return m_process.processId(); }

private:
    static QProcessEnvironment withClock(const QString &clock)
    {
        const QDir libraries("/usr/lib");
        auto environment = QProcessEnvironment::systemEnvironment();
        for (const QString &machine : libraries.entryList({"*-linux-gnu*"}, QDir::Dirs)) {
            const QString library = libraries.filePath(machine + "/faketime/libfaketimeMT.so.1");
            if (QFileInfo::exists(library))
                environment.insert("LD_PRELOAD", library);
        }
        environment.insert("FAKETIME", clock);
        environment.insert("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        environment.insert("DONT_FAKE_MONOTONIC", "1"); // as it was called before
        environment.insert("TZ", "UTC");
        return environment;
    }

    QString m_data;
    QProcess m_process;
    QByteArray m_errors;
};

} // namespace voelgoed::integration
