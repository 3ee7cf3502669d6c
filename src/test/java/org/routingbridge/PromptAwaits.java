package org.routingbridge;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.awaitility.pollinterval.IterativePollInterval;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has whoever awaits look at once and then soon, since most of what tests await is there already or a moment later; by
 * itself Awaitility looks after 100 ms for the first time. JUnit finds it as a service, for every class of tests.
 */
public final class PromptAwaits implements BeforeAllCallback {

    /** Doubled before each pause, the first one too. */
    private static final Duration SHORTEST = Duration.ofMillis(5);
    private static final Duration LONGEST = Duration.ofMillis(100);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultPollDelay(Duration.ZERO);
        Awaitility.setDefaultPollInterval(IterativePollInterval.iterative(PromptAwaits::longer, SHORTEST));
    }

    /** Twice as long, so that what takes its time is not asked over and over. */
    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    }
}
