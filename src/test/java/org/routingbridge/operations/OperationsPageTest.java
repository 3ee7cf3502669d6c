package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.RawConnection;

/** How the operations page and its parts are served (contract, sections 8 and 9). */
class OperationsPageTest {

    private static final String TOKEN = "the-token-of-the-operators";
    /** What a part names another one by: in markup by its address, in a module beside itself. */
    private static final Pattern REFERENCE = Pattern.compile("(?:href|src)=\"(ops/[^\"]+)\"|from '\\./([^']+)'");

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.ops.token", TOKEN).start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    static Stream<String> parts() {
        return Stream.of("/ops", "/ops/page/main.js", "/ops/page/api.js", "/ops/page/dom.js", "/ops/page/metrics.js",
                "/ops/page/overview.js", "/ops/page/events.js", "/ops/page/kept.js", "/ops/page/explain.js",
                "/ops/page/page.css", "/ops/page/icon.svg");
    }

    @ParameterizedTest
    @MethodSource("parts")
    void eachPartIsServedWithoutTheTokenUnderAStrictPolicy(String path) {
        // When
        Reply reply = bridge.manage(path);

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Security-Policy")).isEqualTo("default-src 'none'; script-src 'self';"
                + " style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'; require-trusted-types-for 'script'");
        assertThat(reply.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(reply.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(reply.body()).doesNotContain(TOKEN, BridgeUnderTest.SECRET, BridgeUnderTest.BUS);
    }

    @ParameterizedTest
    @MethodSource("parts")
    void eachPartHasItsType(String path) {
        // Given
        String type = path.endsWith(".js") ? "text/javascript; charset=utf-8"
                : path.endsWith(".css") ? "text/css; charset=utf-8"
                : path.endsWith(".svg") ? "image/svg+xml" : "text/html; charset=utf-8";

        // Then
        assertThat(bridge.manage(path).header("Content-Type")).isEqualTo(type);
    }

    @ParameterizedTest
    @MethodSource("parts")
    void whatAPartNamesIsServedToo(String path) {
        for (MatchResult reference : REFERENCE.matcher(bridge.manage(path).body()).results().toList()) {
            String named = reference.group(1) != null ? "/" + reference.group(1) : "/ops/page/" + reference.group(2);
            assertThat(parts()).contains(named);
        }
    }

    @ParameterizedTest
    @MethodSource("parts")
    void noPartNeedsAnythingFromElsewhereOrTurnsTextIntoMarkup(String path) {
        // When
        String text = bridge.manage(path).body().replace("http://www.w3.org/2000/svg", "");

        // Then
        assertThat(text).doesNotContain("http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML",
                "document.write", "eval(", "new Function", "style=\"", "onclick=", "javascript:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ops/page/", "/ops/page", "/ops/page/nothing.js", "/ops/page/index.html",
        "/ops/page/main.js/", "/ops/page/../../application.properties", "/ops/page/%2e%2e%2fapplication.properties",
        "/ops/page/..%2f..%2flog4j2.xml", "/ops/page/main.js%00.css", "/ops/page/MAIN.JS"})
    void nothingElseIsServedAndAllElseAsksForTheToken(String path) {
        // When
        Reply without = bridge.manage(path);
        Reply with = bridge.send(bridge.operation(path).header("Authorization", "Bearer " + TOKEN));

        // Then
        assertThat(without.status()).isIn(400, 401, 404);
        assertThat(with.status()).isIn(400, 404);
        assertThat(List.of(without, with)).allSatisfy(reply ->
                assertThat(reply.header("Content-Type")).isEqualTo("application/json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void anotherMethodIs405(String method) {
        // When
        Reply reply = bridge.send(bridge.operation("/ops").method(method, BodyPublishers.noBody()));

        // Then
        assertThat(reply.outcome()).isEqualTo("405 method_not_allowed");
        assertThat(reply.header("Allow")).isEqualTo("GET, HEAD");
    }

    @Test
    void headIsAnsweredAsGetWithoutABody() {
        // When
        Reply reply = bridge.send(bridge.operation("/ops").method("HEAD", BodyPublishers.noBody()));

        // Then
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(reply.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(reply.body()).isEmpty();
    }

    @Test
    void anotherNameOfTheHostDoesNotGetIt() {
        try (RawConnection connection = bridge.connectToManagement()) {
            assertThat(connection.write("GET /ops HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").read()
                    .outcome()).isEqualTo("421 misdirected_request");
        }
    }
}
