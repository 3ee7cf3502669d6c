package org.routingbridge.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.settings.SettingsForTests;

class DeliveryVerifierTest {

    private static final String SECRET = SettingsForTests.SECRET;
    private static final String PREVIOUS = "the-secret-before-this-one";
    private static final byte[] BODY = "{\"id\":\"é\"}".getBytes(StandardCharsets.UTF_8);
    /** printf '{"id":"é"}' | openssl dgst -sha256 -hmac a-signing-key */
    private static final String SIGNATURE = "9291969ae7ce31bf36fa7831ddf5de6400d16bb219c126a686ef847c9a718397";

    private final DeliveryVerifier verifier = new DeliveryVerifier(SettingsForTests.with());
    private final DeliveryVerifier signed = new DeliveryVerifier(
            SettingsForTests.with("bridge.webhook.hmac.secret", "a-signing-key"));

    private static Delivery delivery(Map<String, String> headers) {
        return new Delivery(headers::get, BODY, EventsForTests.RECEIVED_AT);
    }

    private static Delivery withSecret(String secret) {
        return delivery(secret == null ? Map.of() : Map.of("X-Webhook-Secret", secret));
    }

    private static Delivery withSignature(String signature) {
        return delivery(signature == null ? Map.of() : Map.of("X-Webhook-Signature", signature));
    }

    @Test
    void whoHoldsTheSecretIsLetIn() {
        // When, Then
        assertThatCode(() -> verifier.verifySecret(withSecret(SECRET))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "wrong", SECRET + " ", SECRET + "x", "A-SECRET-FOR-UNIT-TESTS", PREVIOUS})
    void whoDoesNotIsRefused(String secret) {
        // When
        Refused refused = catchThrowableOfType(Refused.class, () -> verifier.verifySecret(withSecret(secret)));

        // Then
        assertThat(refused.refusal()).isEqualTo(Refusal.UNAUTHORIZED);
        assertThat(refused.getMessage()).doesNotContain(SECRET);
    }

    @Test
    void whileASecretIsBeingRotatedBothAreAccepted() {
        // Given
        DeliveryVerifier rotating = new DeliveryVerifier(
                SettingsForTests.with("bridge.webhook.secret.previous", PREVIOUS));

        // When, Then
        assertThatCode(() -> rotating.verifySecret(withSecret(SECRET))).doesNotThrowAnyException();
        assertThatCode(() -> rotating.verifySecret(withSecret(PREVIOUS))).doesNotThrowAnyException();
        assertThat(catchThrowableOfType(Refused.class, () -> rotating.verifySecret(withSecret("neither")))).isNotNull();
    }

    @Test
    void withoutAKeyNothingIsSigned() {
        // When, Then
        assertThatCode(() -> verifier.verifySignature(withSignature(null))).doesNotThrowAnyException();
    }

    @Test
    void aRightSignatureIsAccepted() {
        // When, Then
        assertThatCode(() -> signed.verifySignature(withSignature("sha256=" + SIGNATURE))).doesNotThrowAnyException();
        assertThatCode(() -> signed.verifySignature(withSignature("sha256=" + SIGNATURE.toUpperCase(
                java.util.Locale.ROOT)))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "sha256=", SIGNATURE, "sha1=" + SIGNATURE, "sha256=0" + SIGNATURE,
        "sha256=" + SIGNATURE + "00", "sha256=0000000000000000000000000000000000000000000000000000000000000000"})
    void aWrongOrMissingSignatureIsRefused(String signature) {
        // When
        Refused refused = catchThrowableOfType(Refused.class, () -> signed.verifySignature(withSignature(signature)));

        // Then
        assertThat(refused.refusal()).isEqualTo(Refusal.UNAUTHORIZED);
        assertThat(refused.getMessage()).doesNotContain("a-signing-key", SIGNATURE);
    }

    @Test
    void aSignatureIsOfThisBodyAlone() {
        // Given
        Delivery other = withSignature("sha256=" + SIGNATURE)
                .withBody("{\"id\":\"e\"}".getBytes(StandardCharsets.UTF_8));

        // When, Then
        assertThat(catchThrowableOfType(Refused.class, () -> signed.verifySignature(other))).isNotNull();
    }

    @Property(tries = 500)
    void aSignatureLetsInItsOwnBodyAndNoOther(@ForAll @NotEmpty byte[] body, @ForAll int at,
                                              @ForAll @IntRange(min = 1, max = 255) int flip) {
        // Given
        String signature = "sha256=" + hmac(body);
        byte[] other = body.clone();
        other[Math.floorMod(at, body.length)] ^= (byte) flip;

        // When, Then
        assertThatCode(() -> signed.verifySignature(withSignature(signature).withBody(body)))
                .doesNotThrowAnyException();
        assertThat(refusalOf(signature, other)).isEqualTo(Refusal.UNAUTHORIZED);
        assertThat(refusalOf(signature, Arrays.copyOf(body, body.length - 1)))
                .isEqualTo(Refusal.UNAUTHORIZED);
        assertThat(refusalOf(signature, Arrays.copyOf(body, body.length + 1)))
                .isEqualTo(Refusal.UNAUTHORIZED);
    }

    @Property(tries = 1_000)
    void noOtherSignatureLetsABodyIn(@ForAll byte[] body, @ForAll int at, @ForAll @IntRange(max = 3) int length,
                                     @ForAll String with) {
        // Given
        String right = "sha256=" + hmac(body);
        int from = Math.floorMod(at, right.length() + 1);
        String other = right.substring(0, from) + with
                + right.substring(Math.min(right.length(), from + length));
        Assume.that(!other.equalsIgnoreCase(right));

        // When, Then
        assertThat(refusalOf(other, body)).isEqualTo(Refusal.UNAUTHORIZED);
    }

    private Refusal refusalOf(String signature, byte[] body) {
        Refused refused = catchThrowableOfType(Refused.class,
                () -> signed.verifySignature(withSignature(signature).withBody(body)));
        return refused == null ? null : refused.refusal();
    }

    private static String hmac(byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec("a-signing-key".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
