package org.routingbridge.simulator;

import java.time.Duration;
import java.time.Instant;

/**
 * What became of one event that a stream sent.
 *
 * @param sentAt  when its first try began
 * @param kind    what it was sent as
 * @param status  the HTTP status of the last try, 0 when there was no answer
 * @param word    {@code status} or {@code error} of the answer's body; what went wrong when there was no answer
 * @param message the sentence of the answer's body, or where it violates the schema; may be empty
 * @param tries   how often it was sent
 * @param took    from the first try to the final answer
 */
public record EventFate(Instant sentAt, EventKind kind, String eventId, String eventType, String queueId, int status,
                        String word, String message, int tries, Duration took) {

    /** Whether the bridge has said that it is safe. */
    public boolean accepted() {
        return status >= 200 && status < 300;
    }

    /** Whether there was an answer at all. */
    public boolean answered() {
        return status != 0;
    }

    /** Status and word, as {@code 200 processed}. */
    public String answer() {
        return answered() ? status + " " + word : "no answer";
    }

    /**
     * Whether the answer is one that an event of its kind may get. A second try may meet an event that the first one
     * got through; and a bridge that is overloaded or gone says nothing about the event.
     */
    public boolean expected() {
        return !answered() || status >= 500 || status == 429 || kind.expects(answer())
                || tries > 1 && word.equals("duplicate_skipped");
    }
}
