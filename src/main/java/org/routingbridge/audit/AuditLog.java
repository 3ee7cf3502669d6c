package org.routingbridge.audit;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.Header;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.apache.camel.support.service.ServiceSupport;
import org.routingbridge.cluster.Undeduplicated;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Received;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.Timestamps;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.history.EventHistory;
import org.routingbridge.listing.Deleted;
import org.routingbridge.listing.Replayed;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.LogDirectory;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.StoredEvent;

/**
 * {@code audit.jsonl}: one JSON object a line for every publish attempt, every outcome that is none and every act of an
 * operator (contract, sections 6 and 8). It has an appender of its own, so that it is the same under any logging
 * configuration. The file rolls by day and at 100 MB into {@code audit-<day>-<n>.jsonl.gz}. What becomes of an event
 * never depends on its line.
 */
public final class AuditLog extends ServiceSupport implements AutoCloseable {

    private static final String ACTION = "EVENTBRIDGE_PUBLISH";
    private static final String SYSTEM = "cxone-routing-bridge";
    /** Before the event's id in that of a notification's dead letter. */
    private static final String NOTIFICATION = "datalake-";
    /** Of one field. */
    private static final int MOST_CHARACTERS = 16_384;

    private final Path directory;
    private final Clock clock;
    private final EventHistory history;
    private final Undeduplicated undeduplicated;
    private AuditFile file;

    /** Of a bridge alone. */
    public AuditLog(Settings settings, BridgeMetrics metrics, EventHistory history) {
        this(settings, metrics, history, new Undeduplicated());
    }

    /**
     * @param history        is told what the log is
     * @param undeduplicated whose lines say that they are
     */
    public AuditLog(Settings settings, BridgeMetrics metrics, EventHistory history, Undeduplicated undeduplicated) {
        this(settings.logDirectory(), Clock.systemUTC(), history, undeduplicated);
        metrics.counter("bridge.audit.unwritten", "Lines of the audit log that could not be written", this::unwritten);
    }

    AuditLog(Path directory, Clock clock, EventHistory history) {
        this(directory, clock, history, new Undeduplicated());
    }

    private AuditLog(Path directory, Clock clock, EventHistory history, Undeduplicated undeduplicated) {
        this.undeduplicated = undeduplicated;
        this.directory = directory;
        this.clock = clock;
        this.history = history;
        start();
    }

    /** An attempt ended; it has a line for each answer it got. */
    public void attempted(PublishAttempt attempt) {
        history.attempted(attempt);
        for (PutResult result : attempt.results()) {
            if (result.latency() != null) {
                Map<String, Object> line = line(attempt.event(), result.isAccepted() ? "SUCCESS" : "FAILURE",
                        result.latency());
                put(line, "error", result.error());
                line.put("attempt", attempt.number());
                line.put("idempotencyToken", attempt.event().idempotencyToken());
                put(line, "eventBridgeEventId", result.eventBridgeEventId());
                write(line);
            }
        }
    }

    /** An event was accepted before. */
    public void duplicate(RoutingEvent event) {
        history.duplicate(event);
        Map<String, Object> line = line(event, "DUPLICATE", sinceReceipt(event));
        line.put("idempotencyToken", event.idempotencyToken());
        write(line);
    }

    /** An event is in the outbox. */
    public void queued(RoutingEvent event) {
        history.queued(event);
        Map<String, Object> line = line(event, "QUEUED", sinceReceipt(event));
        line.put("idempotencyToken", event.idempotencyToken());
        write(line);
    }

    /** An event is among the dead letters. */
    public void deadLettered(RoutingEvent event, @ExchangeException Exception reason) {
        String error = reason == null ? null : reason.getMessage();
        history.deadLettered(event, error);
        Map<String, Object> line = line(event, "DEAD_LETTERED", sinceReceipt(event));
        put(line, "error", error);
        line.put("idempotencyToken", event.idempotencyToken());
        write(line);
    }

    /** An event of the outbox is no longer what was written, and is among the dead letters. */
    public void damaged(StoredEvent event, @ExchangeException Exception reason) {
        String error = reason == null ? null : reason.getMessage();
        history.damaged(event.eventId(), error);
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("timestamp", Timestamps.format(clock.instant()));
        put(line, "eventId", event.eventId());
        line.put("status", "DEAD_LETTERED");
        put(line, "error", error);
        line.put("action", ACTION);
        line.put("system", SYSTEM);
        write(line);
    }

