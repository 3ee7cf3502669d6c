package org.routingbridge.datalake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.deadletter.DeadLetterReasons;
import org.routingbridge.history.EventHistory;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.store.SteadyClock;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoreUnavailable;

/** Notifications on their way to the disk have a bound in memory. */
class NotificationsBoundTest {

    @TempDir
    private Path data;

    @Test
    void oneThatFoundNoRoomTakesNone() throws Exception {
        // Given
        try (Store store = new Store(data, new SteadyClock()); CamelContext context = new DefaultCamelContext()) {
            store.start();
            DataLakeNotifications notifications = new DataLakeNotifications(SettingsForTests.with(), store,
                    new BridgeMetrics(), new EventHistory(), new DeadLetterReasons(new BridgeMetrics()));
            byte[] more = new byte[Math.toIntExact(DataLakeNotifications.mostBytesUnwritten() + 1)];
            assertThatThrownBy(() -> keep(notifications, context, more).get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(StoreUnavailable.class);

            // When
            keep(notifications, context, "{\"eventId\":\"e\"}".getBytes(StandardCharsets.UTF_8))
                    .get(10, TimeUnit.SECONDS);

            // Then
            assertThat(notifications.pending()).isEqualTo(1);
        }
    }

    private static CompletableFuture<?> keep(DataLakeNotifications notifications, CamelContext context, byte[] text) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(text);
        return notifications.keep(exchange);
    }
}
