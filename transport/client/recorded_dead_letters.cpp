// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0
#include "transport/client/recorded_dead_letters_p.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace millrace::client {

namespace {

constexpr std::uint32_t kMaxRows = 1000;
constexpr std::size_t kMaxGroups = 1000;
/// Ids of operations of its own begin above those that a recording may hold.
constexpr message::OperationId kFirstOperation = 1'000'000;

std::string toLowerAscii(std::string_view text)
{
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lower;
}

std::vector<std::string> words(std::string_view text)
{
    std::vector<std::string> found;
    std::string word;
    for (const char c : text) {
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            word.push_back(c);
        } else if (!word.empty()) {
            found.push_back(toLowerAscii(std::exchange(word, {})));
        }
    }
    if (!word.empty())
        found.push_back(toLowerAscii(word));
    return found;
}

bool matchesText(const message::DeadLetterDetail& letter, const std::vector<std::string>& wanted)
{
    if (wanted.empty())
        return true;
    const message::DeadLetterRow& row = letter.row;
    const std::array<std::string, 8> fields{
        toLowerAscii(row.id), toLowerAscii(row.type), toLowerAscii(row.source),
        toLowerAscii(row.correlationId), toLowerAscii(row.worker), toLowerAscii(row.errorClass),
        toLowerAscii(letter.errorText), toLowerAscii(letter.body)};
    return std::ranges::all_of(wanted, [&fields](const std::string& word) {
        return std::ranges::any_of(fields, [&word](const std::string& field) {
            return field.find(word) != std::string::npos;
        });
    });
}

template<typename T>
bool isAnyOf(const T& value, const std::vector<T>& allowed)
{
    return allowed.empty() || std::ranges::find(allowed, value) != allowed.end();
}

bool matches(const message::DeadLetterDetail& letter,
             const message::DeadLetterFilter& filter,
             const std::vector<std::string>& wanted)
{
    const message::DeadLetterRow& row = letter.row;
    const bool stateFits = filter.states.empty() ? row.state == message::State::Dead
                                                 : isAnyOf(row.state, filter.states);
    return stateFits && isAnyOf(row.queue, filter.queues) && isAnyOf(row.reason, filter.reasons)
        && (filter.fingerprint == 0 || filter.fingerprint == row.fingerprint)
        && row.diedAtUs >= filter.diedFromUs
        && (filter.diedUntilUs == 0 || row.diedAtUs < filter.diedUntilUs)
        && matchesText(letter, wanted);
}

bool isFit(message::State state, message::Verb verb)
{
    if (verb == message::Verb::Restore)
        return state == message::State::Discarded || state == message::State::Archived;
    return state == message::State::Dead;
}

} // namespace

RecordedDeadLetters::RecordedDeadLetters(std::vector<message::DeadLetterDetail> newestFirst)
    : m_letters(std::move(newestFirst))
    , m_closedBy(m_letters.size(), 0)
    , m_lastOperation(kFirstOperation)
{
    for (Index index = 0; index < m_letters.size(); ++index)
        m_byRef.emplace(m_letters[index].row.ref.value, index);
}

std::vector<RecordedDeadLetters::Index>
RecordedDeadLetters::select(const message::DeadLetterFilter& filter) const
{
    const auto wanted = words(filter.text);
    std::vector<Index> selected;
    for (Index index = 0; index < m_letters.size(); ++index) {
        if (matches(m_letters[index], filter, wanted))
            selected.push_back(index);
    }
    return selected;
}

DeadLetterView RecordedDeadLetters::openView(const message::DeadLetterFilter& filter)
{
    auto selected = select(filter);
    const DeadLetterView view{++m_lastView, selected.size()};
    m_views.emplace(view.id, std::move(selected));
    return view;
}

