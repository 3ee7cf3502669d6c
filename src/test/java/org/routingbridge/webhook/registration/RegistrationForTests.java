package org.routingbridge.webhook.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Locale;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.CxoneSimulator;

/** A bridge that registers its webhook, and what its tests ask of CXone. */
final class RegistrationForTests {

    static final String PUBLIC_URL =
            "https://bridge.example.com:8443/webhook/routing-events?via=cxone&x=%7B%20";
    static final String OFTEN = "200ms";
    /** A look that fails is tried again for 15 s. */
    static final Duration RETRIED = Duration.ofSeconds(40);
    private static final JsonMapper JSON = new JsonMapper();

    private RegistrationForTests() {
    }

    static BridgeUnderTest newBridge(String period) {
        return new BridgeUnderTest().withRegistration().with("bridge.public.url", PUBLIC_URL)
                .with("bridge.registration.period", period);
    }

    static void awaitListings(CxoneSimulator cxone, int atLeast) {
        await().untilAsserted(() -> assertThat(cxone.webhookRequests("GET")).isGreaterThanOrEqualTo(atLeast));
    }

    static void awaitRegistered(CxoneSimulator cxone) {
        await().untilAsserted(() -> assertThat(cxone.webhooks()).hasSize(1));
    }

    static ObjectNode wanted() throws Exception {
        return (ObjectNode) JSON.readTree(String.format(Locale.ROOT, """
                {"name": "routing-event-bridge", "description": "Puts routing events on an AWS EventBridge bus",
                 "eventTypes": ["routing:queue:member:added", "routing:queue:member:removed",
                                "routing:conversation:queued"],
                 "targetUrl": "%s",
                 "targetHeaders": {"Content-Type": "application/json", "X-Webhook-Secret": "%s"},
                 "format": "json", "retryPolicy": {"maxRetries": 5, "retryIntervalMs": 1000}}
                """, PUBLIC_URL, BridgeUnderTest.SECRET));
    }
}
