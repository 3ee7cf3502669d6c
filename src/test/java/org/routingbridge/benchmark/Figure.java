package org.routingbridge.benchmark;

import java.util.List;

/**
 * Something measured that is no row of the table.
 *
 * @param run          1 for the first; 0 for the median of all
 * @param value        in its unit
 * @param otherPercent of the machine's CPU time, used by anything else meanwhile; 0 where it was not looked at
 */
record Figure(String name, int run, double value, String unit, double otherPercent) {

    Figure(String name, int run, double value, String unit) {
        this(name, run, value, unit, 0);
    }

    /** The median of all that others did not disturb, or of all where there is none of those. */
    static Figure median(List<Figure> all) {
        List<Figure> calm = all.stream().filter(figure -> !figure.isDisturbed()).toList();
        List<Figure> figures = calm.isEmpty() ? all : calm;
        return new Figure(all.get(0).name(), 0, Row.median(figures.stream().mapToDouble(Figure::value).toArray()),
                all.get(0).unit(), Row.median(figures.stream().mapToDouble(Figure::otherPercent).toArray()));
    }

    boolean isDisturbed() {
        return otherPercent > Row.MOST_OTHER;
    }
}
