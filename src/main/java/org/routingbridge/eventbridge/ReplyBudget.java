package org.routingbridge.eventbridge;

import java.time.Duration;

import org.apache.camel.Exchange;
import org.routingbridge.settings.Settings;

/**
 * How long a request may wait for the disk: until the reply budget is spent and a little longer, whatever the store
 * does (contract, section 3).
 */
public final class ReplyBudget {

    /** After the budget, for a reply in time all the same. */
    private static final Duration GRACE = Duration.ofMillis(350);

    private final Duration budget;

    public ReplyBudget(Settings settings) {
        budget = settings.replyBudget();
    }

    /** By {@link System#nanoTime()}. */
    public long deadline(Exchange exchange) {
        Long publishing = PublishDeadline.of(exchange);
        return publishing != null ? publishing + GRACE.toNanos() : System.nanoTime() + wholeBudget().toNanos();
    }

    /** From a request's beginning. */
    public Duration wholeBudget() {
        return budget.plus(GRACE);
    }
}
