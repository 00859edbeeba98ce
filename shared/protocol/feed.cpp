#include "shared/protocol/feed.h"

#include "shared/protocol/feed.pb.h"
#include "shared/protocol/feed_message.h"
#include "shared/protocol/wire.h"

namespace voelgoed::protocol {

namespace {

struct PutChange
{
    wire::Change &out;

    void operator()(const UnknownChange &) const
    {
        base::ensure(false, "an unknown change is passed on as bytes, not encoded");
    }
    void operator()(const DefinitionChange &change) const { out.set_definition(bytesField(change.definition)); }
    void operator()(const TicketChange &change) const
    {
        out.mutable_ticket()->set_ticket(bytesField(change.ticket));
        out.mutable_ticket()->set_holder(change.holder);
    }
    void operator()(const RowChange &change) const { out.set_row(bytesField(change.row)); }
    void operator()(const PassageChange &change) const { out.set_passage(bytesField(change.passage)); }
};

} // namespace

Change changeOf(const wire::Change &in)
{
    Change change{.sequence = in.sequence(), .what = {}};
    switch (in.what_case()) {
    case wire::Change::kDefinition:
        change.what = DefinitionChange{bytesFrom(in.definition())};
        break;
    case wire::Change::kTicket:
        change.what = TicketChange{bytesFrom(in.ticket().ticket()), in.ticket().holder()};
        break;
    case wire::Change::kRow:
        change.what = RowChange{bytesFrom(in.row())};
        break;
    case wire::Change::kPassage:
        change.what = PassageChange{bytesFrom(in.passage())};
        break;
    case wire::Change::WHAT_NOT_SET:
        break;
    }
    return change;
}

void putPage(const std::vector<Change> &page, wire::FeedPage &out)
{
    base::ensure(page.size() <= kPageMax, "a feed page that is too long");
    for (const Change &change : page) {
        wire::Change *added = out.add_changes();
        added->set_sequence(change.sequence);
        std::visit(PutChange{*added}, change.what);
    }
}

base::Result<std::vector<Change>> pageOf(const wire::FeedPage &in)
{
    if (static_cast<std::size_t>(in.changes_size()) > kPageMax)
        return base::invalid("feed page: more than " + std::to_string(kPageMax) + " changes");
    std::vector<Change> page;
    page.reserve(static_cast<std::size_t>(in.changes_size()));
    for (const wire::Change &change : in.changes())
        page.push_back(changeOf(change));
    return page;
}

base::Bytes encode(const std::vector<Change> &page)
{
    wire::FeedPage out;
    putPage(page, out);
    return serialised(out);
}

base::Result<std::vector<Change>> decodePage(base::ByteView bytes)
{
    const auto in = parsed<wire::FeedPage>(bytes, "feed page");
    if (!in)
        return in.error();
    return pageOf(*in);
}

} // namespace voelgoed::protocol
