#pragma once

#include "tests/integration/gate_process.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QTemporaryDir>

#include <sqlite3.h>
#include <sys/types.h>

#include <csignal>
#include <functional>

/// Real folders of a real gate, to be spoiled.
namespace voelgoed::integration {

inline constexpr int kScans = 200;
inline constexpr int kPage = 4096;

inline QJsonObject object(const QByteArray &line)
{
    return QJsonDocument::fromJson(line).object();
}

inline QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void put(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(bytes) != bytes.size())
        qFatal("a test file cannot be written");
}

inline void copyFolder(const QString &from, const QString &to)
{
    QDir().mkpath(to);
    for (const QFileInfo &file : QDir(from).entryInfoList(QDir::Files | QDir::Hidden))
        QFile::copy(file.filePath(), to + "/" + file.fileName());
}

/// Every file below a folder that holds something, but for the ones that a start may write.
inline QMap<QString, QByteArray> filesIn(const QString &folder)
{
    QMap<QString, QByteArray> files;
    QDirIterator all(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        const QString path = all.next();
        const QByteArray bytes = contents(path);
        if (!bytes.isEmpty())
            files[path] = bytes;
    }
    return files;
}

/// The page in the middle of a table, from 1.
inline int middlePageOf(const QString &database, const char *table)
{
    sqlite3 *handle = nullptr;
    sqlite3_stmt *select = nullptr;
    QList<int> pages;
    if (sqlite3_open(database.toUtf8().constData(), &handle) == SQLITE_OK &&
        sqlite3_prepare_v2(handle, "SELECT pageno FROM dbstat WHERE name = ?1 ORDER BY path", -1, &select, nullptr) ==
            SQLITE_OK) {
        sqlite3_bind_text(select, 1, table, -1, SQLITE_STATIC);
        while (sqlite3_step(select) == SQLITE_ROW)
            pages << sqlite3_column_int(select, 0);
    }
    sqlite3_finalize(select);
    sqlite3_close(handle);
    return pages.isEmpty() ? 0 : pages.at(pages.size() / 2);
}

inline void zeroPage(const QString &file, qint64 page)
{
    QByteArray bytes = contents(file);
    bytes.replace((page - 1) * kPage, kPage, QByteArray(kPage, '\0'));
    put(file, bytes);
}

using Damage = std::function<void(const QString &folder)>;

/// An event, and two folders in which the same codes were admitted: `clean` after a clean end, everything in gate.db;
/// `killed` with a write-ahead log beside it.
class SpoiledFolders
{
public:
    /// Makes them. Says what went wrong, or nothing.
    QString make()
    {
        if (gate({"practice", "--out", path("event"), "--tickets", "40", "--foreign", "600", "--draw", "0", "--seed",
                  "7"})
                .status != 0)
            return "no event";
        QFile guests(path("event/guests.csv"));
        if (!guests.open(QIODevice::ReadOnly))
            return "no guests";
        guests.readLine();
        while (!guests.atEnd())
            codes << guests.readLine().split(',').at(7);
        if (gate({"load", "--data", path("clean"), "--yes", bundle()}).status != 0)
            return "no load";
        copyFolder(path("clean"), path("killed"));
        const Ran ran = gate({"run", "--data", path("clean"), "--gate", "north", "--json"}, admitted());
        if (ran.status != 0 || ran.out.count("\"admit\"") != kScans || !contents(path("clean/gate.db-wal")).isEmpty())
            return "no clean end";
        if (killedAfter(path("killed"), admitted(), kScans).count("\"admit\"") != kScans ||
            contents(path("killed/gate.db-wal")).size() < 100'000)
            return "no log";
        rows = gate({"export", "--data", copyOf("clean")}).out;
        return rows.count('\n') == kScans ? QString() : "no rows";
    }

    QString path(const QString &name) const { return m_folder.filePath(name); }
    QString bundle() const { return path("event/practice.bundle"); }

    /// A copy to spoil.
    QString copyOf(const QString &master)
    {
        const QString data = path(QString("copy-%1").arg(++m_copies));
        copyFolder(path(master), data);
        return data;
    }

    /// The codes that were admitted, a line each.
    QByteArray admitted() const
    {
        QByteArray input;
        for (int i = 0; i < kScans; ++i)
            input += codes[i] + "\n";
        return input;
    }

    /// Runs a gate on these lines and kills it after so many answers.
    static QByteArray killedAfter(const QString &data, const QByteArray &input, int answers)
    {
        QProcess process;
        process.start(program("voelgoed-gate"), {"run", "--data", data, "--gate", "north", "--json"});
        process.write(input);
        QByteArray out;
        while (out.count('\n') < answers && process.waitForReadyRead(10'000))
            out += process.readAllStandardOutput();
        ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
        process.waitForFinished();
        return out;
    }

    QByteArrayList codes;
    QByteArray rows; ///< what `clean` exports

private:
    QTemporaryDir m_folder;
    int m_copies = 0;
};

} // namespace voelgoed::integration

Q_DECLARE_METATYPE(voelgoed::integration::Damage)
