#pragma once

#include <QByteArray>
#include <QFile>
#include <QString>

#include <fcntl.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <utility>

namespace voelgoed::integration {

/// A serial scanner without the scanner. Pulled out when it goes.
class PseudoTerminal
{
public:
    PseudoTerminal()
    {
        char name[128] = {};
        if (::openpty(&m_scanner, &m_line, name, nullptr, nullptr) != 0)
            return;
        m_name = QString::fromLatin1(name);
        for (const int end : {m_scanner, m_line}) // a gate that inherits them never sees it go
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    ~PseudoTerminal() { pullOut(); }
    PseudoTerminal(const PseudoTerminal &) = delete;
    PseudoTerminal &operator=(const PseudoTerminal &) = delete;

    /// Empty when the machine gave none.
    const QString &name() const { return m_name; }
    bool send(const QByteArray &bytes)
    {
        return ::write(m_scanner, bytes.constData(), static_cast<std::size_t>(bytes.size())) == bytes.size();
    }
    termios settings() const
    {
        termios read{};
        ::tcgetattr(m_line, &read);
        return read;
    }
    /// Whether a reader has switched off what terminals do to bytes, which a new one does.
    bool isRaw() const { return (settings().c_lflag & (ICANON | ECHO)) == 0; }
    void pullOut()
    {
        for (int *end : {&m_scanner, &m_line}) {
            if (const int descriptor = std::exchange(*end, -1); descriptor >= 0)
                ::close(descriptor);
        }
    }

private:
    int m_scanner = -1;
    int m_line = -1;
    QString m_name;
};

} // namespace voelgoed::integration
