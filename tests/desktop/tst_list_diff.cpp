// SPDX-FileCopyrightText: 2026 The Millrace authors
// SPDX-License-Identifier: Apache-2.0

#include "app/desktop/models/list_diff.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace millrace::desktop;
using Keys = std::vector<std::string>;
using Ranges = std::vector<ListDiff::Range>;

namespace {

/// What a model does with a diff: removals first, then insertions.
Keys applied(Keys list, const Keys& after, const ListDiff& diff)
{
    for (const ListDiff::Range& range : diff.removals)
        list.erase(list.begin() + range.first, list.begin() + range.first + range.count);
    for (const ListDiff::Range& range : diff.insertions)
        list.insert(list.begin() + range.first, after.begin() + range.first, after.begin() + range.first + range.count);
    return list;
}

} // namespace

class TstListDiff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sameListsNeedNothing()
    {
        const Keys list{"a", "b", "c"};
        const ListDiff diff = diffLists(list, list);
        QVERIFY(diff.isIdentity());
        QCOMPARE(diff.kept.size(), std::size_t{3});
    }

    void neighboursShareOneBatch()
    {
        const ListDiff diff = diffLists({"a", "b", "c", "d"}, {"a", "d", "x", "y"});
        QVERIFY(diff.removals == (Ranges{{1, 2}}));
        QVERIFY(diff.insertions == (Ranges{{2, 2}}));
        QVERIFY(diff.kept == (std::vector<ListDiff::Kept>{{0, 0}, {3, 1}}));
    }

    void removalsRunFromTheEnd()
    {
        const ListDiff diff = diffLists({"a", "b", "c", "d", "e"}, {"b", "d"});
        QVERIFY(diff.removals == (Ranges{{4, 1}, {2, 1}, {0, 1}}));
        QVERIFY(diff.insertions.empty());
    }

    void rowThatMovedIsRemovedAndInserted()
    {
        const Keys before{"a", "b", "c", "d"};
        const Keys after{"d", "a", "b", "c"};
        const ListDiff diff = diffLists(before, after);
        QVERIFY(diff.removals == (Ranges{{3, 1}}));
        QVERIFY(diff.insertions == (Ranges{{0, 1}}));
        QVERIFY(applied(before, after, diff) == after);
    }

    void fromAndToNothing()
    {
        QVERIFY(diffLists({}, {"a", "b"}).insertions == (Ranges{{0, 2}}));
        QVERIFY(diffLists({"a", "b"}, {}).removals == (Ranges{{0, 2}}));
        QVERIFY(diffLists({}, {}).isIdentity());
    }

    void anyListBecomesAnyOther()
    {
        std::mt19937 random(4711);
        for (int round = 0; round < 2000; ++round) {
            const auto draw = [&] {
                Keys list;
                for (int key = 0; key < 12; ++key) {
                    if (random() % 2 == 0)
                        list.push_back(std::to_string(key));
                }
                std::shuffle(list.begin(), list.end(), random);
                return list;
            };
            const Keys before = draw();
            const Keys after = draw();
            const ListDiff diff = diffLists(before, after);
            QVERIFY(applied(before, after, diff) == after);
            for (const ListDiff::Kept& kept : diff.kept)
                QVERIFY(before[std::size_t(kept.before)] == after[std::size_t(kept.after)]);
        }
    }

    void cellsMergeIntoRectangles()
    {
        const std::vector<std::uint32_t> changed{0b0110, 0b0110, 0, 0b1001, 0x80000000U};
        const std::vector<CellRange> expected{{0, 1, 1, 2}, {3, 3, 0, 0}, {3, 3, 3, 3}, {4, 4, 31, 31}};
        QVERIFY(mergeCells(changed) == expected);
        QVERIFY(mergeCells(std::vector<std::uint32_t>{0, 0}).empty());
        QVERIFY(mergeCells(std::vector<std::uint32_t>{0xFFFFFFFFU}) == (std::vector<CellRange>{{0, 0, 0, 31}}));
    }
};

QTEST_GUILESS_MAIN(TstListDiff)
#include "tst_list_diff.moc"
