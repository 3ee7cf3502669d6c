package org.routingbridge.ordering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.UnitOfWorkHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.settings.SettingsForTests;

class ReorderWindowTest {

    private static final Duration WINDOW = Duration.ofMillis(300);

    private final CamelContext context = new DefaultCamelContext();
    private final List<Exchange> goneOn = new CopyOnWriteArrayList<>();
    private ReorderWindow window;

    @BeforeEach
    void start() {
        context.start();
        window = window(WINDOW);
    }

    @AfterEach
    void stop() {
        window.stop();
        context.stop();
    }

    private ReorderWindow window(Duration length) {
        ReorderWindow made = new ReorderWindow(SettingsForTests.with("bridge.ordering.window", length.toMillis()
                + "ms"));
        made.setCamelContext(context);
        made.start();
        return made;
    }

    private Exchange arrive(ReorderWindow at, String queue, int second) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(EventsForTests.event(EventsForTests.ID, queue,
                EventsForTests.RECEIVED_AT.plusSeconds(second)));
        at.process(exchange, sync -> goneOn.add(exchange));
        return exchange;
    }

    private Exchange arrive(String queue, int second) {
        return arrive(window, queue, second);
    }

    /** What Camel does when an exchange has its outcome. */
    private static void finish(Exchange exchange) {
        UnitOfWorkHelper.doneSynchronizations(exchange, exchange.getExchangeExtension().handoverCompletions());
    }

    private void awaitGoneOn(int count) {
        await().atMost(10, TimeUnit.SECONDS).untilAsserted(() -> assertThat(goneOn).hasSize(count));
    }

    @Test
    void withoutAWindowEveryEventGoesOnAtOnce() {
        // Given
        ReorderWindow none = window(Duration.ZERO);

        // When
        Exchange second = arrive(none, "q", 2);
        Exchange first = arrive(none, "q", 1);

        // Then
        assertThat(goneOn).containsExactly(second, first);
        none.stop();
    }

    @Test
    void anEventWaitsForTheWindow() {
        // Given
        long began = System.nanoTime();

        // When
        arrive("q", 1);
        awaitGoneOn(1);

        // Then
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(WINDOW);
    }

    @Test
    void theEventsOfAKeyGoOnByTheirTimestamp() {
        // Given
        Exchange third = arrive("q", 3);
        Exchange first = arrive("q", 1);
        Exchange second = arrive("q", 2);

        // When
        awaitGoneOn(1);
        finish(goneOn.get(0));
        awaitGoneOn(2);
        finish(goneOn.get(1));
        awaitGoneOn(3);

        // Then
        assertThat(goneOn).containsExactly(first, second, third);
    }

    @Test
    void equalTimestampsGoOnAsTheyArrived() {
        // Given
        Exchange one = arrive("q", 1);
        Exchange other = arrive("q", 1);

        // When
        awaitGoneOn(1);
        finish(goneOn.get(0));
        awaitGoneOn(2);

        // Then
        assertThat(goneOn).containsExactly(one, other);
    }

    @Test
    void theNextEventOfAKeyWaitsForTheOutcomeOfTheOneBefore() {
        // Given
        arrive("q", 1);
        arrive("q", 2);

        // When
        awaitGoneOn(1);

        // Then
        await().during(WINDOW.multipliedBy(2)).atMost(10, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(goneOn).hasSize(1));
        finish(goneOn.get(0));
        awaitGoneOn(2);
    }

    @Test
    void anotherKeyDoesNotWait() {
        // Given
        arrive("q", 1);
        arrive("p", 2);

        // When, Then
        awaitGoneOn(2);
    }

    @Test
    void anOlderOneThatComesWhileItsKeyIsBusyGoesBeforeTheNewerOnes() {
        // Given
        Exchange first = arrive("q", 1);
        Exchange third = arrive("q", 3);
        awaitGoneOn(1);
        Exchange second = arrive("q", 2);

        // When
        finish(first);
        awaitGoneOn(2);
        finish(second);
        awaitGoneOn(3);

        // Then
        assertThat(goneOn).containsExactly(first, second, third);
    }

    @Test
    void aKeyThatFellIdleBeginsAnew() {
        // Given
        arrive("q", 5);
        awaitGoneOn(1);
        finish(goneOn.get(0));

        // When
        Exchange next = arrive("q", 1);
        awaitGoneOn(2);

        // Then
        assertThat(goneOn.get(1)).isSameAs(next);
    }
}
