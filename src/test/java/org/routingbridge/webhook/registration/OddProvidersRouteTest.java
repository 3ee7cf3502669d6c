package org.routingbridge.webhook.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.routingbridge.webhook.registration.RegistrationForTests.OFTEN;
import static org.routingbridge.webhook.registration.RegistrationForTests.RETRIED;
import static org.routingbridge.webhook.registration.RegistrationForTests.awaitListings;
import static org.routingbridge.webhook.registration.RegistrationForTests.awaitRegistered;
import static org.routingbridge.webhook.registration.RegistrationForTests.newBridge;
import static org.routingbridge.webhook.registration.RegistrationForTests.wanted;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.LoggedLines;
import org.routingbridge.simulator.CxoneSimulator;
import org.routingbridge.simulator.CxoneSimulator.Paging;

/** Listings in pages, behind the time, of twins, and webhooks that CXone keeps otherwise (contract, section 7). */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OddProvidersRouteTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static BridgeUnderTest bridge;
    private static CxoneSimulator cxone;

    @BeforeAll
    static void start() {
        bridge = newBridge(OFTEN);
        cxone = bridge.cxone();
        cxone.emptyIsNoContent(true);
        bridge.start();
        awaitRegistered(cxone);
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void ourWebhookAlone() throws Exception {
        cxone.paging(Paging.NONE);
        cxone.lagListings(false);
        cxone.answerEndlessly(false);
        cxone.keepAs(UnaryOperator.identity());
        cxone.webhooks().keySet().forEach(cxone::removeWebhook);
        await().untilAsserted(() -> assertThat(ours()).hasSize(1));
        await().until(() -> bridge.metric("bridge_registration_ok") == 1);
        cxone.clearRequests();
    }

    private static List<String> ours() {
        return cxone.webhooks().entrySet().stream()
                .filter(one -> one.getValue().path("name").asText().equals("routing-event-bridge"))
                .map(Map.Entry::getKey).toList();
    }

    private String registration() {
        return bridge.manage("/observe/health").body();
    }

    @ParameterizedTest
    @EnumSource(value = Paging.class, names = {"NONE", "ENDLESS"}, mode = EnumSource.Mode.EXCLUDE)
    void oursIsFoundOnWhateverPageItIs(Paging paging) throws Exception {
        // Given
        String id = ours().get(0);
        for (int other = 0; other < 6; other++) {
            cxone.addWebhook(wanted().put("name", "another-" + other));
        }
        ObjectNode last = cxone.webhooks().get(id);
        cxone.removeWebhook(id);
        String moved = cxone.addWebhook(last);

        // When
        cxone.paging(paging);
        cxone.clearRequests();
        awaitListings(cxone, 12);

        // Then
        assertThat(ours()).containsExactly(moved);
        assertThat(cxone.webhookRequests("PUT")).isZero();
        assertThat(bridge.metric("bridge_registration_ok")).isEqualTo(1);
    }

    @Test
    void aListingWithoutAnEndInWhichOursIsNotMakesNoWebhook() throws Exception {
        // Given
        cxone.addWebhook(wanted().put("name", "another"));
        cxone.addWebhook(wanted().put("name", "another"));

        // When
        cxone.paging(Paging.ENDLESS);
        cxone.removeWebhook(ours().get(0));

        // Then
        await().atMost(RETRIED).until(() -> bridge.metric("bridge_registration_ok") == 0);
        awaitListings(cxone, 8);
        assertThat(ours()).isEmpty();
        assertThat(registration()).contains("has no end");
    }

    @Test
    void whatWasJustMadeIsRememberedWhileListingsLag() {
        // Given
        cxone.lagListings(true);
        cxone.removeWebhook(ours().get(0));
        await().untilAsserted(() -> assertThat(ours()).hasSize(1));
        String made = ours().get(0);

        // When
        cxone.clearRequests();
        awaitListings(cxone, 6);

        // Then
        assertThat(ours()).containsExactly(made);
        assertThat(bridge.metric("bridge_registration_ok")).isEqualTo(1);
    }

    @Test
    void ofTwinsOneIsKeptAndTheOtherReported() throws Exception {
        // Given
        String id = ours().get(0);

        // When
        try (LoggedLines lines = new LoggedLines()) {
            cxone.addWebhook(wanted().put("targetUrl", "https://elsewhere.example.com"));
            cxone.clearRequests();
            awaitListings(cxone, 6);

            // Then
            assertThat(lines.all()).filteredOn(line -> line.contains("more than one webhook of our name"))
                    .hasSize(1);
        }
        assertThat(ours()).hasSize(2).contains(id);
        assertThat(cxone.webhookRequests("PUT")).isZero();
        assertThat(registration()).contains("2 webhooks of our name");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"enabled|false|true", "active|false|true", "isActive|false|true",
        "disabled|true|false", "status|\"DISABLED\"|\"ACTIVE\"", "state|\"paused\"|\"active\""})
    void aDisabledWebhookIsEnabled(String member, String off, String on) throws Exception {
        // When
        cxone.changeWebhook(ours().get(0), wanted().set(member, JSON.readTree(off)));

        // Then
        await().untilAsserted(() -> assertThat(cxone.webhooks().get(ours().get(0)).path(member))
                .isEqualTo(JSON.readTree(on)));
    }

    @Test
    void allThatSwitchesItOffIsSwitchedOn() throws Exception {
        // When
        cxone.changeWebhook(ours().get(0), wanted().put("enabled", false).put("disabled", true)
                .put("status", "INACTIVE"));

        // Then
        await().untilAsserted(() -> {
            JsonNode webhook = cxone.webhooks().get(ours().get(0));
            assertThat(webhook.path("enabled").asBoolean()).isTrue();
            assertThat(webhook.path("disabled").asBoolean(true)).isFalse();
            assertThat(webhook.path("status").asText()).isEqualTo("ACTIVE");
        });
    }

    @Test
    void oneThatStaysDisabledIsSaidOnceAndLeft() throws Exception {
        // Given
        cxone.keepAs(webhook -> webhook.put("enabled", false));

        // When
        try (LoggedLines lines = new LoggedLines()) {
            cxone.changeWebhook(ours().get(0), wanted().put("enabled", false));
            await().until(() -> bridge.metric("bridge_registration_ok") == 0);
            int puts = cxone.webhookRequests("PUT");
            cxone.clearRequests();
            awaitListings(cxone, 10);

            // Then
            assertThat(puts).isEqualTo(1);
            assertThat(cxone.webhookRequests("PUT")).isZero();
            assertThat(lines.all()).filteredOn(line -> line.contains("is left as it is")).hasSize(1);
        }
        assertThat(registration()).contains("another enabled");
    }

    @Test
    void whatTheProviderWritesInItsOwnWayIsSaidOnceAndLeft() throws Exception {
        // Given
        cxone.keepAs(webhook -> webhook.put("description", "PUTS ROUTING EVENTS"));

        // When
        try (LoggedLines lines = new LoggedLines()) {
            cxone.changeWebhook(ours().get(0), wanted().put("description", "PUTS ROUTING EVENTS"));
            await().until(() -> cxone.webhookRequests("PUT") == 1);
            awaitListings(cxone, 10);

            // Then
            assertThat(cxone.webhookRequests("PUT")).isEqualTo(1);
            assertThat(lines.all()).filteredOn(line -> line.contains("is left as it is")).hasSize(1);
        }
        assertThat(bridge.metric("bridge_registration_ok")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTPS://BRIDGE.example.com:8443/webhook/routing%2devents?via=cxone&x=%7b%20",
        "https://bridge.example.com:8443/webhook/./routing-events?via=%63xone&x=%7B%20"})
    void anAddressThatMeansTheSameIsLeftAsItIs(String address) throws Exception {
        // When
        cxone.changeWebhook(ours().get(0), wanted().put("targetUrl", address));
        cxone.clearRequests();
        awaitListings(cxone, 4);

        // Then
        assertThat(cxone.webhookRequests("PUT")).isZero();
        assertThat(bridge.metric("bridge_registration_ok")).isEqualTo(1);
    }

    @Test
    void anAnswerThatIsTooLongIsSaidInWordsAndEventsAreTaken() {
        // When
        cxone.answerEndlessly(true);

        // Then
        await().atMost(RETRIED).until(() -> bridge.metric("bridge_registration_ok") == 0);
        assertThat(registration()).contains("over 1048576 bytes");
        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
    }
}