base::Result<std::vector<message::DeadLetterRow>>
RecordedDeadLetters::rows(message::ViewId view, std::uint64_t first, std::uint32_t count) const
{
    if (count > kMaxRows) {
        return base::fail(base::ErrorCode::Limit,
                          "at most 1000 rows at once: ask for " + std::to_string(count) + " in parts");
    }
    const auto found = m_views.find(view);
    if (found == m_views.end()) {
        return base::fail(base::ErrorCode::NotFound,
                          "view " + std::to_string(view) + " is closed: open it again");
    }
    std::vector<message::DeadLetterRow> rows;
    for (auto position = first; position < found->second.size() && rows.size() < count; ++position)
        rows.push_back(m_letters[found->second[position]].row);
    return rows;
}

base::Result<message::DeadLetterDetail>
RecordedDeadLetters::detail(const message::MessageRef& ref) const
{
    const auto found = m_byRef.find(ref.value);
    if (found == m_byRef.end())
        return base::fail(base::ErrorCode::NotFound, "there is no dead letter " + ref.value);
    return m_letters[found->second];
}

std::vector<message::DeadLetterGroup>
RecordedDeadLetters::groups(const message::DeadLetterFilter& filter) const
{
    message::DeadLetterFilter all = filter;
    all.fingerprint = 0;
    std::map<std::uint64_t, message::DeadLetterGroup> byFingerprint;
    for (const Index index : select(all)) {
        const message::DeadLetterDetail& letter = m_letters[index];
        message::DeadLetterGroup& group = byFingerprint[letter.row.fingerprint];
        if (group.count == 0) {
            group.fingerprint = letter.row.fingerprint;
            group.reason = letter.row.reason;
            group.errorClass = letter.row.errorClass;
            group.text = message::fingerprintText({letter.row.errorClass, letter.errorText});
            group.firstDiedAtUs = group.lastDiedAtUs = letter.row.diedAtUs;
        }
        ++group.count;
        group.firstDiedAtUs = std::min(group.firstDiedAtUs, letter.row.diedAtUs);
        group.lastDiedAtUs = std::max(group.lastDiedAtUs, letter.row.diedAtUs);
        if (std::ranges::find(group.queues, letter.row.queue) == group.queues.end())
            group.queues.push_back(letter.row.queue);
    }
    std::vector<message::DeadLetterGroup> groups;
    for (auto& [fingerprint, group] : byFingerprint) {
        std::ranges::sort(group.queues);
        groups.push_back(std::move(group));
    }
    std::ranges::stable_sort(groups, std::greater<>(), &message::DeadLetterGroup::count);
    if (groups.size() > kMaxGroups)
        groups.resize(kMaxGroups);
    return groups;
}

base::Result<std::vector<RecordedDeadLetters::Index>>
RecordedDeadLetters::freeze(const message::Selection& selection) const
{
    if (const auto* refs = std::get_if<std::vector<message::MessageRef>>(&selection.members)) {
        std::vector<Index> members;
        for (const message::MessageRef& ref : *refs) {
            const auto found = m_byRef.find(ref.value);
            members.push_back(found == m_byRef.end() ? kNoIndex : found->second);
        }
        return members;
    }
    if (const auto* view = std::get_if<message::Selection::View>(&selection.members)) {
        const auto found = m_views.find(view->id);
        if (found == m_views.end()) {
            return base::fail(base::ErrorCode::NotFound,
                              "view " + std::to_string(view->id) + " is closed: open it again");
        }
        return found->second;
    }
    if (const auto* filter = std::get_if<message::DeadLetterFilter>(&selection.members))
        return select(*filter);

    const auto closing = std::get<message::Selection::ClosedBy>(selection.members).id;
    if (!m_operations.contains(closing)) {
        return base::fail(base::ErrorCode::NotFound,
                          "there is no operation " + std::to_string(closing));
    }
    std::vector<Index> members;
    for (Index index = 0; index < m_closedBy.size(); ++index) {
        if (m_closedBy[index] == closing)
            members.push_back(index);
    }
    return members;
}

