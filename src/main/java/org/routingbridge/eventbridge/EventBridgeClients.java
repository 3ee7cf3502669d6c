package org.routingbridge.eventbridge;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

import org.routingbridge.settings.Settings;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.EventBridgeClientBuilder;

/**
 * Makes the one client of EventBridge. It never retries by itself, since the routes do that as the event directs, and
 * ends every attempt after {@code bridge.eventbridge.timeout}.
 */
public final class EventBridgeClients {

    /** One for DescribeEventBus beside the senders' own. */
    private static final int SPARE_CONNECTIONS = 2;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    private EventBridgeClients() {
    }

    public static EventBridgeClient create(Settings settings) {
        Duration timeout = settings.eventBridgeTimeout();
        EventBridgeClientBuilder builder = EventBridgeClient.builder()
                .region(Region.of(settings.awsRegion()))
                .httpClientBuilder(ApacheHttpClient.builder()
                        .maxConnections(settings.eventBridgeConcurrency() + SPARE_CONNECTIONS)
                        .connectionTimeout(timeout.compareTo(CONNECT_TIMEOUT) < 0 ? timeout : CONNECT_TIMEOUT)
                        .socketTimeout(timeout)
                        .tcpKeepAlive(true))
                .overrideConfiguration(ClientOverrideConfiguration.builder()
                        .retryStrategy(DefaultRetryStrategy.doNotRetry())
                        .apiCallTimeout(timeout)
                        .scheduledExecutorService(timeouts())
                        .build());
        if (settings.eventBridgeEndpoint() != null) {
            builder.endpointOverride(settings.eventBridgeEndpoint());
        }
        return builder.build();
    }

    /** Lets go of a call's timeout when the call ends; the SDK's own keeps each, and wakes a thread once it is due. */
    private static ScheduledExecutorService timeouts() {
        ScheduledThreadPoolExecutor timeouts = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "eventbridge-timeouts");
            thread.setDaemon(true);
            return thread;
        });
        timeouts.setRemoveOnCancelPolicy(true);
        return timeouts;
    }
}
