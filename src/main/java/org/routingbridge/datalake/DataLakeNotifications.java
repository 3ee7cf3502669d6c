package org.routingbridge.datalake;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.Header;
import org.apache.camel.Message;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.routingbridge.event.Timestamps;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.operations.BridgeMetrics;
import org.routingbridge.outbox.OutboxLedger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the data lake's notifications, keeps those that it could not take, and knows which of its answers are final
 * (contract, section 5). It sees the exchange where a notification becomes a broker message, which is body and headers.
 */
public final class DataLakeNotifications {

    private static final Logger LOG = LoggerFactory.getLogger(DataLakeNotifications.class);
    private static final String SOURCE = "eventbridge-bridge";
    private static final String REASON = "datalake";
    private static final Duration MAX_AGE = Duration.ofHours(24);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;
    private static final int MOST_DOUBLINGS = 10;
    private static final String EVENT_ID = "eventId";
    private static final String ENTERED_AT = "enteredAt";
    private static final String NOTIFICATION = "notification";
    /** What tells a notification's id from its event's (contract, section 8). */
    private static final String LEDGER_PREFIX = "datalake-";

    private final JsonMapper json = new JsonMapper();
    private final ObjectWriter notifications = json.writerFor(DataLakeNotification.class);
    private final Clock clock = Clock.systemUTC();
    private final AtomicInteger pending = new AtomicInteger();
    private final OutboxLedger ledger;

    public DataLakeNotifications(BridgeMetrics metrics, OutboxLedger ledger) {
        this.ledger = ledger;
        metrics.gauge("bridge.datalake.pending", "Notifications that the data lake could not take yet", this::pending);
    }

    /** A notification as JSON in UTF-8. */
    public byte[] of(PublishAttempt success) throws JsonProcessingException {
        // as a text first, since Jackson writes a long raw value to bytes character by character
        return notifications.writeValueAsString(new DataLakeNotification(SOURCE, success.event().eventType(),
                success.event().id(), Timestamps.format(success.endedAt()), success.result().latency().toMillis(),
                success.event().routingContext())).getBytes(StandardCharsets.UTF_8);
    }

    /** Whether trying again is of no use: any status but a 5xx, 408 and 429. */
    public boolean isRefused(@ExchangeException Exception failure) {
        if (!(failure instanceof HttpOperationFailedException answered)) {
            return false;
        }
        int status = answered.getStatusCode();
        return status < 500 && status != 408 && status != 429;
    }

    /** A notification becomes a broker message. */
    public void pack(Exchange exchange) throws JsonProcessingException {
        pack(exchange, clock.millis());
    }

    /** A notification becomes a dead letter's message. */
    public void packDead(Exchange exchange) throws JsonProcessingException {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        int attempts = 1 + exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class);
        pack(exchange, clock.millis());
        LOG.warn("The data lake will not take a notification; it is a dead letter eventId={} reason={}",
                exchange.getMessage().getHeader(EVENT_ID), failure == null ? "" : failure.getMessage());
        exchange.getMessage().setHeader("reason", REASON);
        exchange.getMessage().setHeader("attempts", attempts);
    }

    private void pack(Exchange exchange, long enteredAt) throws JsonProcessingException {
        Message message = exchange.getMessage();
        byte[] body = message.getBody(byte[].class);
        JsonNode eventId = read(body).path(EVENT_ID);
        message.removeHeaders("*");
        message.setHeader(EVENT_ID, eventId.asText());
        message.setHeader(ENTERED_AT, enteredAt);
        message.setHeader(NOTIFICATION, true);
        message.setHeader("attempts", 0);
        message.setHeader("reason", "");
        message.setBody(body);
    }

    private JsonNode read(byte[] body) throws JsonProcessingException {
        return json.readTree(new String(body, StandardCharsets.UTF_8));
    }

    /** A broker message is taken up again. */
    public void unpack(Exchange exchange) {
        exchange.setProperty(ENTERED_AT, exchange.getMessage().getHeader(ENTERED_AT, Long.class));
        exchange.setProperty(EVENT_ID, exchange.getMessage().getHeader(EVENT_ID, String.class));
    }

    /** Whether to try a kept notification again; leaves the pause before it for Camel's redelivery. */
    public boolean shouldRetry(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        if (isRefused(failure) || isTooOld(exchange)) {
            return false;
        }
        int retries = exchange.getMessage().getHeader(Exchange.REDELIVERY_COUNTER, 0, Integer.class);
        exchange.getMessage().setHeader(Exchange.REDELIVERY_DELAY,
                Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(MOST_DOUBLINGS, retries)));
        return true;
    }

    /** Whether a kept notification is to be buried; otherwise it stays where it is, since the bridge stops. */
    public boolean isGivenUp(Exchange exchange) {
        return isRefused(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)) || isTooOld(exchange);
    }

    private boolean isTooOld(Exchange exchange) {
        Long enteredAt = exchange.getProperty(ENTERED_AT, Long.class);
        return enteredAt != null && clock.millis() - enteredAt > MAX_AGE.toMillis();
    }

    /** One more is synced to disk. */
    public void kept(@Header(EVENT_ID) String eventId) {
        ledger.entered(LEDGER_PREFIX + eventId);
        added();
    }

    /** One that was kept has been told, or is a dead letter. */
    public void left(Exchange exchange) {
        ledger.left(LEDGER_PREFIX + exchange.getProperty(EVENT_ID, String.class));
        removed();
    }

    /** One more waits in the broker. */
    public void added() {
        pending.incrementAndGet();
    }

    public void removed() {
        pending.decrementAndGet();
    }

    public int pending() {
        return pending.get();
    }
}
