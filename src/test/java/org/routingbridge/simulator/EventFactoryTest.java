package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;

import org.junit.jupiter.api.Test;

class EventFactoryTest {

    private static final Instant NOW = Instant.parse("2026-05-04T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @Test
    void theSameSeedMakesTheSameEvents() {
        // When, Then
        assertThat(new EventFactory(5, CLOCK).validEvent().json())
                .isEqualTo(new EventFactory(5, CLOCK).validEvent().json());
    }

    @Test
    void anEventIsWhatItWasAskedToBe() {
        // Given
        String id = UUID.randomUUID().toString();

        // When
        SampleEvent event = new EventFactory().validEvent(id, "q", NOW);

        // Then
        assertThat(event.id()).isEqualTo(id);
        assertThat(event.queueId()).isEqualTo("q");
        assertThat(event.timestamp()).isEqualTo("2026-05-04T12:00:00Z");
        assertThat(EventFactory.EVENT_TYPES).contains(event.eventType());
    }

    @Test
    void anEventIsBentIntoANewOne() {
        // Given
        SampleEvent event = new EventFactory().validEvent();

        // When
        SampleEvent bent = event.with("/routingContext/waitTimeMs", -1).with("extra", "x").without("timestamp");

        // Then
        assertThat(bent.tree().at("/routingContext/waitTimeMs").asInt()).isEqualTo(-1);
        assertThat(bent.tree().path("extra").asText()).isEqualTo("x");
        assertThat(bent.timestamp()).isEmpty();
        assertThat(event.timestamp()).isNotEmpty();
    }

    @Test
    void anOversizeEventIsTooLargeForAnEntryAndNotForTheWebhook() {
        // When, Then
        assertThat(new EventFactory().oversizeEvent().bytes()).hasSizeBetween(262_145, 307_199);
    }
}
