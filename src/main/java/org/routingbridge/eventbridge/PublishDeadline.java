package org.routingbridge.eventbridge;

import java.time.Duration;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.routingbridge.settings.Settings;

/**
 * Starts the clock of {@code bridge.delivery.reply.budget}: how long this exchange may wait for attempts and the pauses
 * between them. An exchange without a deadline waits as long as it takes.
 */
public final class PublishDeadline implements Processor {

    /** A twentieth of the budget is left for reading the request and writing its reply. */
    private static final int SHARE_OF_REPLY = 20;
    private static final String PROPERTY = "bridge.publishDeadline";

    private final long budgetNanos;

    public PublishDeadline(Settings settings) {
        Duration budget = settings.replyBudget();
        budgetNanos = budget.minus(budget.dividedBy(SHARE_OF_REPLY)).toNanos();
    }

    /** Where the clock runs already it runs on. */
    @Override
    public void process(Exchange exchange) {
        if (of(exchange) == null) {
            startedAt(exchange, System.nanoTime());
        }
    }

    /** Its sender waits since then; by {@link System#nanoTime()}. */
    public void startedAt(Exchange exchange, long nanoTime) {
        exchange.setProperty(PROPERTY, nanoTime + budgetNanos);
    }

    /** By {@link System#nanoTime()}; null where there is none. */
    public static Long of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Long.class);
    }

    /** Whether there is a deadline and this pause would last beyond it. */
    static boolean isBefore(Exchange exchange, Duration pause) {
        Long deadline = of(exchange);
        return deadline != null && System.nanoTime() + pause.toNanos() - deadline > 0;
    }
}
