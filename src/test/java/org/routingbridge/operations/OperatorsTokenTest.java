package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.LoggedLines;
import org.routingbridge.RawConnection;

/** Where {@code bridge.ops.token} is set, everything under {@code /ops} asks for it (contract, section 8). */
class OperatorsTokenTest {

    private static final String TOKEN = "the-token-of-the-operators";

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.ops.token", TOKEN).start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    private static HttpRequest.Builder request(String method, String path) {
        return bridge.operation(path).method(method, BodyPublishers.noBody());
    }

    private static void assertUnauthorized(Reply reply) {
        assertThat(reply.outcome()).isEqualTo("401 unauthorized");
        assertThat(reply.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.json().path("message").asText()).isNotBlank();
        assertThat(reply.body()).doesNotContain(TOKEN);
    }

    @ParameterizedTest
    @CsvSource({"GET, /ops/accounting", "GET, /ops/dead-letters", "GET, /ops/dead-letters?limit=1",
        "POST, /ops/dead-letters/replay", "POST, /ops/dead-letters/an-id/replay", "DELETE, /ops/dead-letters/an-id",
        "GET, /ops/rejected", "POST, /ops/rejected/an-id/replay", "GET, /ops/nothing", "PUT, /ops/accounting",
        "GET, //ops/accounting", "GET, /observe/../ops/accounting", "GET, /%6fps/accounting", "GET, /ops/%61ccounting",
        "GET, /ops/./accounting", "GET, /ops/accounting/"})
    void withoutItNothingUnderOpsIsServed(String method, String path) {
        // When
        Reply reply = bridge.send(request(method, path));

        // Then
        assertUnauthorized(reply);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer", "Bearer ", "Bearer wrong", "Bearer " + TOKEN + "x", "Bearer x" + TOKEN,
        "Basic " + TOKEN, TOKEN, "Bearer" + TOKEN, "Bearer THE-TOKEN-OF-THE-OPERATORS", "Bearer null"})
    void anotherTokenIsNone(String authorization) {
        // When
        Reply reply = bridge.send(request("GET", "/ops/accounting").header("Authorization", authorization));

        // Then
        assertUnauthorized(reply);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer ", "bearer ", "BEARER  "})
    void withItAllIsAsWithoutAToken(String scheme) {
        // When
        List<Integer> statuses = List.of(
                bridge.send(request("GET", "/ops/accounting").header("Authorization", scheme + TOKEN)).status(),
                bridge.send(request("HEAD", "/ops/rejected").header("Authorization", scheme + TOKEN)).status(),
                bridge.send(request("POST", "/ops/dead-letters/replay").header("Authorization", scheme + TOKEN))
                        .status(),
                bridge.send(request("GET", "/ops/nothing").header("Authorization", scheme + TOKEN)).status(),
                bridge.send(request("POST", "/ops/accounting").header("Authorization", scheme + TOKEN)).status());

        // Then
        assertThat(statuses).containsExactly(200, 200, 202, 404, 405);
    }

    @Test
    void itDoesNotHelpAnotherSiteOrAnotherName() {
        assertThat(bridge.send(request("POST", "/ops/dead-letters/replay").header("Authorization", "Bearer " + TOKEN)
                .header("Origin", "https://evil.example")).outcome()).isEqualTo("403 forbidden");
        try (RawConnection connection = bridge.connectToManagement()) {
            assertThat(connection.write("GET /ops/accounting HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer "
                    + TOKEN + "\r\nConnection: close\r\n\r\n").read().outcome())
                    .isEqualTo("421 misdirected_request");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/observe/health", "/observe/health/live", "/observe/health/ready", "/observe/metrics"})
    void healthAndMetricsAskForNone(String path) {
        assertThat(bridge.manage(path).status()).isEqualTo(200);
    }

    @Test
    void itIsInNoLogAndOnNoPage() {
        try (LoggedLines logged = new LoggedLines()) {
            // When
            bridge.restart();
            bridge.send(request("POST", "/ops/dead-letters/replay").header("Authorization", "Bearer " + TOKEN));

            // Then
            assertThat(logged.all()).isNotEmpty().noneMatch(line -> line.contains(TOKEN));
            assertThat(bridge.manage("/observe/health").body() + bridge.metrics()).doesNotContain(TOKEN);
        }
    }
}
