package org.routingbridge.benchmark;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What something costs, from rows with it and without it that were measured in turn.
 *
 * @param what  costs it
 * @param pairs a row with it and the row without it beside that
 */
record Cost(String what, List<Pair> pairs) {

    /** Two rows, one right after the other. */
    record Pair(Row with, Row without) {

        boolean isDisturbed() {
            return with.isDisturbed() || without.isDisturbed();
        }

        boolean isSettled() {
            return with.settled() && without.settled();
        }
    }

    /** The pairs that others did not disturb. */
    Cost calm() {
        return new Cost(what, pairs.stream().filter(pair -> !pair.isDisturbed()).toList());
    }

    /** How much more of something an event takes, in percent: of each pair, lowest first. */
    double[] more(ToDoubleFunction<Row> figure) {
        return pairs.stream().mapToDouble(pair -> 100 * (figure.applyAsDouble(pair.with())
                / figure.applyAsDouble(pair.without()) - 1)).sorted().toArray();
    }

    /** How much less of something there is, in percent: of each pair, lowest first. */
    double[] less(ToDoubleFunction<Row> figure) {
        return pairs.stream().mapToDouble(pair -> 100 * (1 - figure.applyAsDouble(pair.with())
                / figure.applyAsDouble(pair.without()))).sorted().toArray();
    }
}
