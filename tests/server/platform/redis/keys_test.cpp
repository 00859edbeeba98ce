#include "server/platform/redis/keys.h"
#include "server/platform/redis/slot.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using namespace std::chrono_literals;
using redis::Key;
using redis::KeyType;
using redis::Tag;

namespace {

const base::Uuid kOrganization = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01");
const base::Uuid kEvent = *base::uuidFrom("018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c02");

constexpr Key kClaims{"vg:{org.event}:scan:claims:{checkpoint}", KeyType::Hash, {}, "passages"};
constexpr Key kSession{"vg:{sys}:sess:{hash}", KeyType::Hash, 15min, "the sessions' table"};
constexpr Key kRoles{"vg:{org}:rbac:{user}", KeyType::Hash, 300s, "the memberships' table"};

redis::KeyRegistry registry()
{
    redis::KeyRegistry made;
    for (const Key &key : {kClaims, kSession, kRoles})
        made.add(key);
    return made;
}

} // namespace

class KeysTest : public QObject
{
    Q_OBJECT

private slots:
    void aKeyIsMadeOfItsPattern()
    {
        QCOMPARE(
            kClaims.of(Tag::event(kOrganization, kEvent), {"main"}),
            std::string(
                "vg:{018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01.018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c02}:scan:claims:main"));
        QCOMPARE(kRoles.of(Tag::organization(kOrganization), {"u"}),
                 std::string("vg:{018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01}:rbac:u"));
        QCOMPARE(kSession.of(Tag::system(), {"0f"}), std::string("vg:{sys}:sess:0f"));
    }

    void keysOfOneEventShareASlot()
    {
        const Tag tag = Tag::event(kOrganization, kEvent);
        QCOMPARE(redis::slotOf(kClaims.of(tag, {"a"})), redis::slotOf(kClaims.of(tag, {"b"})));
    }

    void noValueMakesAnotherKeyOrAnotherTag()
    {
        const auto made = registry();
        for (const char *value : {"a:b", "{x}", "}", "*", " ", "\n", "é", "::1", "%", "a%3ab"}) {
            const std::string key = kSession.of(Tag::system(), {value});
            QCOMPARE(std::count(key.begin(), key.end(), '{'), 1);
            QCOMPARE(std::count(key.begin(), key.end(), ':'), 3);
            QCOMPARE(made.find(key)->pattern, kSession.pattern);
        }
        QVERIFY(kSession.of(Tag::system(), {"a:b"}) != kSession.of(Tag::system(), {"a%3ab"}));
    }

    void aKeyOfTheRegistryIsFound()
    {
        const auto made = registry();
        QCOMPARE(made.find(kClaims.of(Tag::event(kOrganization, kEvent), {"main"}))->pattern, kClaims.pattern);
        for (const char *other : {"", "x", "vg:{sys}:sess", "vg:{sys}:sess:", "vg:{sys}:sess:a:b", "vg:{sys}:other:a",
                                  "vg:{org}:rbac:u", "vg:{018f3c52-7b1e-7cc0-9d3a-2f1f5b7a9c01}:sess:a",
                                  "vg:{018f3c52}:rbac:u", "xg:{sys}:sess:a", "vg:{sys}:sess:a b"})
            QVERIFY2(!made.find(other), other);
    }

    void whatIsWrongWithAKeyIsSaid()
    {
        const auto made = registry();
        const std::string key = kSession.of(Tag::system(), {"a"});
        QVERIFY(!made.complaint({key, "hash", 10min}));
        QVERIFY(made.complaint({key, "string", 10min})->find("should be a hash") != std::string::npos);
        QVERIFY(made.complaint({key, "hash", {}})->find("no term") != std::string::npos);
        QVERIFY(made.complaint({key, "hash", 16min})->find("longer") != std::string::npos);
        QVERIFY(made.complaint({"vg:{sys}:stray", "string", 1s})->find("no entry") != std::string::npos);
        QVERIFY(made.complaint({"vg:sys:sess:a", "hash", 1s})->find("exactly one") != std::string::npos);
        QVERIFY(made.complaint({key + "{x}", "hash", 1s})->find("exactly one") != std::string::npos);
        const std::string claims = kClaims.of(Tag::event(kOrganization, kEvent), {"main"});
        QVERIFY(!made.complaint({claims, "hash", {}}));
    }
};

QTEST_APPLESS_MAIN(KeysTest)
#include "keys_test.moc"
