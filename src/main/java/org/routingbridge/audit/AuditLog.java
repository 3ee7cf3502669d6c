package org.routingbridge.audit;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import org.apache.camel.ExchangeException;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.appender.RollingRandomAccessFileAppender;
import org.apache.logging.log4j.core.appender.rolling.CompositeTriggeringPolicy;
import org.apache.logging.log4j.core.appender.rolling.DefaultRolloverStrategy;
import org.apache.logging.log4j.core.appender.rolling.SizeBasedTriggeringPolicy;
import org.apache.logging.log4j.core.appender.rolling.TimeBasedTriggeringPolicy;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.NullConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.layout.template.json.JsonTemplateLayout;
import org.apache.logging.log4j.message.ObjectMessage;
import org.routingbridge.event.Received;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.Timestamps;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.settings.Settings;
import org.routingbridge.webhook.Refused;

/**
 * {@code audit.jsonl}: one JSON object a line for every publish attempt and every outcome that is none (contract,
 * section 6). It has an appender of its own, so that it is the same under any logging configuration. The file rolls by
 * day and at 100 MB into {@code audit-<day>-<n>.jsonl.gz}.
 */
public final class AuditLog extends ServiceSupport implements AutoCloseable {

    private static final String ACTION = "EVENTBRIDGE_PUBLISH";
    private static final String SYSTEM = "cxone-routing-bridge";
    private static final String LOGGER = "audit";

    private final Path directory;
    private final Clock clock;
    private RollingRandomAccessFileAppender appender;

    public AuditLog(Settings settings) {
        this(settings.logDirectory(), Clock.systemUTC());
    }

    AuditLog(Path directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
        start();
    }

    /** An attempt ended; it has a line for each answer it got. */
    public void attempted(PublishAttempt attempt) {
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
        Map<String, Object> line = line(event, "DUPLICATE", sinceReceipt(event));
        line.put("idempotencyToken", event.idempotencyToken());
        write(line);
    }

    /** An event is in the outbox. */
    public void queued(RoutingEvent event) {
        Map<String, Object> line = line(event, "QUEUED", sinceReceipt(event));
        line.put("idempotencyToken", event.idempotencyToken());
        write(line);
    }

    /** An event is among the dead letters. */
    public void deadLettered(RoutingEvent event, @ExchangeException Exception reason) {
        Map<String, Object> line = line(event, "DEAD_LETTERED", sinceReceipt(event));
        put(line, "error", reason == null ? null : reason.getMessage());
        line.put("idempotencyToken", event.idempotencyToken());
        write(line);
    }

    /** The sender was told to keep its event. */
    public void rejected(Received received, @ExchangeException Exception reason) {
        Map<String, Object> line = line(received, "REJECTED", sinceReceipt(received));
        line.put("error", describe(reason));
        if (received instanceof RoutingEvent event) {
            line.put("idempotencyToken", event.idempotencyToken());
        }
        write(line);
    }

    private static String describe(Exception reason) {
        if (reason instanceof Refused refused) {
            return refused.refusal().code() + ": " + refused.getMessage();
        }
        if (reason instanceof org.apache.camel.ValidationException) {
            return "schema_violation: The event does not match schema v1";
        }
        return "overloaded: " + reason.getMessage();
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
        return line;
    }

    private static void put(Map<String, Object> line, String field, Object value) {
        if (value != null) {
            line.put(field, value);
        }
    }

    private void write(Map<String, Object> line) {
        appender.append(Log4jLogEvent.newBuilder().setLoggerName(LOGGER).setLevel(Level.INFO)
                .setMessage(new ObjectMessage(line)).build());
    }

    @Override
    protected void doStart() {
        Configuration configuration = new NullConfiguration();
        appender = RollingRandomAccessFileAppender.newBuilder()
                .setName(LOGGER)
                .withFileName(directory.resolve("audit.jsonl").toString())
                .withFilePattern(directory.resolve("audit-%d{yyyy-MM-dd}-%i.jsonl.gz").toString())
                .withPolicy(CompositeTriggeringPolicy.createPolicy(
                        TimeBasedTriggeringPolicy.newBuilder().build(),
                        SizeBasedTriggeringPolicy.createPolicy("100 MB")))
                .withStrategy(DefaultRolloverStrategy.newBuilder().withFileIndex("nomax")
                        // 40 % less work than by default, for files that are 8 % larger
                        .withCompressionLevelStr("3")
                        .withConfig(configuration).build())
                .setImmediateFlush(true)
                .setIgnoreExceptions(true)
                .setConfiguration(configuration)
                .setLayout(JsonTemplateLayout.newBuilder()
                        .setConfiguration(configuration)
                        .setEventTemplate("{\"$resolver\":\"message\"}")
                        // the default's one character has all lines built of two bytes a character
                        .setTruncatedStringSuffix("...")
                        .setStackTraceEnabled(false)
                        .setLocationInfoEnabled(false)
                        .build())
                .build();
        if (appender == null) {
            throw new IllegalStateException(Settings.nameOf("bridge.log.dir") + ": " + directory.toAbsolutePath()
                    + " cannot be written to; give the bridge's user the right to, or set another directory");
        }
        appender.start();
    }

    @Override
    protected void doStop() {
        appender.stop();
    }

    @Override
    public void close() {
        stop();
    }
}
