package org.routingbridge.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nothing that was answered 2xx is ever lost, whenever the bridge is killed. A short form is part of
 * {@code mvn verify}; {@code mvn verify -Pcrash} is the long one, whose {@code -Dcrash.kills}, {@code -Dcrash.rate},
 * {@code -Dcrash.seed} and {@code -Dcrash.life.millis}, the longest life of a process, can be given. The figures are in
 * {@code target/crash-report.txt}. The short form still kills a bridge under load, in an EventBridge's bad days, time
 * and again on the same store, and asks for the same; how a kill meets each kind of trouble, a start or the other
 * delivery mode, takes the kills of the long one.
 */
class CrashIT {

    private static final int KILLS = Integer.getInteger("crash.kills", 3);
    private static final int EVENTS_A_SECOND = Integer.getInteger("crash.rate", 100);

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void everyEventThatWasAcceptedIsOnTheBusHoweverOftenTheBridgeIsKilled() throws Exception {
        // Given
        long seed = Long.getLong("crash.seed", System.nanoTime());
        try (CrashRun run = new CrashRun(seed, KILLS, EVENTS_A_SECOND)) {

            // When
            CrashReport report = run.run();

            // Then
            report.publish();
            assertThat(report.lost()).as("lost, seed %d", seed).isEmpty();
            assertThat(report.strayTokens()).as("duplicates with another token, seed %d", seed).isEmpty();
            assertThat(report.unbalanced()).as("books out of balance, seed %d", seed).isZero();
            assertThat(report.accepted()).isPositive();
        }
    }
}
