package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/** The packaged jar as a process: what keeps it from starting, and what counts when it does (contract, section 1). */
class BridgeStartIT {

    private static final Duration REFUSAL = Duration.ofSeconds(20);
    private static final String PROPERTIES = "application.properties";

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    @Test
    void aLogFormatThatIsNoneStopsTheStart() {
        // When
        BridgeJvm bridge = site.with("BRIDGE_LOG_FORMAT", "xml").start();

        // Then
        assertThat(bridge.awaitExit(REFUSAL)).isEqualTo(2);
        assertThat(bridge.output().lines()).singleElement().asString()
                .startsWith("BRIDGE_LOG_FORMAT (bridge.log.format): must be ").endsWith("example: json");
    }

    @Test
    void missingSettingsAreNamedOneALineWithAnExample() {
        // Given
        site.withoutAny();

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge,
                "WEBHOOK_SECRET (bridge.webhook.secret): is required",
                "AWS_REGION (bridge.aws.region): is required",
                "EVENTBUS_NAME (bridge.eventbridge.bus): is required",
                "CXONE_CLIENT_ID (bridge.cxone.client.id): is required",
                "CXONE_CLIENT_SECRET (bridge.cxone.client.secret): is required",
                "BRIDGE_PUBLIC_URL (bridge.public.url): is required");
    }

    @Test
    void anEmptyVariableIsAMissingOne() {
        // Given
        site.with("EVENTBUS_NAME", "").with("WEBHOOK_SECRET", "   ");

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, "WEBHOOK_SECRET (bridge.webhook.secret): is required",
                "EVENTBUS_NAME (bridge.eventbridge.bus): is required");
    }

    @Test
    void wrongSettingsAreNamedOneALineAndNeverQuoted() {
        // Given
        site.with("PORT", "seventy").with("WEBHOOK_SECRET", "too-short").with("BRIDGE_ORDERING_POLICY", "perhaps");

        // When
        BridgeJvm bridge = site.start("-Dbridge.eventbridge.timeout=soon");

        // Then
        assertRefused(bridge, "PORT (bridge.port): must be", "WEBHOOK_SECRET (bridge.webhook.secret): must be",
                "BRIDGE_EVENTBRIDGE_TIMEOUT (bridge.eventbridge.timeout): must be",
                "BRIDGE_ORDERING_POLICY (bridge.ordering.policy): must be");
        assertThat(bridge.output()).doesNotContain("too-short");
    }

    @Test
    void aSettingNobodyKnowsIsRefused() {
        // Given
        site.edit(PROPERTIES, text -> text + "\nbridge.retries=3\n");

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, "bridge.retries: is not a setting of the bridge");
    }

    @Test
    void aSystemPropertyGoesBeforeTheEnvironmentAndThatBeforeTheFile() {
        // Given
        site.bus().createBus("bus-of-the-command-line");
        site.edit(PROPERTIES, text -> text.replace("#bridge.eventbridge.bus=", "bridge.eventbridge.bus=bus-of-the-file")
                .replace("#bridge.aws.region=eu-central-1", "bridge.aws.region=eu-west-3")
                .replace("bridge.registration.enabled=true", "bridge.registration.enabled=false"));
        site.with("AWS_REGION", "eu-north-1");

        // When
        BridgeJvm bridge = site.start("-Dbridge.eventbridge.bus=bus-of-the-command-line").awaitReady();

        // Then
        assertThat(bridge.output()).contains("bus=bus-of-the-command-line", "region=eu-north-1", "registration=off");
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0)) {
            site.with("PORT", taken.getLocalPort());

            // When
            BridgeJvm bridge = site.start();

            // Then
            assertRefused(bridge, "PORT (bridge.port): port " + taken.getLocalPort());
        }
    }

    @Test
    void aManagementPortInUseIsSaidInOneLine() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            site.with("MANAGEMENT_PORT", taken.getLocalPort());

            // When
            BridgeJvm bridge = site.start();

            // Then
            assertRefused(bridge, "MANAGEMENT_PORT (bridge.management.port)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-host.invalid", "192.0.2.1", "not a host"})
    void aManagementHostThatIsNotThisMachinesIsBlamedItself(String host) {
        // Given
        site.with("BRIDGE_MANAGEMENT_HOST", host);

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, "BRIDGE_MANAGEMENT_HOST (bridge.management.host): ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BRIDGE_LOG_DIR", "BRIDGE_DATA_DIR"})
    void aDirectoryThatCannotBeWrittenToIsSaidInOneLine(String variable) {
        // Given
        site.with(variable, "application.properties/below-a-file");

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertRefused(bridge, variable + " (");
    }

    @Test
    void whatIsEditedCountsAndWhatEditorsAndSystemsLeaveBesideItDoesNot() throws Exception {
        // Given
        SampleEvent event = events.validEvent();
        site.edit("routes/receive-routing-events.camel.yaml",
                text -> text.replace("path: " + BridgeSite.PATH, "path: /webhook/edited"));
        for (String name : List.of("._publish-routing-events.camel.yaml", ".#operate.camel.yaml", "#operate.camel.yaml",
                "~operate.camel.yaml", "operate.camel.yaml~", ".operate.camel.yaml.swp", "#operate.camel.yaml#")) {
            site.write("routes/" + name, "\u0000\u0005\u0016\u0007 no route");
        }
        site.write(PROPERTIES, "\uFEFFbridge.eventbridge.source=edited.source\n"
                + site.read(PROPERTIES).replace("\nbridge.eventbridge.source=", "\n#"));
        site.with("BRIDGE_ORDERNG_POLICY", "flag");

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        assertThat(site.post("/webhook/edited", event.json()).statusCode()).isEqualTo(200);
        assertThat(site.bus().delivered()).singleElement()
                .satisfies(entry -> assertThat(entry.source()).isEqualTo("edited.source"));
        assertThat(site.post(BridgeSite.PATH, event.json()).statusCode()).isEqualTo(404);
        assertThat(bridge.output().lines()).filteredOn(line -> line.startsWith("BRIDGE_ORDERNG_POLICY: "))
                .singleElement().asString().contains("BRIDGE_ORDERING_POLICY");
    }

    @Test
    void aSecondBridgeOnTheSameDataDirectoryDoesNotStart() throws Exception {
        // Given
        site.start().awaitReady();
        int port = site.port();
        site.with("PORT", freePort()).with("MANAGEMENT_PORT", freePort());

        // When
        BridgeJvm second = site.start();

        // Then
        assertRefused(second, "BRIDGE_DATA_DIR (bridge.data.dir): ");
        assertThat(second.output()).contains("is in use by another process");
        site.with("PORT", port);
        assertThat(site.post(BridgeSite.PATH, events.validEvent().json()).statusCode()).isEqualTo(200);
    }

    @Test
    void withoutItsPropertiesItSaysWhereToBeStarted() {
        // Given
        site.remove(PROPERTIES);

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertThat(bridge.awaitExit(REFUSAL)).isNotZero();
        assertThat(bridge.output().lines()).singleElement().asString()
                .contains(PROPERTIES, "start the bridge from the project's root");
    }

    @Test
    void aMistakeInARouteFileIsSaidWithItsPlace() {
        // Given
        site.edit("routes/publish-routing-events.camel.yaml", text -> text.replace("- process:", "- proces:"));

        // When
        BridgeJvm bridge = site.start();

        // Then
        assertThat(bridge.awaitExit(REFUSAL)).isNotZero();
        assertThat(bridge.output()).contains("publish-routing-events.camel.yaml", "proces").doesNotContain("\tat ");
    }

    /** Each line names a setting, says what is wrong and gives an example; nothing else is there. */
    private static void assertRefused(BridgeJvm bridge, String... beginnings) {
        assertThat(bridge.awaitExit(REFUSAL)).isNotZero();
        List<String> lines = bridge.output().lines().filter(line -> !line.contains(" INFO ")).toList();
        assertThat(lines).hasSameSizeAs(beginnings);
        for (String beginning : beginnings) {
            assertThat(lines).anySatisfy(line -> assertThat(line).startsWith(beginning));
        }
        assertThat(lines)
                .allSatisfy(line -> assertThat(line).containsAnyOf("; example: ", "see the table of settings"));
        assertThat(bridge.output()).doesNotContain("\tat ", "Exception", BridgeSite.WEBHOOK_SECRET,
                BridgeSite.CLIENT_SECRET);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
