package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.LoggedLines;
import org.routingbridge.RawConnection;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** What the management port shows and whom it lets do something, without a token (contract, section 8). */
class ManagementPortTest {

    private static final String OPS_NAME = "bridge.ops.example";
    private static final int MAX_BODY = 307_200;

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.ops.hosts", OPS_NAME + ", 192.0.2.7,[2001:db8::7]").start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static void assertRefused(Reply reply, String outcome) {
        assertThat(reply.outcome()).isEqualTo(outcome);
        assertThat(reply.json().path("message").asText()).isNotBlank();
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertNoInsides(reply);
    }

    private static void assertNoInsides(Reply reply) {
        assertThat(reply.body()).doesNotContain("Exception", "org.", "java.", "io.vertx", "<html>");
    }

    private static Reply send(String method, String path) {
        return bridge.send(bridge.operation(path).method(method, BodyPublishers.noBody()));
    }

    /** A request as it stands on the wire, and the connection ends after its answer. */
    private static Reply say(String requestLine, String... headerLines) {
        try (RawConnection connection = bridge.connectToManagement()) {
            StringBuilder head = new StringBuilder(requestLine).append("\r\n");
            Arrays.stream(headerLines).forEach(line -> head.append(line).append("\r\n"));
            return connection.write(head.append("Connection: close\r\n\r\n").toString()).read();
        }
    }

    private static SampleEvent deadLetter() {
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.REFUSE_ENTRY);
        assertThat(bridge.post(event).outcome()).isEqualTo("202 dead_lettered");
        return event;
    }

    /** Every answer is JSON, with the right status. */
    @Nested
    class Answers {

        @ParameterizedTest
        @ValueSource(strings = {"/", "/ops/nothing", "/ops/", "/observe", "/observe/health/nothing", "/q/health",
            "/favicon.ico", "/ops/dead-letters/a/b/c", "/webhook/routing-events", "/application.properties"})
        void whatIsNotThereIs404(String path) {
            // When
            Reply reply = bridge.manage(path);

            // Then
            assertRefused(reply, "404 not_found");
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "POST   | /ops/accounting                | GET, HEAD",
            "PUT    | /ops/dead-letters              | DELETE, GET, HEAD",
            "POST   | /ops/dead-letters?limit=1      | DELETE, GET, HEAD",
            "OPTIONS| /ops/dead-letters              | DELETE, GET, HEAD",
            "DELETE | /ops/outbox                    | GET, HEAD",
            "PATCH  | /ops/rejected                  | GET, HEAD",
            "GET    | /ops/dead-letters/replay       | DELETE, POST",
            "HEAD   | /ops/dead-letters/replay       | DELETE, POST",
            "GET    | /ops/dead-letters/an-id        | DELETE",
            "PUT    | /ops/dead-letters/an-id/replay | POST",
            "GET    | /ops/rejected/an-id/replay     | POST",
            "PUT    | /observe/health                | GET, HEAD",
            "POST   | /observe/health/live           | GET, HEAD",
            "DELETE | /observe/health/ready          | GET, HEAD",
            "POST   | /observe/metrics               | GET, HEAD",
            "BREW   | /observe/metrics               | GET, HEAD"})
        void anotherMethodIs405WithThoseThatAreTaken(String method, String path, String allowed) {
            // When
            Reply reply = send(method, path);

            // Then
            assertThat(reply.status()).isEqualTo(405);
            assertThat(reply.header("Allow")).isEqualTo(allowed);
            if (!method.equals("HEAD")) {
                assertRefused(reply, "405 method_not_allowed");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"/ops/accounting", "/ops/dead-letters?limit=2", "/ops/rejected", "/observe/health",
            "/observe/health/live", "/observe/health/ready", "/observe/metrics", "/ops/dead-letters?limit=x",
            "/nothing"})
        void headIsAnsweredAsGetWithoutABody(String path) {
            // Given
            Reply get = bridge.manage(path);

            // When
            Reply head = send("HEAD", path);

            // Then
            assertThat(head.status()).isEqualTo(get.status());
            assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
            assertThat(head.body()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"/ops/dead-letters/replay", "/ops/dead-letters/an-id/replay",
            "/ops/rejected/an-id/replay"})
        void aLargeBodyIsRefused(String path) {
            // When
            Reply reply = bridge.send(bridge.operation(path).POST(BodyPublishers.ofByteArray(
                    new byte[4 * MAX_BODY + 1])));

            // Then
            assertRefused(reply, "413 payload_too_large");
        }

        /** What is no body is no act either, and nothing for the log. */
        @ParameterizedTest
        @ValueSource(strings = {"POST /ops/explain", "DELETE /ops/dead-letters", "POST /ops/dead-letters/replay"})
        void aBodyThatBreaksOffIsRefused(String request) {
            try (RawConnection connection = bridge.connectToManagement(); LoggedLines log = new LoggedLines()) {
                // When
                connection.write(request + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n");
                Reply reply = connection.read();

                // Then
                assertThat(reply.status()).isEqualTo(400);
                assertThat(reply.json().path("error").asText()).isEqualTo("malformed_request");
                assertThat(log.all()).noneMatch(line -> line.contains("ERROR"));
            }
        }

        @Test
        void aQueryThatIsNoNumberIsRefused() {
            // When
            Reply reply = bridge.manage("/ops/rejected?limit=many");

            // Then
            assertRefused(reply, "400 malformed_request");
        }

        @ParameterizedTest
        @ValueSource(strings = {"GET /%zz HTTP/1.1", "GET /ops/% HTTP/1.1", "POST /ops/dead-letters/%/replay HTTP/1.1",
            "DELETE /ops/dead-letters/%f HTTP/1.1", "GET /observe/health/%c3%28%zz HTTP/1.1", "HEAD /ops%2 HTTP/1.1",
            "GET /ops/dead-letters?limit=%zz HTTP/1.1", "GET /a b HTTP/1.1", "NONSENSE", "GET  HTTP/1.1"})
        void whatIsNoProperRequestIs400AndLeavesNothingInTheLog(String requestLine) {
            try (LoggedLines logged = new LoggedLines()) {
                // When
                Reply reply;
                try (RawConnection connection = bridge.connectToManagement()) {
                    reply = connection.write(requestLine + "\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .read(requestLine.startsWith("HEAD"));
                }

                // Then
                assertThat(reply.status()).isEqualTo(400);
                if (!requestLine.startsWith("HEAD")) {
                    assertRefused(reply, "400 malformed_request");
                }
                // EventBridge may get well just now from what an earlier test did to it
                assertThat(logged.all()).filteredOn(line -> !line.contains(" EventBridge is ")).isEmpty();
            }
        }

        @Test
        void aRequestWithoutAHostOrWithSeveralIs400() {
            assertRefused(say("GET /ops/accounting HTTP/1.1"), "400 malformed_request");
            assertRefused(say("GET /ops/accounting HTTP/1.1", "Host: localhost", "Host: localhost"),
                    "400 malformed_request");
            assertRefused(say("GET /ops/accounting HTTP/1.0", "Host: localhost", "Host: evil.example"),
                    "400 malformed_request");
        }

        @Test
        void aHeadThatIsTooLongIsRefused() {
            assertRefused(say("GET /" + "a".repeat(9000) + " HTTP/1.1", "Host: localhost"), "414 uri_too_long");
            assertRefused(say("GET / HTTP/1.1", "Host: localhost", "X: " + "a".repeat(9000)),
                    "431 headers_too_large");
            assertRefused(say("GET / HTTP/1.1", "Host: localhost", "no colon"), "400 malformed_request");
        }
    }

    /** Health, and what it must not show. */
    @Nested
    class Health {

        @ParameterizedTest
        @ValueSource(strings = {"", "?data=false", "?stackTrace=true", "?exposureLevel=full&stackTrace=true",
            "?exposureLevel=oneline"})
        void theReasonIsShownAndNothingOfTheInside(String query) {
            // Given
            bridge.bus().faults().next(Fault.INVALID_SIGNATURE);
            bridge.post(bridge.newEvent());

            // When
            Reply reply = bridge.manage("/observe/health/ready" + query);

            // Then
            assertThat(reply.status()).isEqualTo(503);
            assertThat(reply.header("Content-Type")).isEqualTo("application/json");
            assertThat(reply.json().path("status").asText()).isEqualTo("DOWN");
            JsonNode check = reply.json().path("checks").findParents("name").stream()
                    .filter(found -> found.path("name").asText().equals("bridge")).findFirst().orElseThrow();
            assertThat(check.at("/data/reason").asText()).startsWith("EventBridge is misconfigured: ");
            assertThat(reply.body()).doesNotContain("org.", "java.", "camel", "software.amazon", "stack");
        }

        @Test
        void eachPathHasItsChecks() {
            // When
            Reply all = bridge.manage("/observe/health");
            Reply live = bridge.manage("/observe/health/live");
            Reply ready = bridge.manage("/observe/health/ready");

            // Then
            assertThat(List.of(all.status(), live.status(), ready.status())).containsOnly(200);
            assertThat(names(all)).contains("context", "bridge");
            assertThat(names(live)).doesNotContain("bridge");
            assertThat(names(ready)).contains("bridge");
            assertThat(all.json().path("status").asText()).isEqualTo("UP");
            assertThat(all.body()).doesNotContain("org.", "java.", "camel");
        }

        private Set<String> names(Reply reply) {
            return new TreeSet<>(reply.json().path("checks").findValuesAsText("name"));
        }
    }

    /** The metrics, whoever asks for them. */
    @Nested
    class Metrics {

        @ParameterizedTest
        @CsvSource(delimiter = '|', nullValues = "-", value = {
            "-                                                                | text/plain",
            "*/*                                                              | text/plain",
            "text/plain                                                       | text/plain",
            "text/plain;version=0.0.4                                         | text/plain",
            "text/*                                                           | text/plain",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8  | text/plain",
            "application/json                                                 | text/plain",
            "nonsense                                                         | text/plain",
            "text/plain;q=often, /, ;                                         | text/plain",
            "text/plain,application/openmetrics-text;q=0.5                    | text/plain",
            "application/openmetrics-text;q=0,*/*                             | text/plain",
            "application/openmetrics-text                                     | application/openmetrics-text",
            "application/openmetrics-text;version=1.0.0                       | application/openmetrics-text",
            "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1 "
                + "| application/openmetrics-text",
            // Prometheus 2.42 and 3, the OpenTelemetry collector's receiver, the Datadog agent's two checks
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1 | application/openmetrics-text",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;"
                + "version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;"
                + "q=0.2,*/*;q=0.1 | application/openmetrics-text",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;"
                + "q=0.2,/;q=0.1 | application/openmetrics-text",
            "application/openmetrics-text; version=0.0.1 | application/openmetrics-text",
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited "
                + "| text/plain",
            "text/plain; version=0.0.4; charset=utf-8 | text/plain"})
        void theyComeWhateverIsAcceptedInTheFormatOfTheirType(String accept, String type) {
            // Given
            var request = bridge.operation("/observe/metrics");
            if (accept != null) {
                request.header("Accept", accept);
            }

            // When
            Reply reply = bridge.send(request);

            // Then
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("Content-Type")).startsWith(type + "; version=");
            assertThat(reply.body()).contains("\nbridge_events_total{outcome=\"processed\"} ");
            assertThat(reply.body().endsWith("# EOF\n")).isEqualTo(type.contains("openmetrics"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"processed", "queued", "dead_lettered", "duplicate_skipped", "unauthorized",
            "overloaded", "unsupported_media_type", "payload_too_large", "malformed_json", "schema_violation",
            "entry_too_large", "ordering_violation"})
        void everyOutcomeIsThereFromTheStart(String outcome) {
            // When
            String metrics = bridge.metrics();

            // Then
            assertThat(metrics).contains("\nbridge_events_total{outcome=\"" + outcome + "\"} ",
                    "\nbridge_request_seconds_count{outcome=\"" + outcome + "\"} ");
        }

        @Test
        void timesAreCountedInRoundBuckets() {
            // Given
            bridge.post(bridge.newEvent());
            List<String> round = List.of("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0",
                    "10.0", "+Inf");

            // When
            String metrics = bridge.metrics();

            // Then
            assertThat(buckets(metrics, "bridge_request_seconds_bucket{outcome=\"processed\",le=\""))
                    .isEqualTo(round);
            assertThat(buckets(metrics, "bridge_publish_seconds_bucket{le=\"")).isEqualTo(round);
            assertThat(metrics).doesNotContain("quantile=");
        }

        private List<String> buckets(String metrics, String prefix) {
            return metrics.lines().filter(line -> line.startsWith(prefix))
                    .map(line -> line.substring(prefix.length(), line.indexOf('"', prefix.length()))).toList();
        }

        @Test
        void theVersionAndWhetherTheBridgeIsReadyAreShown() {
            // Given
            assertThat(bridge.metrics())
                    .containsPattern("\nbridge_build_info\\{java=\"[^\"]+\",version=\"[^\"]+\"} 1\n");
            assertThat(bridge.metric("bridge_ready")).isEqualTo(1);

            // When
            bridge.bus().faults().always(Fault.ACCESS_DENIED);
            bridge.post(bridge.newEvent());

            // Then
            assertThat(bridge.metric("bridge_ready")).isZero();
            bridge.bus().faults().none();
            await().until(() -> bridge.metric("bridge_ready") == 1);
        }

        @Test
        void everyMetricHasAHelpText() {
            // When
            List<String> lines = bridge.metrics().lines().toList();

            // Then
            assertThat(lines).filteredOn(line -> line.startsWith("# TYPE bridge_")).isNotEmpty()
                    .allSatisfy(type -> assertThat(lines)
                            .anyMatch(line -> line.startsWith("# HELP " + type.split(" ")[2] + " ")));
        }
    }

    /** Under which names the port may be addressed. */
    @Nested
    class Hosts {

        @ParameterizedTest
        @ValueSource(strings = {"localhost", "LOCALHOST", "localhost:9876", "localhost.", "bridge.localhost:80",
            "127.0.0.1", "127.0.0.1:9876", "127.8.9.10", "[::1]", "[::1]:9876", "[0:0:0:0:0:0:0:1]", OPS_NAME,
            OPS_NAME + ":443", "BRIDGE.ops.example", "192.0.2.7", "[2001:db8::7]:80", "[2001:DB8:0::7]"})
        void loopbackAndTheNamesThatAreSetAreTaken(String host) {
            assertThat(say("GET /ops/accounting HTTP/1.1", "Host: " + host).status()).isEqualTo(200);
            assertThat(say("GET /observe/metrics HTTP/1.1", "Host: " + host).status()).isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(strings = {"evil.example", "evil.example:9876", "localhost.evil.example", "evillocalhost",
            "127.0.0.1.evil.example", "128.0.0.1", "10.0.0.1", "0.0.0.0", "[::2]", "[::]", "sub." + OPS_NAME,
            "192.0.2.8", "127.1", "127.0.0.256", "2130706433"})
        void anyOtherIsMisdirected(String host) {
            for (String path : List.of("/ops/rejected", "/ops/accounting", "/observe/health", "/observe/metrics",
                    "/nothing", "/")) {
                assertRefused(say("GET " + path + " HTTP/1.1", "Host: " + host), "421 misdirected_request");
            }
        }

        @Test
        void anotherHostIsMisdirectedWhateverTheMethodAndNothingHappens() {
            // Given
            SampleEvent event = deadLetter();

            // When
            Reply replay = say("POST /ops/dead-letters/replay HTTP/1.1", "Host: evil.example", "Content-Length: 0");
            Reply delete = say("DELETE /ops/dead-letters/" + event.id() + " HTTP/1.1", "Host: evil.example");

            // Then
            assertRefused(replay, "421 misdirected_request");
            assertRefused(delete, "421 misdirected_request");
            assertThat(bridge.deadLetters(event.id())).hasSize(1);
        }

        @Test
        void aHostInTheRequestLineCountsBeforeTheHeader() {
            assertRefused(say("GET http://evil.example/ops/accounting HTTP/1.1", "Host: localhost"),
                    "421 misdirected_request");
            assertThat(say("GET http://localhost:9876/ops/accounting HTTP/1.1", "Host: localhost").status())
                    .isEqualTo(200);
        }

        @Test
        void aProbeOfHttp10NeedsNoHost() {
            assertThat(say("GET /observe/health/live HTTP/1.0").status()).isEqualTo(200);
        }
    }

    /** What another site's page makes an operator's browser send. */
    @Nested
    class OtherSites {

        private Reply replay(String... headers) {
            var request = bridge.operation("/ops/dead-letters/replay").POST(BodyPublishers.noBody());
            for (int i = 0; i < headers.length; i += 2) {
                request.header(headers[i], headers[i + 1]);
            }
            return bridge.send(request);
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "Origin         | https://evil.example",
            "Origin         | http://evil.example",
            "Origin         | null",
            "Origin         | http://127.0.0.1",
            "Origin         | http://127.0.0.1:1",
            "Origin         | https://127.0.0.1:{port}",
            "Origin         | http://localhost:{port}",
            "Origin         | http://127.0.0.1:{port}.evil.example",
            "Origin         | file://",
            "Origin         | nonsense",
            "Sec-Fetch-Site | cross-site",
            "Sec-Fetch-Site | same-site",
            "Sec-Fetch-Site | nonsense"})
        void changesNothing(String header, String value) {
            // Given
            SampleEvent event = deadLetter();
            String sent = value.replace("{port}", Integer.toString(bridge.managementPort()));

            // When
            Reply replay = replay(header, sent);
            Reply delete = bridge.send(bridge.operation("/ops/dead-letters/" + event.id()).DELETE()
                    .header(header, sent));
            Reply other = bridge.send(bridge.operation("/nothing").PUT(BodyPublishers.noBody()).header(header, sent));

            // Then
            assertRefused(replay, "403 forbidden");
            assertRefused(delete, "403 forbidden");
            assertRefused(other, "403 forbidden");
            assertThat(bridge.deadLetters(event.id())).hasSize(1);
            assertThat(bridge.auditLines(event.id())).noneMatch(line ->
                    line.path("action").asText().startsWith("OPERATOR"));
        }

        @Test
        void aFormOfAnotherSiteChangesNothing() {
            // When
            Reply reply = bridge.send(bridge.operation("/ops/dead-letters/replay").POST(BodyPublishers.ofString("a=b"))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Origin", "https://evil.example").header("Sec-Fetch-Site", "cross-site")
                    .header("Sec-Fetch-Mode", "navigate"));

            // Then
            assertRefused(reply, "403 forbidden");
        }

        @Test
        void thePortsOwnPagesAndProgramsAreLetThrough() {
            // Given
            String own = "http://127.0.0.1:" + bridge.managementPort();

            // Then
            assertThat(replay().status()).isEqualTo(202);
            assertThat(replay("Origin", own).status()).isEqualTo(202);
            assertThat(replay("Origin", own, "Sec-Fetch-Site", "same-origin").status()).isEqualTo(202);
            assertThat(replay("Sec-Fetch-Site", "none").status()).isEqualTo(202);
            // a proxy in front ends TLS: the browser says that the page is the port's own
            assertThat(say("POST /ops/dead-letters/replay HTTP/1.1", "Host: " + OPS_NAME, "Content-Length: 0",
                    "Origin: https://" + OPS_NAME, "Sec-Fetch-Site: same-origin").status()).isEqualTo(202);
            assertThat(say("POST /ops/dead-letters/replay HTTP/1.1", "Host: " + OPS_NAME + ":80", "Content-Length: 0",
                    "Origin: http://" + OPS_NAME).status()).isEqualTo(202);
        }

        @Test
        void readingIsLeftToTheBrowsersOwnRules() {
            // When
            Reply reply = bridge.send(bridge.operation("/ops/accounting").header("Origin", "https://evil.example")
                    .header("Sec-Fetch-Site", "cross-site"));

            // Then
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.headers()).doesNotContainKey("Access-Control-Allow-Origin");
        }
    }

    /** The audit log's lines of what operators do. */
    @Nested
    class Audit {

        private List<JsonNode> acts(String action) {
            return bridge.auditLines().stream().filter(line -> line.path("action").asText().equals(action)).toList();
        }

        private void assertAct(JsonNode line, String action) {
            assertThat(line.path("action").asText()).isEqualTo(action);
            assertThat(line.path("status").asText()).isEqualTo("SUCCESS");
            assertThat(line.path("system").asText()).isEqualTo("cxone-routing-bridge");
            assertThat(line.path("timestamp").asText()).isNotEmpty();
        }

        @Test
        void aReplayOfOneLeavesALine() {
            // Given
            SampleEvent event = deadLetter();

            // When
            send("POST", "/ops/dead-letters/" + event.id() + "/replay");

            // Then
            List<JsonNode> acts = acts("OPERATOR_REPLAY").stream()
                    .filter(line -> line.path("eventId").asText().equals(event.id())).toList();
            assertThat(acts).hasSize(1);
            assertAct(acts.get(0), "OPERATOR_REPLAY");
        }

        @Test
        void aReplayOfAllLeavesALineWithTheirNumber() {
            // Given
            deadLetter();
            deadLetter();
            int expected = bridge.manage("/ops/dead-letters?limit=1000").json().size();
            int before = acts("OPERATOR_REPLAY").size();

            // When
            send("POST", "/ops/dead-letters/replay");

            // Then
            List<JsonNode> acts = acts("OPERATOR_REPLAY");
            assertThat(acts).hasSize(before + 1);
            JsonNode act = acts.get(before);
            assertAct(act, "OPERATOR_REPLAY");
            assertThat(act.path("count").asInt()).isEqualTo(expected);
            assertThat(act.has("eventId")).isFalse();
        }

        @Test
        void aDeletionLeavesALine() {
            // Given
            SampleEvent event = deadLetter();

            // When
            send("DELETE", "/ops/dead-letters/" + event.id());

            // Then
            assertThat(acts("OPERATOR_DELETE")).filteredOn(line -> line.path("eventId").asText().equals(event.id()))
                    .hasSize(1).allSatisfy(line -> assertAct(line, "OPERATOR_DELETE"));
        }

        @Test
        void aReplayOfARejectedEventLeavesALine() {
            // Given
            SampleEvent newer = bridge.newEvent();
            bridge.post(newer);
            SampleEvent late = bridge.newEvent().with("/routingContext/queueId", newer.queueId())
                    .with("timestamp", java.time.Instant.now().minusSeconds(120).toString());
            assertThat(bridge.post(late).outcome()).isEqualTo("409 ordering_violation");

            // When
            Reply reply = send("POST", "/ops/rejected/" + late.id() + "/replay");

            // Then
            assertThat(reply.status()).isEqualTo(202);
            List<JsonNode> acts = bridge.auditLines(late.id()).stream()
                    .filter(line -> line.path("action").asText().equals("OPERATOR_REPLAY")).toList();
            assertThat(acts).hasSize(1);
            assertAct(acts.get(0), "OPERATOR_REPLAY");
        }

        @Test
        void whatWasNotDoneLeavesNone() {
            // Given
            String unknown = UUID.randomUUID().toString();
            Map<String, Integer> before = Map.of("replay", acts("OPERATOR_REPLAY").size(),
                    "delete", acts("OPERATOR_DELETE").size());

            // When
            send("POST", "/ops/dead-letters/" + unknown + "/replay");
            send("POST", "/ops/rejected/" + unknown + "/replay");
            send("DELETE", "/ops/dead-letters/" + unknown);

            // Then
            assertThat(acts("OPERATOR_REPLAY")).hasSize(before.get("replay"));
            assertThat(acts("OPERATOR_DELETE")).hasSize(before.get("delete"));
        }
    }
}
