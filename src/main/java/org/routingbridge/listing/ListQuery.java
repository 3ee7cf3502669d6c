package org.routingbridge.listing;

import java.time.DateTimeException;
import java.time.OffsetDateTime;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
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

    /**
     * Reads a request's query.
     *
     * @throws Refused {@code malformed_request} where a part of it cannot be understood
     */
    public static ListQuery of(Exchange exchange) {
        Message message = exchange.getMessage();
        String reason = message.getHeader("reason", String.class);
        return new ListQuery(new Selection(reason == null || reason.isEmpty() ? null : reason,
                time(message, "from", Long.MIN_VALUE), time(message, "to", Long.MAX_VALUE)),
                Math.min(LARGEST, number(message, "limit", DEFAULT_LIMIT)), number(message, "offset", 0),
                "true".equals(message.getHeader("dryRun", String.class)));
    }

    private static int number(Message message, String name, int otherwise) {
        String text = message.getHeader(name, String.class);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        if (!text.matches("[0-9]{1,9}")) {
            throw new Refused(Refusal.MALFORMED_REQUEST,
                    "limit and offset are whole numbers, such as ?limit=100&offset=0");
        }
        return Integer.parseInt(text);
    }

    private static long time(Message message, String name, long otherwise) {
        String text = message.getHeader(name, String.class);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            // a plus that was not encoded arrives as a blank
            return OffsetDateTime.parse(text.replace(' ', '+')).toInstant().toEpochMilli();
        } catch (DateTimeException e) {
            throw new Refused(Refusal.MALFORMED_REQUEST,
                    "from and to are RFC 3339 times, such as ?from=2026-11-26T08:00:00Z");
        }
    }
}
