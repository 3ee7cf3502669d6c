package org.routingbridge.benchmark;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How often a row is measured: again while others disturb it, a few times at most. */
final class Tries {

    static final int MOST = 3;

    private final List<Row> rows = new ArrayList<>();

    void add(Row row) {
        rows.add(row);
    }

    /** Whether another one is of no use, or would be one too many. */
    boolean isEnough() {
        return rows.size() == MOST || rows.stream().anyMatch(row -> !row.isDisturbed());
    }

    /** The one that others disturbed least, which says how many there were, and what was lost in any of them. */
    Row best() {
        return rows.stream().min(Comparator.comparingDouble(Row::otherPercent)).orElseThrow()
                .after(rows.size(), rows.stream().mapToLong(Row::lost).sum());
    }
}
