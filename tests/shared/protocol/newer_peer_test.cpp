// Fields that only a newer peer knows pass through this version whole: in a list, in a journal, in a definition.
#include "device/core/replica/bundle_load.h"
#include "device/core/storage/settings.h"
#include "tests/shared/protocol/sample_messages.h"
#include "tests/support/crash_disk.h"
#include "tests/support/list_gate.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>

using namespace voelgoed;
using base::Bytes;

class NewerPeerTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsKnownIsReadAsEver()
    {
        const auto definition =
            protocol::decodeDefinition(sample::withUnknownField(protocol::encode(sample::definition())));
        QVERIFY(definition && *definition == sample::definition());
        const auto ticket = protocol::decodeTicket(sample::withUnknownField(protocol::encode(sample::ticket())));
        QVERIFY(ticket && *ticket == sample::ticket());
        const auto row = protocol::decodeRow(sample::withUnknownField(protocol::encode(sample::scanRow())));
        QVERIFY(row && *row == sample::scanRow());
    }

    void aChoiceThatOnlyTheyKnowIsSaidToBeOne()
    {
        // The state of a ticket: 5 is beyond the last one.
        Bytes ticket = protocol::encode(sample::ticket());
        const base::ByteView one(ticket);
        std::size_t changed = 0;
        for (std::size_t at = 0; at + 1 < one.size(); ++at) {
            if (one[at] != std::byte{0x40} || one[at + 1] != static_cast<std::byte>(domain::TicketState::Pending))
                continue; // field 8, a number
            Bytes newer = ticket;
            newer[at + 1] = std::byte{5};
            const auto decoded = protocol::decodeTicket(newer);
            changed += !decoded && decoded.error().code == base::ErrorCode::Unsupported;
        }
        QVERIFY(changed >= 1);
        // A change of a kind that nobody knows yet is counted, and nothing is lost of those beside it.
        Bytes page = protocol::encode({{1, protocol::TicketChange{protocol::encode(sample::ticket()), ""}}});
        const Bytes strange = sample::withUnknownField({std::byte{0x08}, std::byte{2}}); // sequence 2, and field 500
        page.push_back(std::byte{0x0A});
        page.push_back(static_cast<std::byte>(strange.size()));
        page.insert(page.end(), strange.begin(), strange.end());
        const auto changes = protocol::decodePage(page);
        QVERIFY(changes && changes->size() == 2);
        QVERIFY(std::holds_alternative<protocol::UnknownChange>((*changes)[1].what));
        QCOMPARE((*changes)[1].sequence, std::uint64_t{2});
    }

    void aListIsKeptAsItCame()
    {
        support::CrashDisk disk("newer", 1);
        support::ListGate gate(disk.name());
        const auto listed = gate.addSigned(1);
        // The newer server's bundle, made by hand: ticket and definition with a field more.
        const Bytes ticket = sample::withUnknownField(protocol::encode(listed.listed));
        protocol::Manifest manifest{.cursor = {{"practice"}, 1, 2},
                                    .madeAt = gate.opens,
                                    .signer = gate.keys.bundle.publicKey(),
                                    .definition = sample::withUnknownField(protocol::encode(gate.definition)),
                                    .tickets = 1};
        protocol::toggleDefinition(manifest.checksum, manifest.definition);
        protocol::toggleTicket(manifest.checksum, {1}, ticket);
        const Bytes chunk = protocol::packChunk({{2, protocol::TicketChange{ticket, ""}}});
        manifest.chunks = {{base::sha256(chunk), static_cast<std::uint32_t>(chunk.size()), 1}};
        const QTemporaryDir folder;
        const std::string path = folder.filePath("bundle").toStdString();
        Bytes length;
        base::putBigEndian(length, static_cast<std::uint32_t>(chunk.size()));
        std::ofstream(path, std::ios::binary) << base::textOf(protocol::encodeBundleHead(manifest, gate.keys.bundle))
                                              << base::textOf(length) << base::textOf(chunk);
        {
            auto engine = gate.start();
            QVERIFY(engine && support::loadBundle(**engine, path));
        }
        auto engine = gate.start(); // which verifies the whole list against its checksum
        QVERIFY(engine);
        const auto &head = (*engine)->vault().replica().head();
        QVERIFY(head && head->definition == manifest.definition && head->checksum == manifest.checksum);
        auto stored = (*engine)->vault().database().prepare("SELECT body FROM ticket_a WHERE ordinal = 1");
        QVERIFY(stored && *stored->step());
        QCOMPARE(base::toHex(stored->bytes(0)), base::toHex(ticket));
        stored->reset();
        QCOMPARE(support::present(**engine, listed.code).reason, domain::Reason::Ok);
    }

    void aRowIsKeptAsItCame()
    {
        support::CrashDisk disk("newer", 1);
        auto database = storage::Database::open({.path = "gate.db", .vfs = disk.name()});
        QVERIFY(database && storage::makeSettings(**database));
        auto row = sample::scanRow();
        row.key.sequence = {1};
        row.previous = {};
        auto journal = journal::Journal::open(**database, row.key.device);
        QVERIFY(journal);
        const Bytes bytes = sample::withUnknownField(protocol::encode(row));
        const auto stored = journal::storedRow(bytes);
        QVERIFY(stored && journal->append({*stored}, {}));
        const auto again = journal->find({1});
        QVERIFY(again && *again);
        QCOMPARE(base::toHex((*again)->bytes), base::toHex(bytes));
        QVERIFY((*again)->hash == protocol::hashOf(bytes));
        QVERIFY(journal->verify());
    }
};

QTEST_APPLESS_MAIN(NewerPeerTest)
#include "newer_peer_test.moc"
