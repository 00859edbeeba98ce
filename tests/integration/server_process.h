#pragma once

#include "tests/support/places.h"
#include "tests/support/plain_http.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <sys/prctl.h>

#include <csignal>
#include <memory>

namespace voelgoed::integration {

/// A real voelgoed-server with a folder of its own, and with its own Postgres and Redis in it.
class ServerProcess
{
public:
    /// `more`: further options of the program.
    explicit ServerProcess(QStringList more = {}) : m_folder("/tmp/vgsrv-XXXXXX"), m_more(std::move(more)) {}
    ~ServerProcess() { stop(); }

    /// Returns when it serves; false when it does not. Again at the same address, once it has been there.
    bool start()
    {
        m_process = std::make_unique<QProcess>();
        m_process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
        // In order also when the test crashes.
        m_process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
        m_process->start(
            QString(test::programFolder()) + "/voelgoed-server",
            QStringList{"run", "--data", m_folder.path(), "--listen", QString("127.0.0.1:%1").arg(port())} + m_more);
        QString out;
        while (!out.contains('\n') && m_process->waitForReadyRead(60'000))
            out += QString::fromUtf8(m_process->readAllStandardOutput());
        if (!out.startsWith("ready "))
            return false;
        m_url = out.mid(6).trimmed().toStdString();
        return true;
    }

    /// In order: SIGTERM. Its exit code.
    int stop()
    {
        if (!m_process || m_process->state() == QProcess::NotRunning)
            return -1;
        m_process->terminate();
        m_process->waitForFinished(60'000);
        return m_process->exitCode();
    }

    /// kill -9.
    void kill()
    {
        m_process->kill();
        m_process->waitForFinished(60'000);
    }

    const std::string &url() const { return m_url; }
    support::PlainHttp http() const { return support::PlainHttp(m_url); }
    support::PlainHttp admin() const { return support::PlainHttp("unix:" + folder() + "/admin.sock"); }
    /// 0 before it was started.
    std::uint16_t port() const
    {
        const auto colon = m_url.rfind(':');
        return m_url.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(m_url.substr(colon + 1)));
    }
    std::string folder() const { return m_folder.path().toStdString(); }

    /// Processes that still run in its folder.
    QStringList leftovers() const
    {
        QStringList found;
        for (const QString &pid : QDir("/proc").entryList(QDir::Dirs)) {
            const QString where = QFile::symLinkTarget("/proc/" + pid + "/cwd");
            if (!where.isEmpty() && where.startsWith(m_folder.path()))
                found << pid;
        }
        return found;
    }

private:
    QTemporaryDir m_folder;
    QStringList m_more;
    std::unique_ptr<QProcess> m_process;
    std::string m_url;
};

} // namespace voelgoed::integration