base::Result<message::OperationStatus> RecordedDeadLetters::start(message::Verb verb,
                                                                  const message::Selection& selection,
                                                                  std::string reason,
                                                                  std::int64_t nowUs)
{
    auto members = freeze(selection);
    if (!members)
        return tl::unexpected(members.error());
    Operation operation;
    operation.status.id = ++m_lastOperation;
    operation.status.verb = verb;
    operation.status.actor = "recording";
    operation.status.reason = std::move(reason);
    operation.status.total = members->size();
    operation.status.startedAtUs = nowUs;
    if (members->empty()) {
        operation.status.state = message::OperationState::Done;
        operation.status.endedAtUs = nowUs;
    }
    operation.members = std::move(*members);
    const message::OperationStatus status = operation.status;
    m_operations.emplace(status.id, std::move(operation));
    return status;
}

base::Result<message::OperationStatus> RecordedDeadLetters::cancel(message::OperationId id,
                                                                   std::int64_t nowUs)
{
    const auto found = m_operations.find(id);
    if (found == m_operations.end())
        return base::fail(base::ErrorCode::NotFound, "there is no operation " + std::to_string(id));
    message::OperationStatus& status = found->second.status;
    if (status.state == message::OperationState::Running) {
        status.state = message::OperationState::Cancelled;
        status.endedAtUs = nowUs;
    }
    return status;
}

base::Result<message::OperationStatus> RecordedDeadLetters::operation(message::OperationId id) const
{
    const auto found = m_operations.find(id);
    if (found == m_operations.end())
        return base::fail(base::ErrorCode::NotFound, "there is no operation " + std::to_string(id));
    return found->second.status;
}

bool RecordedDeadLetters::move(Index index,
                               const message::OperationStatus& status,
                               std::int64_t nowUs)
{
    if (index == kNoIndex || !isFit(m_letters[index].row.state, status.verb))
        return false;
    message::DeadLetterDetail& letter = m_letters[index];
    Change& change = m_changes[letter.row.queue];
    if (status.verb == message::Verb::Restore) {
        letter.row.state = message::State::Dead;
        letter.closedAtUs = 0;
        letter.closedBy.clear();
        m_closedBy[index] = 0;
        ++change.dead;
        return true;
    }
    letter.closedAtUs = nowUs;
    letter.closedBy = status.actor;
    m_closedBy[index] = status.id;
    --change.dead;
    if (status.verb == message::Verb::Discard || status.verb == message::Verb::Archive) {
        letter.row.state
            = status.verb == message::Verb::Discard ? message::State::Discarded : message::State::Archived;
        return true;
    }
    letter.row.state = message::State::Replayed;
    letter.replayedAs.value = "replay-" + std::to_string(++m_lastReplay);
    ++change.replayed;
    return true;
}

std::vector<message::OperationStatus> RecordedDeadLetters::advance(std::size_t members,
                                                                   std::int64_t nowUs)
{
    std::vector<message::OperationStatus> advanced;
    for (auto& [id, operation] : m_operations) {
        if (operation.status.state != message::OperationState::Running)
            continue;
        const auto end = std::min(operation.members.size(), operation.next + members);
        for (; operation.next < end; ++operation.next) {
            if (move(operation.members[operation.next], operation.status, nowUs))
                ++operation.status.moved;
            else
                ++operation.status.skipped;
        }
        if (operation.next == operation.members.size()) {
            operation.status.state = message::OperationState::Done;
            operation.status.endedAtUs = nowUs;
        }
        advanced.push_back(operation.status);
    }
    return advanced;
}

bool RecordedDeadLetters::isRunning() const
{
    return std::ranges::any_of(m_operations, [](const auto& entry) {
        return entry.second.status.state == message::OperationState::Running;
    });
}

std::vector<message::OperationStatus> RecordedDeadLetters::operations() const
{
    std::vector<message::OperationStatus> newestFirst;
    for (auto entry = m_operations.rbegin(); entry != m_operations.rend(); ++entry)
        newestFirst.push_back(entry->second.status);
    return newestFirst;
}

} // namespace millrace::client
