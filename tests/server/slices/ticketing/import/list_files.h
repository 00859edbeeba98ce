#pragma once

#include "server/slices/ticketing/import/read.h"
#include "server/slices/ticketing/import/utf8.h"
#include "tests/support/places.h"

#include <QtCore/QFile>

#include <map>

/// Guest lists in tests/data/imports, and the same list spelled in other ways.
namespace voelgoed::ticketing::import {

inline std::string listFile(const std::string &name)
{
    QFile file(QString::fromStdString(std::string(test::sourceFolder()) + "/tests/data/imports/" + name));
    base::ensure(file.open(QIODevice::ReadOnly), "a file of tests/data/imports");
    return file.readAll().toStdString();
}

/// Every LF becomes the given line end; with several they take turns.
inline std::string withLineEnds(std::string_view text, const std::vector<std::string> &ends)
{
    std::string result;
    std::size_t next = 0;
    for (const char c : text) {
        if (c == '\n')
            result += ends[next++ % ends.size()];
        else
            result += c;
    }
    return result;
}

inline std::string asUtf16(std::string_view text, Encoding encoding)
{
    std::string result;
    const auto unit = [&](std::uint32_t value) {
        const char high = static_cast<char>(value >> 8);
        const char low = static_cast<char>(value & 0xFF);
        result += encoding == Encoding::Utf16Le ? low : high;
        result += encoding == Encoding::Utf16Le ? high : low;
    };
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        base::ensure(point.length > 0, "the test's text is UTF-8");
        if (point.value >= 0x10000) {
            unit(0xD800 + ((point.value - 0x10000) >> 10));
            unit(0xDC00 + ((point.value - 0x10000) & 0x3FF));
        } else {
            unit(point.value);
        }
        at += point.length;
    }
    return result;
}

/// Latin-1's characters, the dash and the euro.
inline std::string asWindows1252(std::string_view text)
{
    static const std::map<std::uint32_t, char> kOthers{{0x2013, '\x96'}, {0x20AC, '\x80'}, {0x0160, '\x8A'}};
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        const auto other = kOthers.find(point.value);
        base::ensure(point.value < 0x100 || other != kOthers.end(), "a character that the test can spell");
        result += other == kOthers.end() ? static_cast<char>(point.value) : other->second;
        at += point.length;
    }
    return result;
}

inline const char *stateWord(domain::TicketState state)
{
    switch (state) {
    case domain::TicketState::Valid:
        return "valid";
    case domain::TicketState::Pending:
        return "pending";
    case domain::TicketState::Unapproved:
        return "unapproved";
    case domain::TicketState::Cancelled:
        return "cancelled";
    case domain::TicketState::Revoked:
        return "revoked";
    }
    return "";
}

/// "2|CODE|Guest 1|guest1@example.org|Adult|valid|seat|1|order|checked in".
inline QString textOf(const Guest &guest)
{
    std::string text = std::to_string(guest.line);
    for (const std::string &part :
         {guest.code, guest.holder, guest.email, guest.type, std::string(stateWord(guest.state)), guest.seat,
          std::to_string(guest.admits), guest.order, guest.checkedIn})
        text += "|" + part;
    return QString::fromStdString(text);
}

inline QStringList textsOf(const std::vector<Guest> &guests)
{
    QStringList texts;
    for (const Guest &guest : guests)
        texts += textOf(guest);
    return texts;
}

/// "line 3, column 2: no_code", in order of lines.
inline QStringList textsOf(const Findings &findings)
{
    QStringList texts;
    for (const Finding &finding : findings.all())
        texts += QString::fromStdString(textOf(finding.place) + ": " + std::string(wordOf(finding.kind)));
    return texts;
}

inline QString problemOf(const base::Error &error)
{
    return QString::fromStdString(error.message);
}

} // namespace voelgoed::ticketing::import
