#include "server/platform/access/policy.h"
#include "tests/support/places.h"

#include <QFile>
#include <QtTest/QtTest>

using namespace voelgoed;
using access::Actor;
using access::ActorKind;
using access::Grant;
using access::Permission;
using access::Policy;

namespace {

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

/// The whole table as the golden file has it: a line a permission.
QString table()
{
    QString lines = "# permission | owner | admin | staff | viewer | scanner_only | device | api_key | super_admin\n";
    for (const Permission permission : access::allPermissions()) {
        QStringList cells{text(access::word(permission))};
        for (const access::Role role : access::allRoles())
            cells << text(access::word(access::grantOf(role, permission)));
        cells << text(access::word(access::grantOfDevice(permission)));
        cells << (access::isForKeys(permission) ? "by_scope" : "no");
        cells << text(access::word(access::grantOfSuperAdmin(permission)));
        lines += cells.join(" | ") + "\n";
    }
    return lines;
}

Actor userOf(access::Role role)
{
    Actor actor;
    actor.kind = ActorKind::User;
    actor.organization = base::Uuid{std::byte{1}};
    actor.role = role;
    return actor;
}

} // namespace

class PermissionsTest : public QObject
{
    Q_OBJECT

private slots:
    void theTableIsTheGoldenOne()
    {
        QFile file(QString(test::sourceFolder()) + "/tests/data/permissions.golden");
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName()));
        QCOMPARE(table(), QString::fromUtf8(file.readAll()));
    }

    void whoIsNotSignedInMayDoNothingThatNeedsAPermission()
    {
        for (const Permission permission : access::allPermissions())
            QCOMPARE(access::check(Policy::may(permission), Actor::nobody()), Grant::No);
        QCOMPARE(access::check(Policy::anyone(), Actor::nobody()), Grant::Yes);
        QCOMPARE(access::check(Policy::signedIn(), Actor::nobody()), Grant::No);
        QCOMPARE(access::check(Policy::device(), Actor::nobody()), Grant::No);
        QCOMPARE(access::check(Policy::system(), Actor::nobody()), Grant::No);
    }

    void withoutAnOrganizationNothingOfOneIsAllowed()
    {
        for (const access::Role role : access::allRoles()) {
            Actor actor = userOf(role);
            actor.organization.reset();
            for (const Permission permission : access::allPermissions())
                QCOMPARE(access::check(Policy::may(permission), actor), Grant::No);
        }
    }

    void staffPublishesOnlyWhenItWasGrantedByName()
    {
        Actor staff = userOf(access::Role::Staff);
        QCOMPARE(access::check(Policy::may(Permission::PublishEvents), staff), Grant::No);
        staff.grants.insert(Permission::PublishEvents);
        QCOMPARE(access::check(Policy::may(Permission::PublishEvents), staff), Grant::Yes);
    }

    void aSuperAdminMovesMoneyAndEventsOnlyWithAReason()
    {
        Actor admin;
        admin.kind = ActorKind::SuperAdmin;
        admin.organization = base::Uuid{std::byte{1}};
        for (const Permission permission : {Permission::MoveMoney, Permission::MoveEvents}) {
            admin.reason.clear();
            QCOMPARE(access::check(Policy::may(permission), admin), Grant::No);
            admin.reason = "the organizer asked for it";
            QCOMPARE(access::check(Policy::may(permission), admin), Grant::Yes);
        }
        QCOMPARE(access::check(Policy::may(Permission::Scan), admin), Grant::No);
    }

    void aKeyDoesWhatItsScopesSayAndNeverFinance()
    {
        Actor key;
        key.kind = ActorKind::ApiKey;
        key.organization = base::Uuid{std::byte{1}};
        for (const Permission permission : access::allPermissions()) {
            key.scopes.clear();
            QCOMPARE(access::check(Policy::may(permission), key), Grant::No);
            key.scopes.insert(permission);
            QCOMPARE(access::check(Policy::may(permission), key) == Grant::Yes, access::isForKeys(permission));
        }
        QVERIFY(!access::isForKeys(Permission::MoveMoney));
        QVERIFY(!access::isForKeys(Permission::ReadLedger));
        QVERIFY(!access::isForKeys(Permission::ManageApiKeys));
    }

    void aRevokedDeviceIsNoneButWhereThatIsMeant()
    {
        Actor device;
        device.kind = ActorKind::Device;
        device.organization = base::Uuid{std::byte{1}};
        device.device = access::DevicePost{};
        QCOMPARE(access::check(Policy::device(), device), Grant::Own);
        QCOMPARE(access::check(Policy::may(Permission::Scan), device), Grant::Own);
        device.device->isRevoked = true;
        QCOMPARE(access::check(Policy::device(), device), Grant::No);
        QCOMPARE(access::check(Policy::may(Permission::Scan), device), Grant::No);
        QCOMPARE(access::check(Policy::deviceEvenRevoked(), device), Grant::Own);
    }

    void wordsReadBackToWhatTheyAre()
    {
        for (const Permission permission : access::allPermissions())
            QCOMPARE(access::permissionFrom(access::word(permission)), std::optional(permission));
        for (const access::Role role : access::allRoles())
            QCOMPARE(access::roleFrom(access::word(role)), std::optional(role));
        QVERIFY(!access::roleFrom("root"));
        QVERIFY(!access::permissionFrom(""));
    }
};

QTEST_APPLESS_MAIN(PermissionsTest)
#include "permissions_test.moc"
