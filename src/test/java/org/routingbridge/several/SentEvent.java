package org.routingbridge.several;

import java.util.ArrayList;
import java.util.List;

/**
 * An event and what became of it at its sender. Times are {@link System#nanoTime()}'s.
 *
 * @see Senders
 */
final class SentEvent {

    private final String id;
    private final String key;
    private final String body;
    private final List<Reply> replies = new ArrayList<>();
    private long sent;
    private boolean accepted;
    private long acceptedAt;
    private int givenUp;

    /**
     * An answer to one request.
     *
     * @param bridge that was asked, by its number
     * @param sent   when the request was
     * @param at     when the answer was complete
     * @param status 0 for no answer
     */
    record Reply(int bridge, long sent, long at, int status) {

        boolean isSuccess() {
            return status / 100 == 2;
        }
    }

    SentEvent(String id, String key, String body) {
        this.id = id;
        this.key = key;
        this.body = body;
    }

    String id() {
        return id;
    }

    /** Its ordering key. */
    String key() {
        return key;
    }

    String body() {
        return body;
    }

    synchronized void begin(long now) {
        sent = now;
    }

    synchronized void answered(Reply reply) {
        replies.add(reply);
        if (reply.isSuccess() && !accepted) {
            accepted = true;
            acceptedAt = reply.at();
        }
    }

    synchronized void giveUp() {
        givenUp++;
    }

    /** When the first request began. */
    synchronized long sent() {
        return sent;
    }

    synchronized boolean isAccepted() {
        return accepted;
    }

    /** When its sender had the first 2xx. */
    synchronized long acceptedAt() {
        return acceptedAt;
    }

    /** How many of its copies had no 2xx in six requests. */
    synchronized int givenUp() {
        return givenUp;
    }

    synchronized List<Reply> replies() {
        return List.copyOf(replies);
    }
}
