package org.routingbridge.operations;

import java.util.List;

import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;

/** Which part of a list is asked for. */
public record Page(int limit, int offset) {

    private static final int DEFAULT_LIMIT = 100;
    private static final int LARGEST = 1000;

    /**
     * @throws Refused where one of them is not a whole number
     */
    public static Page of(String limit, String offset) {
        return new Page(Math.min(LARGEST, number(limit, DEFAULT_LIMIT)), number(offset, 0));
    }

    private static int number(String text, int otherwise) {
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        if (!text.matches("\\d{1,9}")) {
            throw new Refused(Refusal.MALFORMED_REQUEST,
                    "limit and offset are whole numbers, such as ?limit=100&offset=0");
        }
        return Integer.parseInt(text);
    }

    public <T> List<T> of(List<T> all) {
        int from = Math.min(offset, all.size());
        return all.subList(from, Math.min(all.size(), from + limit));
    }
}
