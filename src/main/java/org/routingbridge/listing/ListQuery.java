package org.routingbridge.listing;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Set;

import org.apache.camel.Exchange;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.store.Selection;

/**
 * Which part of a list is asked for: {@code ?limit=100&offset=0&reason=…&from=…&to=…} (contract, section 8).
 *
 * @param selection which rows
 * @param limit     at most so many of them, 1,000 at most
 * @param offset    after so many
 * @param dryRun    whether what is asked to be done to them is only to be counted
 */
public record ListQuery(Selection selection, int limit, int offset, boolean dryRun) {

    private static final int DEFAULT_LIMIT = 100;
    private static final int LARGEST = 1000;
    private static final Set<String> OF_ACTS = Set.of("reason", "from", "to", "dryRun");

    /**
     * Reads what a list is asked for.
     *
     * @throws Refused {@code malformed_request} where a part of it cannot be understood
     */
    public static ListQuery of(Exchange exchange) {
        return of(QueryParameters.of(exchange));
    }

    /**
     * Reads what is to be done to many: a filter that is not understood must not mean all of them.
     *
     * @throws Refused {@code malformed_request} where a part of it cannot be understood, or there is any other
     */
    public static ListQuery ofAct(Exchange exchange) {
        QueryParameters parameters = QueryParameters.of(exchange);
        parameters.allowOnly(OF_ACTS);
        return of(parameters);
    }

    private static ListQuery of(QueryParameters parameters) {
        return new ListQuery(new Selection(parameters.text("reason"), time(parameters, "from", Long.MIN_VALUE),
                time(parameters, "to", Long.MAX_VALUE)),
                Math.min(LARGEST, number(parameters, "limit", DEFAULT_LIMIT)), number(parameters, "offset", 0),
                isTrue(parameters, "dryRun"));
    }

    private static boolean isTrue(QueryParameters parameters, String name) {
        String text = parameters.text(name);
        if (text == null || text.equals("false")) {
            return false;
        }
        if (text.equals("true")) {
            return true;
        }
        throw new Refused(Refusal.MALFORMED_REQUEST, name + " is true or false, such as ?" + name + "=true");
    }

    private static int number(QueryParameters parameters, String name, int otherwise) {
        String text = parameters.text(name);
        if (text == null) {
            return otherwise;
        }
        if (!text.matches("[0-9]{1,9}")) {
            throw new Refused(Refusal.MALFORMED_REQUEST,
                    "limit and offset are whole numbers, such as ?limit=100&offset=0");
        }
        return Integer.parseInt(text);
    }

    private static long time(QueryParameters parameters, String name, long otherwise) {
        String text = parameters.text(name);
        if (text == null) {
            return otherwise;
        }
        try {
            // a plus that was not encoded arrives as a blank
            return OffsetDateTime.parse(text.replace(' ', '+')).toInstant().toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new Refused(Refusal.MALFORMED_REQUEST,
                    "from and to are RFC 3339 times, such as ?from=2026-11-26T08:00:00Z");
        }
    }
}
