package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.simulator.EventFactory;

/** {@code explain FILE} of the launcher, beside a bridge that runs or does not. */
class ExplainIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();
    private int written;

    @AfterEach
    void close() {
        site.close();
    }

    /** Calls the launcher from the directory where the file is. */
    private BridgeJvm explain(String event, String... options) throws IOException {
        String name = "event " + ++written + ".json";
        Files.writeString(site.path("routes/" + name), event);
        String[] arguments = new String[options.length + 2];
        arguments[0] = "explain";
        System.arraycopy(options, 0, arguments, 1, options.length);
        arguments[options.length + 1] = name;
        return site.startLauncher(arguments);
    }

    private void assertThatNothingIsTold(BridgeJvm verb) {
        assertThat(verb.output()).doesNotContain("Exception", "org.routingbridge", BridgeSite.WEBHOOK_SECRET);
    }

    @Test
    void theBridgeThatRunsSaysWhatItWouldDo() throws Exception {
        // Given
        String token = "the-token-of-the-operators";
        site.with("BRIDGE_OPS_TOKEN", token).start().awaitReady();

        // When
        BridgeJvm good = explain(events.validEvent().json());
        BridgeJvm bad = explain(events.invalidEvent().json());
        BridgeJvm large = explain("{\"x\": \"" + "y".repeat(400_000) + "\"}");
        BridgeJvm raw = explain(events.validEvent().json(), "--json");

        // Then
        assertThat(good.awaitExit(PATIENCE)).as(good.output()).isZero();
        assertThat(good.output()).contains("passed       schema", "The reply would be 200 processed",
                "EventBusName " + BridgeSite.BUS);
        assertThat(bad.awaitExit(PATIENCE)).isEqualTo(1);
        assertThat(bad.output()).contains("failed       schema      /", "not reached  ordering",
                "The reply would be 400 schema_violation");
        assertThat(large.awaitExit(PATIENCE)).as(large.output()).isEqualTo(1);
        assertThat(large.output()).contains("The reply would be 413 payload_too_large");
        assertThat(raw.awaitExit(PATIENCE)).isZero();
        assertThat(new JsonMapper().readTree(raw.output()).path("entry").path("Detail").asText()).contains("bridge");
        assertThat(site.bus().deliveredCount()).isZero();
        assertThatNothingIsTold(bad);

        // When
        BridgeJvm stranger = site.without("BRIDGE_OPS_TOKEN").startLauncher("explain", "operate.camel.yaml");

        // Then
        assertThat(stranger.awaitExit(PATIENCE)).isEqualTo(2);
        assertThat(stranger.output()).contains("asks for the operators' token; set BRIDGE_OPS_TOKEN").hasLineCount(1);
    }

    @Test
    void whereNoBridgeAnswersItSaysWhatToDo() throws Exception {
        // When
        BridgeJvm alone = explain(events.validEvent().json());
        BridgeJvm noFile = site.startLauncher("explain", "not-there.json");
        BridgeJvm nothing = site.startLauncher("explain");
        BridgeJvm directory = site.startLauncher("explain", "..");

        // Then
        assertThat(alone.awaitExit(PATIENCE)).isEqualTo(2);
        assertThat(alone.output()).startsWith("No bridge answers: http://127.0.0.1:").contains(
                "the connection was refused; start the bridge, or name its port by MANAGEMENT_PORT").hasLineCount(1);
        assertThat(noFile.awaitExit(PATIENCE)).isEqualTo(2);
        assertThat(noFile.output()).isEqualToIgnoringNewLines("explain: not-there.json: there is no such file");
        assertThat(nothing.awaitExit(PATIENCE)).isEqualTo(2);
        assertThat(nothing.output()).startsWith("explain: takes one file");
        assertThat(directory.awaitExit(PATIENCE)).isEqualTo(2);
        assertThat(directory.output()).startsWith("explain: .. cannot be read");
        assertThatNothingIsTold(alone);
        assertThat(site.path("data")).doesNotExist();
        assertThat(site.path("logs")).doesNotExist();
    }
}
