package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    private final CxoneSimulator cxone = new CxoneSimulator();
    /** Anything that answers with 200 will do as the webhook. */
    private final DataLakeSimulator webhook = new DataLakeSimulator();
    private final List<EventFate> fates = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        webhook.start();
    }

    @AfterEach
    void stop() {
        webhook.close();
        cxone.close();
    }

    @Test
    void nothingIsSentBeforeAWebhookIsRegistered() throws Exception {
        try (EventStream stream = stream(3)) {
            // Given
            stream.start();
            assertThat(stream.awaitEnd(Duration.ofMillis(200))).isFalse();
            assertThat(stream.sent()).isZero();

            // When
            register(1);

            // Then
            assertThat(stream.awaitEnd(Duration.ofSeconds(10))).isTrue();
            assertThat(fates).hasSize(3);
        }
    }

    @Test
    void fortyEventsShowEveryKindAndCarryTheRegisteredHeaders() throws Exception {
        // Given
        register(1);

        // When
        try (EventStream stream = stream(40, 50)) {
            stream.start();
            assertThat(stream.awaitEnd(Duration.ofSeconds(10))).isTrue();
        }

        // Then
        assertThat(fates).extracting(EventFate::kind).contains(EventKind.DUPLICATE, EventKind.LATE,
                EventKind.INVALID, EventKind.OVERSIZE, EventKind.FUTURE);
        assertThat(webhook.requests()).hasSize(40).allSatisfy(request -> {
            assertThat(request.header("X-Webhook-Secret")).hasValue("secret");
            assertThat(request.header("Content-Type")).hasValue("application/json");
            assertThat(request.body().length()).isLessThan(307_200);
        });
    }

    @Test
    void anEventIsTriedAgainAfterNoAnswerAndAServersError() throws Exception {
        // Given
        register(5);
        webhook.trouble().nextReset(1).next(1, 503).next(1, 429);

        // When
        try (EventStream stream = stream(1)) {
            stream.start();
            assertThat(stream.awaitEnd(Duration.ofSeconds(10))).isTrue();
        }

        // Then
        assertThat(fates).singleElement().satisfies(fate -> {
            assertThat(fate.status()).isEqualTo(200);
            assertThat(fate.tries()).isEqualTo(4);
        });
    }

    @Test
    void anEventIsGivenUpAfterTheRetriesOfItsPolicy() throws Exception {
        // Given
        register(2);
        webhook.trouble().always(500);

        // When
        try (EventStream stream = stream(1)) {
            stream.start();
            assertThat(stream.awaitEnd(Duration.ofSeconds(10))).isTrue();
        }

        // Then
        assertThat(fates).singleElement().satisfies(fate -> assertThat(fate.status()).isEqualTo(500));
        assertThat(webhook.requests()).hasSize(3);
    }

    @Test
    void aRefusalIsFinal() throws Exception {
        // Given
        register(5);
        webhook.trouble().next(1, 409);

        // When
        try (EventStream stream = stream(1)) {
            stream.start();
            assertThat(stream.awaitEnd(Duration.ofSeconds(10))).isTrue();
        }

        // Then
        assertThat(fates).singleElement().satisfies(fate -> assertThat(fate.status()).isEqualTo(409));
        assertThat(webhook.requests()).hasSize(1);
    }

    @Test
    void whatHangsWhenTheStreamIsStoppedIsUnanswered() throws Exception {
        // Given
        register(5);
        webhook.trouble().alwaysHang();
        EventStream stream = stream(0);

        // When
        stream.start();
        await().until(() -> webhook.hanging() > 0);
        stream.stop(Duration.ofMillis(200));

        // Then
        assertThat(fates).hasSize((int) stream.sent()).isNotEmpty().noneMatch(EventFate::answered);
    }

    private EventStream stream(long events) {
        return stream(events, 500);
    }

    private EventStream stream(long events, double rate) {
        return new EventStream(cxone, new EventStream.Options(rate, events, 3), fates::add);
    }

    private void register(int maxRetries) {
        ObjectNode registration = Json.object().put("targetUrl", webhook.endpoint() + "/webhook");
        registration.putObject("targetHeaders").put("X-Webhook-Secret", "secret")
                .put("Content-Type", "application/json");
        registration.putObject("retryPolicy").put("maxRetries", maxRetries).put("retryIntervalMs", 10);
        cxone.addWebhook(registration);
    }
}
