package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.simulator.EventBridgeSimulator;
import org.routingbridge.simulator.EventFactory;

/** {@code doctor} of the launcher, in the bridge's environment. */
class DoctorIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** So that no machine that builds has too little room. */
    private static final int SMALL_STORE = 1024 * 1024;

    private final BridgeSite site = new BridgeSite().with("BRIDGE_OUTBOX_MAX_BYTES", SMALL_STORE);

    @AfterEach
    void close() {
        site.close();
    }

    private String doctor(int exit) {
        BridgeJvm doctor = site.startLauncher("doctor");
        assertThat(doctor.awaitExit(PATIENCE)).as(doctor.output()).isEqualTo(exit);
        assertThat(doctor.output()).doesNotContain(BridgeSite.WEBHOOK_SECRET, BridgeSite.CLIENT_SECRET,
                EventBridgeSimulator.SECRET_ACCESS_KEY, "java.lang", "org.routingbridge", "SLF4J");
        return doctor.output();
    }

    @Test
    void whereAllIsWellItSaysSo() {
        // Given
        site.start().awaitReady();
        await().atMost(PATIENCE).until(() -> site.cxone().webhooks().size() == 1);
        int asked = site.cxone().webhookRequests("GET");

        // When
        String told = doctor(0);

        // Then
        assertThat(told).contains("bridge.webhook.secret = set", "bridge.ops.token = not set",
                "bridge.eventbridge.bus = " + BridgeSite.BUS, "ok       settings",
                "ok       identity   AWS credentials by env vars, access key ...dbox",
                "ok       bus        " + BridgeSite.BUS + " is there", "ok       clock      within ",
                "ok       token",
                "ok       webhook    CXone has ours as it should be", "ok       data lake  http://127.0.0.1:",
                "ok       disk", "ok       room", "ok       bridge     runs and is ready",
                "ok       store      0.0 of 1 MB: 0 events in the outbox").endsWith("All is well\n")
                .doesNotContain("FINDING");
        assertThat(site.cxone().webhookRequests("GET")).isGreaterThan(asked);
        assertThat(site.cxone().webhookRequests("POST")).isEqualTo(1);
        assertThat(site.cxone().webhookRequests("PUT")).isZero();
        assertThat(site.dataLake().requests()).isEmpty();
    }

    @Test
    void eachFindingHasItsMend() {
        // Given
        site.with("EVENTBUS_NAME", "no-such-bus").with("CXONE_CLIENT_SECRET", "not-the-client-secret")
                .with("BRIDGE_DATA_DIR", "application.properties/data");
        site.dataLake().goAway();

        // When
        String told = doctor(1);

        // Then
        assertThat(told).contains("FINDING  bus        The event bus no-such-bus does not exist",
                "mend: create it, or correct EVENTBUS_NAME (bridge.eventbridge.bus)",
                "FINDING  token      CXone gives none: http://127.0.0.1:", "answered with status 401",
                "mend: check CXONE_CLIENT_ID (bridge.cxone.client.id), CXONE_CLIENT_SECRET",
                "FINDING  data lake  http://127.0.0.1:", "the connection was refused",
                "FINDING  disk       ", "application.properties/data", "cannot be written to",
                "mend: give the bridge's user the right to",
                "FINDING  bridge     No bridge answers: http://127.0.0.1:",
                "mend: start the bridge, or name its port by",
                "ok       store      none yet").endsWith("5 findings\n");
        assertThat(told.lines().filter(line -> line.startsWith("FINDING"))).hasSize(5);
        assertThat(told.lines().filter(line -> line.strip().startsWith("mend: "))).hasSize(5);
        assertThat(site.path("data")).doesNotExist();
    }

    @Test
    void credentialsAndTheRegistrationAreHeldAgainstWhatThereIs() {
        // Given
        site.bus().clockAhead(Duration.ofMinutes(10));
        site.with("AWS_SECRET_ACCESS_KEY", "another-key");

        // When
        String told = doctor(1);

        // Then
        assertThat(told).contains("ok       identity", "FINDING  bus        EventBridge refuses: ",
                "mend: see that the credentials are right", "FINDING  clock      ", " s behind AWS's",
                "ok       token      CXone gives one",
                "FINDING  webhook    CXone does not have ours", "mend: start the bridge, which registers it");
        assertThat(site.cxone().webhooks()).isEmpty();
    }

    @Test
    void whatWaitsInAStoreThatNobodyUsesIsCounted() throws Exception {
        // Given
        BridgeJvm bridge = site.with("BRIDGE_REGISTRATION_ENABLED", false).start().awaitReady();
        site.bus().goAway();
        assertThat(site.post(BridgeSite.PATH, new EventFactory().validEvent().json()).statusCode()).isEqualTo(202);
        bridge.terminate();
        bridge.awaitExit(PATIENCE);

        // When
        String told = doctor(1);

        // Then
        assertThat(told).contains("of 1 MB: 1 events in the outbox, 0 notifications, 0 dead letters",
                "FINDING  bus        EventBridge cannot be asked: ",
                "mend: look at AWS_ENDPOINT_URL_EVENTBRIDGE (bridge.eventbridge.endpoint)",
                "webhook    not looked at: registration is off");
    }

    @Test
    void whoDoesNotAnswerHoldsUpNobody() {
        // Given
        site.cxone().latency(Duration.ofMinutes(5));

        // When
        String told = doctor(1);

        // Then
        assertThat(told).contains("ok       bus", "ok       disk").containsPattern("FINDING  (token|cxone) ");
    }

    @Test
    void whereSettingsAreWrongTheyAreTheFinding() {
        // Given
        site.without("EVENTBUS_NAME").with("AWS_REGION", "Frankfurt").with("BRIDGE_OPS_TOKN", "x");

        // When
        String told = doctor(1);

        // Then
        assertThat(told).contains("bridge.eventbridge.bus = not set", "FINDING  settings   EVENTBUS_NAME",
                "is required and missing", "FINDING  settings   AWS_REGION").endsWith("2 findings\n");
        assertThat(site.startLauncher("doctor", "now").awaitExit(PATIENCE)).isEqualTo(2);
    }
}
