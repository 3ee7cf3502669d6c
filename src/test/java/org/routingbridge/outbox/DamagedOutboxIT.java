package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/** What the bridge makes of outbox files that were damaged while it was not running. */
class DamagedOutboxIT {

    private static final int EVENTS = 60;
    private static final int VICTIM = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final JsonMapper json = new JsonMapper();
    private final Path data = Path.of("target", "damaged-outboxes", UUID.randomUUID().toString()).toAbsolutePath();
    private final BridgeSite site = new BridgeSite().with("BRIDGE_DATA_DIR", data)
            .with("BRIDGE_REGISTRATION_ENABLED", false).without("DATA_LAKE_WEBHOOK_URL")
            .with("BRIDGE_DELIVERY_MODE", "queued");
    private final List<SampleEvent> accepted = new ArrayList<>();

    @AfterEach
    void close() {
        site.close();
    }

    /** A bridge that was told to end with so many events in its outbox. */
    private void leaveEventsBehind() throws IOException, InterruptedException {
        EventFactory events = new EventFactory();
        BridgeJvm bridge = site.start().awaitReady();
        site.bus().goAway();
        for (int i = 0; i < EVENTS; i++) {
            SampleEvent event = events.validEvent();
            assertThat(site.post(BridgeSite.PATH, event.json()).statusCode()).isEqualTo(202);
            accepted.add(event);
        }
        bridge.terminate();
        assertThat(bridge.awaitExit(PATIENCE)).isZero();
    }

    private JsonNode outbox() throws IOException, InterruptedException {
        return json.readTree(site.manage("/ops/accounting").body()).path("outbox");
    }

    /** One bit of an event's text, somewhere in a name or a value. */
    private void flipBitInTextOf(SampleEvent event) throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("outbox").resolve("journal"))) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("{\"id\":\"" + event.id());
                if (at >= 0) {
                    bytes[at + 60] ^= 0x10;
                    Files.write(file, bytes);
                    return;
                }
            }
        }
        throw new AssertionError("the event is in no journal file");
    }

    @Test
    void anEventWhoseTextIsDamagedIsSetAsideByNameAndAllOthersReachTheBus() throws Exception {
        // Given
        leaveEventsBehind();
        SampleEvent victim = accepted.remove(VICTIM);
        flipBitInTextOf(victim);
        site.bus().comeBack();

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        await().atMost(PATIENCE).until(() -> outbox().path("pending").asInt() == 0);
        assertThat(site.bus().timesDelivered()).containsOnlyKeys(accepted.stream().map(SampleEvent::id).toList());
        try (Stream<Path> files = Files.list(data.resolve("damaged"))) {
            assertThat(files.toList()).singleElement().satisfies(file -> {
                assertThat(file).content().contains(victim.id());
                assertThat(bridge.output()).contains("damaged", file.toString());
            });
        }
        assertThat(outbox()).hasToString("{\"entered\":" + EVENTS + ",\"published\":" + (EVENTS - 1)
                + ",\"dead_lettered\":1,\"pending\":0}");
    }

    @Test
    void seenIdsThatCannotBeReadCostNoEvent() throws Exception {
        // Given
        leaveEventsBehind();
        try (Stream<Path> files = Files.list(data.resolve("seen"))) {
            for (Path file : files.toList()) {
                Files.write(file, new byte[] {0, 1, 2, '\n', 'x', ' ', 'y', '\n'});
            }
        }
        site.bus().comeBack();

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        await().atMost(PATIENCE).until(() -> outbox().path("pending").asInt() == 0);
        assertThat(site.bus().timesDelivered()).containsOnlyKeys(accepted.stream().map(SampleEvent::id).toList());
        assertThat(bridge.output()).contains("Some accepted ids cannot be read");
    }
}
