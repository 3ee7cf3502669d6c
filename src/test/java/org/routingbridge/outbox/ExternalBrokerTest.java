package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.FreePorts;
import org.routingbridge.simulator.SampleEvent;

/** The outbox in a broker of its own, by {@code bridge.outbox.broker.url} alone. */
class ExternalBrokerTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BridgeUnderTest bridge = new BridgeUnderTest();
    private EmbeddedActiveMQ broker;
    private String url;

    @TempDir
    private Path data;

    @BeforeEach
    void start() throws Exception {
        url = "tcp://127.0.0.1:" + FreePorts.choose(1)[0];
        startBroker();
        bridge.with("bridge.outbox.broker.url", url).with("bridge.outbox.retry.max.delay", "1s").start();
    }

    private void startBroker() throws Exception {
        broker = new EmbeddedActiveMQ().setConfiguration(new ConfigurationImpl().setPersistenceEnabled(true)
                .setSecurityEnabled(false).setJMXManagementEnabled(false)
                .setJournalDirectory(data.resolve("journal").toString())
                .setBindingsDirectory(data.resolve("bindings").toString())
                .setPagingDirectory(data.resolve("paging").toString())
                .setLargeMessagesDirectory(data.resolve("large-messages").toString())
                .addAcceptorConfiguration("tcp", url));
        broker.start();
    }

    @AfterEach
    void close() throws Exception {
        bridge.close();
        broker.stop();
    }

    private List<String> queueWhileTheBusIsAway(int events) {
        bridge.bus().goAway();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            SampleEvent event = bridge.newEvent();
            assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");
            ids.add(event.id());
        }
        return ids;
    }

    private void awaitOnTheBus(List<String> ids) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(bridge.bus().timesDelivered()).containsOnlyKeys(ids));
    }

    @Test
    void eventsWaitThereAndAreDrainedFromThereAfterARestartToo() throws IOException {
        // Given
        List<String> ids = queueWhileTheBusIsAway(20);

        // When
        bridge.restart();
        assertThat(bridge.pending()).isEqualTo(20);
        bridge.bus().comeBack();

        // Then
        awaitOnTheBus(ids);
        await().atMost(PATIENCE).until(() -> bridge.pending() == 0);
        assertThat(data.resolve("journal")).isNotEmptyDirectory();
        assertThat(bridge.directory().resolve("data").resolve("outbox")).doesNotExist();
    }

    @Test
    void aBrokerThatIsAwayMeansThatTheSenderKeepsTheEventAndAllGoesOnWhenItIsBack() throws Exception {
        // Given
        List<String> ids = queueWhileTheBusIsAway(5);
        broker.stop();

        // When
        SampleEvent refused = bridge.newEvent();
        assertThat(bridge.post(refused).outcome()).isEqualTo("503 overloaded");
        startBroker();

        // Then
        await().atMost(PATIENCE).until(() -> bridge.post(refused).outcome().equals("202 queued"));
        ids.add(refused.id());
        bridge.bus().comeBack();
        awaitOnTheBus(ids);
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
    }
}
