package org.routingbridge.benchmark;

/**
 * Something measured that is no row of the table.
 *
 * @param run   1 for the first; 0 for the median of all
 * @param value in its unit
 */
record Figure(String name, int run, double value, String unit) {
}