    /** The sender was told to keep its event. */
    public void rejected(Exchange exchange, @ExchangeException Exception reason) {
        Received received = Received.of(exchange);
        if (received != null) {
            left(received, reason);
        }
    }

    /** A step failed, or none has answered; of whom nothing was read may be a stranger, who leaves no line. */
    public void faulted(Exchange exchange, @ExchangeException Exception reason) {
        if (exchange.getProperty(Delivery.READ) != null) {
            rejected(exchange, reason);
        }
    }

    void left(Received received, Exception reason) {
        String code = code(reason);
        String message = message(reason);
        history.rejected(received, code, message);
        Map<String, Object> line = line(received, "REJECTED", sinceReceipt(received));
        put(line, "error", code + (message == null ? "" : ": " + message));
        if (received instanceof RoutingEvent event) {
            line.put("idempotencyToken", event.idempotencyToken());
        }
        write(line);
    }

    /**
     * An operator put something back.
     *
     * @param id of the one that it was, or null where all were meant
     */
    public void replayedByOperator(@Header("id") String id, @Body Replayed replayed) {
        Map<String, Object> line = operatorsLine(id, "OPERATOR_REPLAY");
        if (id == null) {
            line.put("count", replayed.replayed());
        }
        write(line);
    }

    /** An operator had one dead letter forgotten. */
    public void deletedByOperator(@Header("id") String id) {
        write(operatorsLine(id, "OPERATOR_DELETE"));
    }

    /** An operator had all dead letters forgotten that were meant. */
    public void deletedAllByOperator(@Body Deleted deleted) {
        Map<String, Object> line = operatorsLine(null, "OPERATOR_DELETE");
        line.put("count", deleted.deleted());
        write(line);
    }

    private Map<String, Object> operatorsLine(String id, String action) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("timestamp", Timestamps.format(clock.instant()));
        put(line, "eventId", id == null || !id.startsWith(NOTIFICATION) ? id : id.substring(NOTIFICATION.length()));
        line.put("status", "SUCCESS");
        line.put("action", action);
        line.put("system", SYSTEM);
        return line;
    }

    private static String code(Exception reason) {
        return reason instanceof Refused refused ? refused.refusal().code()
                : reason instanceof JsonValidationException ? Refusal.SCHEMA_VIOLATION.code()
                : Refusal.OVERLOADED.code();
    }

    private static String message(Exception reason) {
        return reason instanceof JsonValidationException ? "The event does not match the schema"
                : reason == null ? null : reason.getMessage();
    }

    private Duration sinceReceipt(Received received) {
        return Duration.between(received.receivedAt(), clock.instant());
    }

    private Map<String, Object> line(Received received, String status, Duration latency) {
        Instant now = clock.instant();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("timestamp", Timestamps.format(now));
        put(line, "eventId", received.id());
        put(line, "eventType", received.eventType());
        line.put("status", status);
        line.put("latencyMs", Math.max(0, latency.toMillis()));
        line.put("action", ACTION);
        line.put("system", SYSTEM);
        if (undeduplicated.contains(received.id())) {
            line.put("deduplicated", false);
        }
        return line;
    }

    /** What another wrote is cut where it is longer than anybody reads. */
    private static void put(Map<String, Object> line, String field, String value) {
        if (value == null) {
            return;
        }
        if (value.length() <= MOST_CHARACTERS) {
            line.put(field, value);
        } else {
            int end = MOST_CHARACTERS - (Character.isHighSurrogate(value.charAt(MOST_CHARACTERS - 1)) ? 1 : 0);
            line.put(field, value.substring(0, end) + "...");
        }
    }

    private void write(Map<String, Object> line) {
        file.write(line);
    }

    /** How many lines could not be written since the start. */
    public long unwritten() {
        return file.unwritten();
    }

    /** What health says of it. */
    public String state() {
        String trouble = file.trouble();
        return (trouble == null ? "written" : "cannot be written to: " + trouble)
                + (unwritten() > 0 ? ", " + unwritten() + " lines are missing" : "");
    }

    @Override
    protected void doStart() {
        LogDirectory.check(directory);
        file = new AuditFile(directory);
    }

    @Override
    protected void doStop() {
        file.close();
    }

    @Override
    public void close() {
        stop();
    }
}
