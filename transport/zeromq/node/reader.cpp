// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/zeromq/node/reader_p.h"

#include "transport/zeromq/node/node_state_p.h"
#include "transport/zeromq/node/responses_p.h"
#include "transport/zeromq/node/thread_p.h"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

namespace millrace::zeromq {

using wire::v1::Request;

namespace {

constexpr std::uint32_t kMaxRows = 1000;
constexpr std::size_t kMaxReasonBytes = 1000;

/// The verb was checked when the request came.
std::unique_ptr<engine::StartOperation> toOperation(const Request& request)
{
    auto operation = std::make_unique<engine::StartOperation>();
    operation->actor = actorOf(request.actor());
    operation->verb = wire::readVerb(request.start_operation().verb()).value_or(message::Verb::Replay);
    operation->reason = oneLine(request.start_operation().reason(), kMaxReasonBytes);
    return operation;
}

} // namespace

base::Result<message::Sequence> toSequence(std::string_view ref)
{
    message::Sequence sequence = 0;
    const char* end = ref.data() + ref.size();
    const auto [stop, error] = std::from_chars(ref.data(), end, sequence);
    if (error == std::errc() && stop == end && sequence != 0)
        return sequence;
    return base::fail(base::ErrorCode::NotFound, "no dead letter is called \"" + oneLine(ref, 64) + "\" here");
}

Reader::Reader(store::StoreOptions options, Mailbox<ReaderAnswer>& answers)
    : m_options(std::move(options))
    , m_answers(answers)
    , m_thread([this] { run(); })
{
}

Reader::~Reader()
{
    m_stopping = true;
    m_stop.signal();
}

void Reader::run()
{
    beginThread("mr-reader");
    while (!m_stopping) {
        pollfd items[] = {{m_tasks.fd(), POLLIN, 0}, {m_stop.fd(), POLLIN, 0}};
        (void)::poll(items, 2, -1);
        for (ReaderTask& task : m_tasks.takeAll()) {
            if (m_stopping)
                break;
            if (auto* over = std::get_if<SessionOver>(&task))
                m_views.removeAll(over->token);
            else
                m_answers.push(answer(std::get<Query>(task)));
        }
    }
    m_browser.reset();
}

ReaderAnswer Reader::answer(Query& query)
{
    ReaderAnswer answer{query.peer, query.request.request(), {}, query.bytes, nullptr};
    try {
        if (base::systemNow().steady > query.deadline) {
            answer.frame = errorResponse(answer.request,
                                         {base::ErrorCode::Timeout, "the deadline passed before the node began"});
        } else if (!query.request.has_start_operation()) {
            answer.frame = frameFor(query);
        } else if (auto members = resolve(query)) {
            answer.operation = toOperation(query.request);
            answer.operation->members = std::move(*members);
        } else {
            answer.frame = errorResponse(answer.request, explain(query, std::move(members.error())));
        }
    } catch (const std::exception& error) {
        answer.frame = errorResponse(answer.request,
                                     {base::ErrorCode::Internal,
                                      std::string("the node could not answer: ") + error.what()});
    }
    return answer;
}

std::string Reader::frameFor(Query& query)
{
    const std::uint64_t number = query.request.request();
    if (query.request.has_close_dead_letters()) {
        m_views.remove(query.request.session(), query.request.close_dead_letters().id());
        return doneResponse(number);
    }
    if (query.request.has_open_dead_letters())
        return openView(query);
    if (query.request.has_dead_letter_rows())
        return rowsOf(query);

    const auto open = browser();
    if (!open)
        return errorResponse(number, open.error());
    if (query.request.has_dead_letter()) {
        const auto sequence = toSequence(query.request.dead_letter().ref());
        if (!sequence)
            return errorResponse(number, sequence.error());
        auto detail = (*open)->detail(*sequence);
        return detail ? detailResponse(number, std::move(*detail))
                      : errorResponse(number, explain(query, std::move(detail.error())));
    }
    const auto filter = wire::read(query.request.dead_letter_groups().filter());
    if (!filter)
        return errorResponse(number, filter.error());
    auto groups = (*open)->groups(*filter, progressOf(query));
    return groups ? groupsResponse(number, *groups) : errorResponse(number, explain(query, std::move(groups.error())));
}

std::string Reader::openView(const Query& query)
{
    const std::uint64_t number = query.request.request();
    const auto filter = wire::read(query.request.open_dead_letters().filter());
    if (!filter)
        return errorResponse(number, filter.error());
    const auto open = browser();
    if (!open)
        return errorResponse(number, open.error());
    auto found = (*open)->select(*filter, progressOf(query));
    if (!found)
        return errorResponse(number, explain(query, std::move(found.error())));
    const std::uint64_t total = found->size();
    const auto id = m_views.add(query.request.session(), std::move(*found));
    if (!id)
        return errorResponse(number, id.error());
    wire::v1::Response response;
    response.set_request(number);
    response.mutable_view()->set_id(*id);
    response.mutable_view()->set_total(total);
    return encodeResponse(response);
}

std::string Reader::rowsOf(const Query& query)
{
    const std::uint64_t number = query.request.request();
    const auto& in = query.request.dead_letter_rows();
    const auto* view = m_views.find(query.request.session(), in.view());
    if (view == nullptr) {
        return errorResponse(number,
                             {base::ErrorCode::NotFound,
                              "view " + std::to_string(in.view()) + " is not open: open the dead letters again"});
    }
    if (in.count() > kMaxRows)
        return errorResponse(number, {base::ErrorCode::Limit, "at most 1000 rows are given at once"});
    const auto open = browser();
    if (!open)
        return errorResponse(number, open.error());
    const std::size_t first = std::min<std::size_t>(in.first(), view->size());
    const std::size_t count = std::min<std::size_t>(in.count(), view->size() - first);
    auto rows = (*open)->rows(std::span(*view).subspan(first, count));
    return rows ? rowsResponse(number, *rows) : errorResponse(number, explain(query, std::move(rows.error())));
}

base::Result<std::vector<message::Sequence>> Reader::resolve(const Query& query)
{
    const auto selection = wire::readSelection(query.request.start_operation());
    if (!selection)
        return tl::unexpected(selection.error());
    if (const auto* view = std::get_if<message::Selection::View>(&selection->members)) {
        if (const auto* sequences = m_views.find(query.request.session(), view->id))
            return *sequences;
        return base::fail(base::ErrorCode::NotFound,
                          "view " + std::to_string(view->id) + " is not open: open the dead letters again");
    }
    const auto open = browser();
    if (!open)
        return tl::unexpected(open.error());
    if (const auto* filter = std::get_if<message::DeadLetterFilter>(&selection->members))
        return (*open)->select(*filter, progressOf(query));
    if (const auto* closed = std::get_if<message::Selection::ClosedBy>(&selection->members))
        return (*open)->closedBy(closed->id);
    std::vector<message::Sequence> sequences;
    for (const message::MessageRef& ref : std::get<std::vector<message::MessageRef>>(selection->members)) {
        const auto sequence = toSequence(ref.value);
        if (!sequence)
            return tl::unexpected(sequence.error());
        sequences.push_back(*sequence);
    }
    return sequences;
}

base::Result<store::Browser*> Reader::browser()
{
    if (!m_browser) {
        auto opened = store::Browser::open(m_options);
        if (!opened)
            return tl::unexpected(std::move(opened.error()));
        m_browser = std::move(*opened);
    }
    return m_browser.get();
}

store::Browser::Progress Reader::progressOf(const Query& query) const
{
    return [this, deadline = query.deadline](std::uint64_t, std::uint64_t) {
        return m_stopping || base::systemNow().steady > deadline;
    };
}

base::Error Reader::explain(const Query& query, base::Error error)
{
    if (error.code == base::ErrorCode::Io || error.code == base::ErrorCode::Corrupt)
        m_browser.reset();
    if (error.code == base::ErrorCode::Cancelled && !m_stopping && base::systemNow().steady > query.deadline)
        return {base::ErrorCode::Timeout, "the deadline passed while the node searched: filter more, or allow more time"};
    return error;
}

} // namespace millrace::zeromq
