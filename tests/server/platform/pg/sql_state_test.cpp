#include "server/platform/pg/sql_state.h"

#include <QtTest/QtTest>

using namespace voelgoed;
using base::ErrorCode;
using pg::SqlState;

namespace {

pg::Report report(std::string_view sqlState, std::string_view primary = "words", std::string_view constraint = {})
{
    return {.sqlState = sqlState,
            .primary = primary,
            .schema = "events",
            .table = "gates",
            .column = {},
            .constraint = constraint};
}

} // namespace

Q_DECLARE_METATYPE(ErrorCode)

class SqlStateTest : public QObject
{
    Q_OBJECT

private slots:
    void eachStateHasItsKind_data()
    {
        QTest::addColumn<QString>("state");
        QTest::addColumn<ErrorCode>("code");
        const auto row = [](const char *name, const char *state, ErrorCode code) {
            QTest::newRow(name) << state << code;
        };
        row("unique", "23505", ErrorCode::Conflict);
        row("exclusion", "23P01", ErrorCode::Conflict);
        row("check", "23514", ErrorCode::Invalid);
        row("some other constraint", "23001", ErrorCode::Invalid);
        row("division by zero", "22012", ErrorCode::Invalid);
        row("serialization", "40001", ErrorCode::Unavailable);
        row("deadlock", "40P01", ErrorCode::Unavailable);
        row("cancelled", "57014", ErrorCode::Timeout);
        row("shut down", "57P01", ErrorCode::Unavailable);
        row("starting", "57P03", ErrorCode::Unavailable);
        row("connection", "08006", ErrorCode::Unavailable);
        row("full", "53300", ErrorCode::Unavailable);
        row("privilege", "42501", ErrorCode::Internal);
        row("no such table", "42P01", ErrorCode::Internal);
        row("something new", "ZZZZZ", ErrorCode::Internal);
    }
    void eachStateHasItsKind()
    {
        QFETCH(QString, state);
        QFETCH(ErrorCode, code);
        QCOMPARE(pg::codeOf(state.toStdString()), code);
        const auto error = pg::errorOf(report(state.toStdString())).at("some place");
        QCOMPARE(SqlState::of(error)->code, state.toStdString());
    }

    void aConstraintIsReadBackFromTheMessage()
    {
        const auto error = pg::errorOf(report("23505", "", "gates_code")).at("events.create_gate");
        QCOMPARE(SqlState::of(error), (SqlState{"23505", "gates_code"}));
        QVERIFY(SqlState::isUniqueViolation(error));
        QVERIFY(SqlState::isUniqueViolation(error, "gates_code"));
        QVERIFY(!SqlState::isUniqueViolation(error, "gates_name"));
        QVERIFY(!SqlState::isExclusionViolation(error));
        QVERIFY(SqlState::isExclusionViolation(pg::errorOf(report("23P01", "", "x")), "x"));
    }

    void whatMayBeTriedAgainIsTold()
    {
        QVERIFY(SqlState::isCollision(pg::errorOf(report("40001"))));
        QVERIFY(SqlState::isCollision(pg::errorOf(report("40P01"))));
        QVERIFY(!SqlState::isCollision(pg::errorOf(report("23505"))));
        QVERIFY(SqlState::isOutcomeUnknown(pg::outcomeUnknown("it broke")));
        QVERIFY(!SqlState::isOutcomeUnknown(pg::connectionError("it broke")));
    }

    void whatARowHoldsIsNotRepeated()
    {
        for (const char *state : {"22P02", "23505", "23502", "22001"}) {
            const auto error = pg::errorOf(report(state, "invalid input: \"somebody's address\""));
            QVERIFY(error.message.find("somebody") == std::string::npos);
        }
    }

    void wordsThatLookLikeAStateDeceiveNobody()
    {
        const auto error = pg::errorOf(report("42601", "near \" (SQLSTATE 23505, constraint x)\""));
        QCOMPARE(SqlState::of(error)->code, std::string("42601"));
    }

    void otherErrorsHaveNone_data()
    {
        QTest::addColumn<QString>("message");
        for (const char *message : {"", "(", " (SQLSTATE ", " (SQLSTATE )", " (SQLSTATE 2350)", "no such ticket"})
            QTest::newRow(message) << message;
    }
    void otherErrorsHaveNone()
    {
        QFETCH(QString, message);
        QVERIFY(!SqlState::of({ErrorCode::Internal, message.toStdString(), {}}));
    }
};

QTEST_APPLESS_MAIN(SqlStateTest)
#include "sql_state_test.moc"
