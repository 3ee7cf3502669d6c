package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.simulator.SampleEvent;

/** The webhook where deliveries have to be signed: {@code bridge.webhook.hmac.secret} is set. */
class SignedDeliveriesRouteTest {

    private static final String HMAC_SECRET = "the key of the sender's signature";

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.webhook.hmac.secret", HMAC_SECRET).start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static String sign(String body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HMAC_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest.Builder signed(String body, String signature) {
        return bridge.request().header("X-Webhook-Signature", signature).POST(BodyPublishers.ofString(body));
    }

    @Test
    void aSignedDeliveryIsTaken() {
        // Given
        String body = " " + bridge.newEvent().with("/routingContext/name", "J\u00fcrgen \ud83d\ude00").json() + "\n";

        // When
        Reply reply = bridge.send(signed(body, "sha256=" + sign(body)));

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
    }

    @Test
    void hexInCapitalsIsTheSameSignature() {
        // Given
        String body = bridge.newEvent().json();

        // When
        Reply reply = bridge.send(signed(body, "sha256=" + sign(body).toUpperCase(Locale.ROOT)));

        // Then
        assertThat(reply.outcome()).isEqualTo("200 processed");
    }

    @Test
    void anUnsignedDeliveryIsAnswered401() {
        // Given
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.outcome()).isEqualTo("401 unauthorized");
        assertThat(reply.body()).doesNotContain(HMAC_SECRET, sign(event.json()));
        assertThat(bridge.bus().calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256=", "sha256=00", "%s", "sha1=%s", "sha256=%s0", "SHA256%s", "sha256= %s",
        "sha256=%s,sha256=%s"})
    void whatIsNotExactlyTheSignatureIsAnswered401(String form) {
        // Given
        String body = bridge.newEvent().json();

        // When
        Reply reply = bridge.send(signed(body, form.replace("%s", sign(body))));

        // Then
        assertThat(reply.outcome()).isEqualTo("401 unauthorized");
        assertThat(bridge.bus().calls()).isEmpty();
    }

    @Test
    void anotherBodysSignatureIsAnswered401() {
        // Given
        String body = bridge.newEvent().json();

        // When
        Reply reply = bridge.send(signed(body, "sha256=" + sign(body + " ")));

        // Then
        assertThat(reply.outcome()).isEqualTo("401 unauthorized");
    }

    @Test
    void aSignatureDoesNotReplaceTheSecret() {
        // Given
        String body = bridge.newEvent().json();

        // When
        Reply reply = bridge.send(signed(body, "sha256=" + sign(body)).setHeader("X-Webhook-Secret", "wrong"));

        // Then
        assertThat(reply.outcome()).isEqualTo("401 unauthorized");
    }

    @Test
    void aWrongSignatureBeatsBadJson() {
        // Given
        String body = "{";

        // When
        Reply reply = bridge.send(signed(body, "sha256=00"));

        // Then
        assertThat(reply.outcome()).isEqualTo("401 unauthorized");
    }

    @Test
    void aWrongTypeBeatsAWrongSignature() {
        // Given
        String body = bridge.newEvent().json();

        // When
        Reply reply = bridge.send(signed(body, "sha256=00").setHeader("Content-Type", "text/plain"));

        // Then
        assertThat(reply.outcome()).isEqualTo("415 unsupported_media_type");
    }

    @Test
    void aBodyTooLargeBeatsAWrongSignature() {
        // Given
        String body = "x".repeat(307_201);

        // When
        Reply reply = bridge.send(signed(body, "sha256=00"));

        // Then
        assertThat(reply.outcome()).isEqualTo("413 payload_too_large");
    }

    @Test
    void aWrongSignatureLeavesNoAuditLine() {
        // Given
        int before = bridge.auditLines().size();

        // When
        bridge.send(signed(bridge.newEvent().json(), "sha256=00"));

        // Then
        assertThat(bridge.auditLines()).hasSize(before);
    }
}
