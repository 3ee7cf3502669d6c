package org.routingbridge.cxone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.settings.SettingsForTests;

class AccessTokenTest {

    private static final String ODD_SECRET = "a b&c=d+e%f/é:ü\"";

    /** Near its end, where a difference still counts right. */
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1000);
    private final AccessToken token = new AccessToken(SettingsForTests.with("bridge.cxone.client.secret", ODD_SECRET),
            nanos::get);

    @Test
    void atFirstThereIsNone() {
        // When, Then
        assertThat(token.isToBeRenewed()).isTrue();
    }

    @Test
    void aTokenIsKeptUntilAMinuteBeforeItExpires() {
        // Given
        token.keep("{\"access_token\":\"t1\",\"token_type\":\"Bearer\",\"expires_in\":300}");

        // When, Then
        assertThat(token.bearer()).isEqualTo("Bearer t1");
        nanos.addAndGet(Duration.ofMinutes(4).minusMillis(1).toNanos());
        assertThat(token.isToBeRenewed()).isFalse();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(token.isToBeRenewed()).isTrue();
    }

    @Test
    void aTokenThatDoesNotSayLastsAnHour() {
        // Given
        token.keep("{\"access_token\":\"t1\"}");

        // When, Then
        nanos.addAndGet(Duration.ofMinutes(58).toNanos());
        assertThat(token.isToBeRenewed()).isFalse();
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(token.isToBeRenewed()).isTrue();
    }

    @Test
    void aForgottenTokenIsRenewed() {
        // Given
        token.keep("{\"access_token\":\"t1\",\"expires_in\":300}");

        // When
        token.process(null);

        // Then
        assertThat(token.isToBeRenewed()).isTrue();
    }

    @Test
    void aNewTokenTakesThePlaceOfTheOldOne() {
        // Given
        token.keep("{\"access_token\":\"t1\",\"expires_in\":300}");

        // When
        token.keep("{\"access_token\":\"t2\",\"expires_in\":300}");

        // Then
        assertThat(token.bearer()).isEqualTo("Bearer t2");
    }

    @Test
    void aTokenThatLastsForAgesIsKept() {
        // When
        token.keep("{\"access_token\":\"t\",\"expires_in\":99999999999999999}");

        // Then
        assertThat(token.isToBeRenewed()).isFalse();
        assertThat(token.bearer()).isEqualTo("Bearer t");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "\"t\"", "{}", "{\"access_token\":\"\"}", "{\"access_token\":null}",
        "<html>secret-page</html>"})
    void anAnswerWithoutAUsableTokenIsSaidToBeSo(String answer) {
        // When, Then
        assertThatThrownBy(() -> token.keep(answer)).isInstanceOf(CxoneAnswerUnusable.class)
                .message().doesNotContain("secret-page");
        assertThat(token.isToBeRenewed()).isTrue();
    }

    @Test
    void noAnswerIsUnusableToo() {
        // When, Then
        assertThatThrownBy(() -> token.keep(null)).isInstanceOf(CxoneAnswerUnusable.class);
    }

    @Test
    void theFormCarriesEveryValueEncoded() {
        // When
        String form = token.clientCredentialsRequest();

        // Then
        Map<String, String> fields = new LinkedHashMap<>();
        Arrays.stream(form.split("&")).map(pair -> pair.split("=", 2)).forEach(pair ->
                fields.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
        assertThat(form).isASCII().doesNotContain(" ");
        assertThat(fields).containsExactly(Map.entry("grant_type", "client_credentials"),
                Map.entry("client_id", "client"), Map.entry("client_secret", ODD_SECRET),
                Map.entry("scope", "webhook:read:write routing:read api:read"));
    }

    @Test
    void theAccessKeyIsSentAsJson() throws Exception {
        // When
        String json = token.accessKeyRequest();

        // Then
        assertThat((Map<?, ?>) new JsonMapper().readValue(json, Map.class))
                .isEqualTo(Map.of("accessKeyId", "client", "accessKeySecret", ODD_SECRET));
    }

    @Test
    void itsTextDoesNotShowTheToken() {
        // Given
        token.keep("{\"access_token\":\"the-very-token\",\"expires_in\":300}");

        // When, Then
        assertThat(token.toString()).doesNotContain("the-very-token", ODD_SECRET);
    }
}
