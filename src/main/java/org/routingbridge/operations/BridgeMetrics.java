package org.routingbridge.operations;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;

/**
 * The bridge's own metrics (contract, section 8). Each meter is kept, since looking one up costs more than counting.
 */
public final class BridgeMetrics implements CamelContextAware {

    private record Outcome(Counter events, Timer requests) {
    }

    private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
    private CamelContext camelContext;
    private MeterRegistry registry;
    private Timer publish;
    private DistributionSummary batchEntries;
    private Counter successes;
    private Counter failures;

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
        MeterRegistry found = camelContext.getRegistry()
                .lookupByNameAndType(MicrometerConstants.METRICS_REGISTRY_NAME, MeterRegistry.class);
        registry = found != null ? found : makeRegistry(camelContext);
        publish = Timer.builder("bridge.publish").description("PutEvents calls")
                .publishPercentileHistogram().register(registry);
        batchEntries = DistributionSummary.builder("bridge.batch.entries").description("Entries in a PutEvents call")
                .register(registry);
        successes = attempts("success");
        failures = attempts("failure");
    }

    /** The beans come before Camel's metrics, which then use the registry that is there. */
    private static MeterRegistry makeRegistry(CamelContext camelContext) {
        MeterRegistry made = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        camelContext.getRegistry().bind(MicrometerConstants.METRICS_REGISTRY_NAME, made);
        return made;
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
                        .publishPercentileHistogram().register(registry));
    }

    /** A PutEvents call ended. */
    public void requested(int entries, Duration latency) {
        publish.record(latency);
        batchEntries.record(entries);
    }

    /** An attempt to publish an event ended. */
    public void attempted(PublishAttempt attempt) {
        for (PutResult result : attempt.results()) {
            (result.isAccepted() ? successes : failures).increment();
        }
    }

    /** Shows a number that is asked for when the metrics are read. */
    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).strongReference(true).register(registry);
    }
}
