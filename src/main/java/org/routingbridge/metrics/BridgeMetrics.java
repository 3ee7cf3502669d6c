package org.routingbridge.metrics;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/**
 * The bridge's own metrics (contract, section 8). Each meter is kept, since looking one up costs more than counting.
 */
public final class BridgeMetrics implements AutoCloseable {

    /** The words of the webhook's replies to a POST (contract, section 3). */
    private static final List<String> OUTCOMES = List.of("processed", "queued", "dead_lettered", "duplicate_skipped",
            "unauthorized", "overloaded", "unanswered", "unsupported_media_type", "payload_too_large",
            "malformed_json", "schema_violation", "entry_too_large", "ordering_violation");
    /** What EventBridge and the way to it are known to say; codes come as AWS has them. */
    private static final List<String> ERROR_CODES = List.of("ThrottlingException", "InternalFailure",
            "InternalException", "ServiceUnavailable", "AccessDeniedException", "ExpiredTokenException",
            "ResourceNotFoundException", "Credentials", "Timeout", "Connection", "Unexpected");
    /** What dead letters are known to come from. */
    private static final List<String> DEAD_LETTER_REASONS = List.of("InternalFailure", "InternalException",
            "MalformedDetail", "NotAuthorizedForSourceException", "ValidationException", "too_old", "damaged",
            "datalake");
    private static final Set<String> BADLY_NAMED = Set.of("process.cpu.time", "system.cpu.count");
    /** Round, so that they can be named in an alert. */
    private static final Duration[] BUCKETS = Stream.of(5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
            .map(Duration::ofMillis).toArray(Duration[]::new);

    private record Outcome(Counter events, Timer requests) {
    }

    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Timer publish;
    private final DistributionSummary batchEntries;
    private final Counter successes;
    private final Counter failures;
    private final CountersByCode errors;
    private final CountersByCode deadLetters;

    public BridgeMetrics() {
        // named as no metric of Prometheus's may be; process_cpu_usage and system_cpu_usage tell the same
        registry.config().meterFilter(MeterFilter.deny(id -> BADLY_NAMED.contains(id.getName())));
        publish = Timer.builder("bridge.publish").description("PutEvents calls")
                .serviceLevelObjectives(BUCKETS).register(registry);
        batchEntries = DistributionSummary.builder("bridge.batch.entries").description("Entries in a PutEvents call")
                .register(registry);
        successes = attempts("success");
        failures = attempts("failure");
        errors = new CountersByCode(ERROR_CODES, code -> Counter.builder("bridge.publish.errors")
                .description("Attempts to publish an event that failed, by their error code").tag("code", code)
                .register(registry));
        deadLetters = new CountersByCode(DEAD_LETTER_REASONS, reason -> Counter.builder("bridge.dead.lettered")
                .description("What became a dead letter, by its reason's code").tag("reason", reason)
                .register(registry));
        // a counter that is not there until it counts hides its first increase from whoever asks for a rate
        OUTCOMES.forEach(word -> outcomes.put(word, outcome(word)));
        String version = BridgeMetrics.class.getPackage().getImplementationVersion();
        Gauge.builder("bridge.build.info", () -> 1).description("The version that runs, and the Java it runs on")
                .tag("version", version == null ? "unreleased" : version)
                .tag("java", System.getProperty("java.version")).register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /**
     * All of them as text.
     *
     * @param contentType of Prometheus's text or of OpenMetrics
     */
    public String scrape(String contentType) {
        return registry.scrape(contentType);
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }

    private Counter attempts(String result) {
        return Counter.builder("bridge.publish.attempts").description("Attempts to publish an event")
                .tag("result", result).register(registry);
    }

    /** A request has its reply. */
    public void answered(String outcome, Duration latency) {
        Outcome meters = outcomes.computeIfAbsent(outcome, this::outcome);
        meters.events().increment();
        meters.requests().record(latency);
    }

    private Outcome outcome(String outcome) {
        return new Outcome(
                Counter.builder("bridge.events").description("Requests by their outcome").tag("outcome", outcome)
                        .register(registry),
                Timer.builder("bridge.request").description("From a request to its reply").tag("outcome", outcome)
                        .serviceLevelObjectives(BUCKETS).register(registry));
    }

    /** A PutEvents call ended. */
    public void requested(int entries, Duration latency) {
        publish.record(latency);
        batchEntries.record(entries);
    }

    /** An attempt to publish an event succeeded, or a part of it that had an answer of its own. */
    public void attemptSucceeded() {
        successes.increment();
    }

    /**
     * It failed.
     *
     * @param error begins with its code and a colon, or is one
     */
    public void attemptFailed(String error) {
        failures.increment();
        errors.count(error);
    }

    /**
     * An event or a notification became a dead letter.
     *
     * @param reason begins with its code and a colon, or is one
     */
    public void deadLettered(String reason) {
        deadLetters.count(reason);
    }

    /** Shows a number that is asked for when the metrics are read. */
    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).strongReference(true).register(registry);
    }

    /** Shows a number that only grows and is asked for when the metrics are read. */
    public void counter(String name, String description, Supplier<Number> value) {
        // the object is held weakly, what is asked of it is not
        FunctionCounter.builder(name, this, metrics -> value.get().doubleValue()).description(description)
                .register(registry);
    }
}
