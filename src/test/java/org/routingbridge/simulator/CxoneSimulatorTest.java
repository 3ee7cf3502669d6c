package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CxoneSimulatorTest {

    private static final String SCOPE = "webhook:read:write routing:read api:read";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final CxoneSimulator simulator = new CxoneSimulator();
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start() {
        simulator.start();
    }

    @AfterEach
    void stop() {
        simulator.close();
    }

    @Test
    void aTokenIsGivenForTheClientsCredentialsInAForm() throws Exception {
        // Given
        simulator.credentials("me", "s p&c=\u00e4:+%");
        simulator.tokenLife(Duration.ofSeconds(90));

        // When
        HttpResponse<String> response = askForToken(form("me", "s p&c=\u00e4:+%", SCOPE));

        // Then
        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode token = Json.read(response.body());
        assertThat(token.path("access_token").asText()).isNotBlank();
        assertThat(token.path("token_type").asText()).isEqualTo("Bearer");
        assertThat(token.path("expires_in").asInt()).isEqualTo(90);
        assertThat(simulator.tokenRequests()).isOne();
    }

    @Test
    void aTokenIsGivenForBasicAuthenticationAndForAnAccessKeyToo() throws Exception {
        // Given
        String pair = encode(simulator.clientId()) + ":" + encode(simulator.clientSecret());

        // When
        HttpResponse<String> basic = send(request("/oauth2/token").header("Content-Type", FORM)
                .header("Authorization", "Basic " + Base64.getEncoder()
                        .encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                .POST(body("grant_type=client_credentials&scope=" + encode(SCOPE))));
        HttpResponse<String> key = send(request("/oauth2/token").header("Content-Type", "application/json")
                .POST(body(Json.text(Json.object().put("accessKeyId", simulator.clientId())
                        .put("accessKeySecret", simulator.clientSecret())))));

        // Then
        assertThat(basic.statusCode()).isEqualTo(200);
        assertThat(key.statusCode()).isEqualTo(200);
    }

    @Test
    void wrongCredentialsAndUnknownScopesAreRefused() throws Exception {
        // When
        HttpResponse<String> wrongSecret = askForToken(form(simulator.clientId(), "wrong", SCOPE));
        HttpResponse<String> wrongScope = askForToken(
                form(simulator.clientId(), simulator.clientSecret(), "admin:everything"));

        // Then
        assertThat(wrongSecret.statusCode()).isEqualTo(401);
        assertThat(wrongSecret.body()).isEqualTo("{\"error\":\"invalid_client\"}");
        assertThat(wrongScope.statusCode()).isEqualTo(400);
    }

    @Test
    void webhooksNeedATokenThatIsStillGood() throws Exception {
        // Given
        String revoked = token();
        simulator.revokeTokens();
        simulator.tokenLife(Duration.ZERO);
        String expired = token();

        // When, Then
        assertThat(send(request("/api/v2/webhooks")).statusCode()).isEqualTo(401);
        assertThat(list(revoked).statusCode()).isEqualTo(401);
        assertThat(list(expired).statusCode()).isEqualTo(401);
    }

    @Test
    void aWebhookIsCreatedListedAndReplaced() throws Exception {
        // Given
        String token = token();

        // When
        JsonNode created = Json.read(send(request("/api/v2/webhooks").header("Authorization", "Bearer " + token)
                .POST(body("{\"name\":\"a\"}"))).body());
        String id = created.path("id").asText();
        HttpResponse<String> replaced = send(request("/api/v2/webhooks/" + id)
                .header("Authorization", "Bearer " + token).PUT(body("{\"name\":\"b\"}")));
        HttpResponse<String> unknown = send(request("/api/v2/webhooks/nobody")
                .header("Authorization", "Bearer " + token).PUT(body("{\"name\":\"b\"}")));

        // Then
        assertThat(replaced.statusCode()).isEqualTo(200);
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(Json.read(list(token).body()).at("/0/name").asText()).isEqualTo("b");
        assertThat(simulator.webhooks()).containsOnlyKeys(id);
        assertThat(simulator.webhookRequests("PUT")).isEqualTo(2);
        assertThat(simulator.requests("POST", "/api/v2/webhooks").get(0).body()).isEqualTo("{\"name\":\"a\"}");
    }

    @ParameterizedTest
    @EnumSource
    void aListingComesInTheShapeThatWasChosen(CxoneSimulator.ListingShape shape) throws Exception {
        // Given
        String id = simulator.addWebhook(Json.object().put("name", "a"));
        simulator.listingShape(shape);
        simulator.idMember("webhookId");

        // When
        JsonNode listing = Json.read(list(token()).body());

        // Then
        JsonNode array = shape == CxoneSimulator.ListingShape.ARRAY
                ? listing : listing.path(shape.name().toLowerCase(Locale.ROOT));
        assertThat(array.at("/0/webhookId").asText()).isEqualTo(id);
    }

    @Test
    void aListingCanMaskSecretsAndLeaveMembersOut() throws Exception {
        // Given
        ObjectNode webhook = Json.object().put("name", "a").put("format", "json");
        webhook.putObject("targetHeaders").put("X-Webhook-Secret", "secret");
        String id = simulator.addWebhook(webhook);
        simulator.maskSecrets(true);
        simulator.omitMembers("format");

        // When
        JsonNode shown = Json.read(list(token()).body()).path(0);

        // Then
        assertThat(shown.at("/targetHeaders/X-Webhook-Secret").asText()).isEqualTo("********");
        assertThat(shown.has("format")).isFalse();
        assertThat(simulator.webhooks().get(id)).isEqualTo(webhook);
    }

    @Test
    void creationCanConflict() throws Exception {
        // Given
        simulator.conflictOnCreation(true);

        // When
        HttpResponse<String> response = send(request("/api/v2/webhooks").header("Authorization", "Bearer " + token())
                .POST(body("{\"name\":\"a\"}")));

        // Then
        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(simulator.webhooks()).isEmpty();
    }

    @Test
    void troubleStrikesOnlyWhereItWasAskedFor() throws Exception {
        // Given
        String token = token();
        simulator.webhookTrouble().next(1, 500).nextReset(1).nextHang(1);

        // When, Then
        assertThat(list(token).statusCode()).isEqualTo(500);
        assertThatThrownBy(() -> list(token)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> send(request("/api/v2/webhooks").header("Authorization", "Bearer " + token)
                .timeout(Duration.ofMillis(200)))).isInstanceOf(IOException.class);
        assertThat(token()).isNotBlank();
        assertThat(list(token).statusCode()).isEqualTo(200);
    }

    private String token() throws Exception {
        return Json.read(askForToken(form(simulator.clientId(), simulator.clientSecret(), SCOPE)).body())
                .path("access_token").asText();
    }

    private HttpResponse<String> askForToken(String form) throws Exception {
        return send(request("/oauth2/token").header("Content-Type", FORM).POST(body(form)));
    }

    private HttpResponse<String> list(String token) throws Exception {
        return send(request("/api/v2/webhooks").header("Authorization", "Bearer " + token));
    }

    private static String form(String id, String secret, String scope) {
        return "grant_type=client_credentials&client_id=" + encode(id) + "&client_secret=" + encode(secret)
                + "&scope=" + encode(scope);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(simulator.endpoint() + path));
    }

    private static HttpRequest.BodyPublisher body(String text) {
        return HttpRequest.BodyPublishers.ofString(text);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
