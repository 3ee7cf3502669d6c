package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.routingbridge.eventbridge.ReplyBudget;
import org.routingbridge.settings.SettingsForTests;

class FirstOutcomeTest {

    private final CamelContext context = new DefaultCamelContext();
    private final Exchange duplicate = new DefaultExchange(context);
    private final AtomicInteger goneOn = new AtomicInteger();

    private boolean await() {
        return new FirstOutcome(new ReplyBudget(SettingsForTests.with())).process(duplicate,
                sync -> goneOn.incrementAndGet());
    }

    @Test
    void aDuplicateOfASafeEventGoesOnAtOnce() {
        // When
        boolean sync = await();

        // Then
        assertThat(sync).isTrue();
        assertThat(goneOn).hasValue(1);
    }

    @Test
    void aDuplicateWaitsForTheFirstOne() {
        // Given
        CompletableFuture<Void> outcome = new CompletableFuture<>();
        duplicate.setProperty(SeenEvents.FIRST_OUTCOME, outcome);

        // When
        boolean sync = await();
        int before = goneOn.get();
        outcome.complete(null);

        // Then
        assertThat(sync).isFalse();
        assertThat(before).isZero();
        assertThat(goneOn).hasValue(1);
        assertThat(duplicate.getException()).isNull();
    }

    @Test
    void aDuplicateFailsAsTheFirstOneDid() {
        // Given
        CompletableFuture<Void> outcome = new CompletableFuture<>();
        duplicate.setProperty(SeenEvents.FIRST_OUTCOME, outcome);
        await();
        IllegalStateException failure = new IllegalStateException("x");

        // When
        outcome.completeExceptionally(failure);

        // Then
        assertThat(goneOn).hasValue(1);
        assertThat(duplicate.getException()).isSameAs(failure);
    }
}
