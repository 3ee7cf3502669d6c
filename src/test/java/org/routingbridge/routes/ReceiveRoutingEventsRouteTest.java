package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import org.routingbridge.RawConnection;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/**
 * The way in over real HTTP: who and what is turned away, in which order, and that nothing turned away reaches the bus
 * (contract, section 3, down to the schema).
 */
class ReceiveRoutingEventsRouteTest {

    private static final String PREVIOUS_SECRET = "the-secret-before-the-rotation";
    private static final int MAX_BODY = 307_200;

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().with("bridge.webhook.secret.previous", PREVIOUS_SECRET).start();
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    @BeforeEach
    void calm() {
        bridge.calm();
    }

    private static void assertNothingIsPublished() {
        assertThat(bridge.bus().calls()).isEmpty();
    }

    private static void assertRefused(Reply reply, String outcome) {
        assertThat(reply.outcome()).isEqualTo(outcome);
        assertThat(reply.json().path("message").asText()).isNotBlank();
        assertThat(reply.header("Content-Type")).isEqualTo("application/json");
        assertThat(reply.body()).doesNotContain("Exception", "org.", BridgeUnderTest.SECRET, PREVIOUS_SECRET);
    }

    /** Where a request is for, and by which method. */
    @Nested
    class Paths {

        @ParameterizedTest
        @ValueSource(strings = {"/", "/webhook", "/webhook/routing-events/more", "/application.properties",
            "/observe/health", "/webhook/routing-event"})
        void anotherPathIsAnswered404InJson(String path) {
            // Given
            String body = bridge.newEvent().json();

            // When
            Reply reply = bridge.send(bridge.bareRequest(path).header("X-Webhook-Secret", BridgeUnderTest.SECRET)
                    .POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "404 not_found");
            assertNothingIsPublished();
        }

        @ParameterizedTest
        @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH", "OPTIONS"})
        void anotherMethodIsAnswered405InJson(String method) {
            // Given
            String body = bridge.newEvent().json();

            // When
            Reply reply = bridge.send(bridge.request().method(method, BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "405 method_not_allowed");
            assertNothingIsPublished();
        }

        @Test
        void anotherMethodIsAnswered405ToStrangersToo() {
            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH).GET());

            // Then
            assertRefused(reply, "405 method_not_allowed");
        }

        @Test
        void anotherPathOrMethodLeavesNoAuditLine() {
            // Given
            int before = bridge.auditLines().size();

            // When
            bridge.send(bridge.bareRequest("/elsewhere").GET());
            bridge.send(bridge.request().GET());

            // Then
            assertThat(bridge.auditLines()).hasSize(before);
        }

        @Test
        void aQueryStringDoesNotMatter() {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH + "?from=cxone")
                    .header("X-Webhook-Secret", BridgeUnderTest.SECRET).header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(event.json())));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @Test
        void noHeaderOrParameterOfTheSenderComesBack() {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH + "?Set-Cookie=a%3Db&X-Query=1")
                    .header("X-Webhook-Secret", BridgeUnderTest.SECRET).header("Content-Type", "application/json")
                    .header("X-From-Sender", "secret-of-sender").header("CamelHttpResponseCode", "299")
                    .header("org.apache.camel.test", "1").header("Cache-Control", "public")
                    .POST(BodyPublishers.ofString(event.json())));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(reply.headers().keySet().stream().map(name -> name.toLowerCase(Locale.ROOT)))
                    .containsExactlyInAnyOrder("content-length", "content-type");
        }

        @Test
        void noHeaderOfTheSenderComesBackWithARefusal() {
            // Given
            String wrong = "{}";

            // When
            Reply reply = bridge.send(bridge.request()
                    .header("X-From-Sender", "1").header("CamelHttpResponseCode", "200")
                    .POST(BodyPublishers.ofString(wrong)));

            // Then
            assertThat(reply.outcome()).isEqualTo("400 schema_violation");
            assertThat(reply.headers().keySet().stream().map(name -> name.toLowerCase(Locale.ROOT)))
                    .containsExactlyInAnyOrder("content-length", "content-type");
        }

        @Test
        void noHeaderOfTheSenderReachesTheBusOrTheDataLake() {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            bridge.send(bridge.request().header("CamelHttpUri", "http://127.0.0.1:1/stolen")
                    .header("CamelHttpPath", "/stolen").header("detail-type", "stolen").header("X-From-Sender", "1")
                    .header("CamelAwsEventbridgeDetailType", "stolen").POST(BodyPublishers.ofString(event.json())));

            // Then
            assertThat(bridge.bus().delivered()).singleElement().satisfies(entry -> {
                assertThat(entry.detailType()).isEqualTo(event.eventType());
                assertThat(entry.source()).isEqualTo("nice.cxone.routing");
            });
            await().untilAsserted(() -> assertThat(bridge.dataLake().timesNotified(event.id())).isEqualTo(1));
            assertThat(bridge.dataLake().requests()).singleElement().satisfies(request -> {
                assertThat(request.path()).isEqualTo("/routing-events");
                assertThat(request.headers().keySet()).doesNotContain("X-From-Sender", "X-Webhook-Secret");
            });
        }
    }

    /** Who sends. */
    @Nested
    class Secrets {

        @Test
        void aMissingSecretIsAnswered401() {
            // Given
            String body = bridge.newEvent().json();

            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH)
                    .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "401 unauthorized");
            assertNothingIsPublished();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "x", "the-secret-of-the-webhook-under-tes", "the-secret-of-the-webhook-under-testt",
            "THE-SECRET-OF-THE-WEBHOOK-UNDER-TEST", "the-secret-of-the-webhook-under-test,"})
        void aWrongSecretIsAnswered401(String secret) {
            // Given
            String body = bridge.newEvent().json();

            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH).header("X-Webhook-Secret", secret)
                    .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "401 unauthorized");
            assertNothingIsPublished();
        }

        @Test
        void thePreviousSecretIsAccepted() {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH)
                    .header("X-Webhook-Secret", PREVIOUS_SECRET).header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(event.json())));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @Test
        void aWrongSecretLeavesNoAuditLine() {
            // Given
            int before = bridge.auditLines().size();

            // When
            bridge.send(bridge.bareRequest(BridgeUnderTest.PATH).header("X-Webhook-Secret", "wrong")
                    .header("Content-Type", "application/json").POST(BodyPublishers.ofString("{}")));

            // Then
            assertThat(bridge.auditLines()).hasSize(before);
        }

        @Test
        void aWrongSecretIsCounted() {
            // Given
            double before = bridge.metric("bridge_events_total{outcome=\"unauthorized\"}");

            // When
            bridge.send(bridge.bareRequest(BridgeUnderTest.PATH).POST(BodyPublishers.ofString("{}")));

            // Then
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_events_total{outcome=\"unauthorized\"}"))
                    .isEqualTo(before + 1));
        }

        @Test
        void aWrongSecretBeatsAWrongTypeABodyTooLargeAndBadJson() {
            // Given
            String body = "x".repeat(MAX_BODY + 1);

            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH).header("X-Webhook-Secret", "wrong")
                    .header("Content-Type", "text/plain").POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "401 unauthorized");
        }

        @Test
        void aStrangerIsAnsweredBeforeItsBodyHasCome() {
            // Given
            try (RawConnection connection = bridge.connect()) {
                connection.write("POST " + BridgeUnderTest.PATH + " HTTP/1.1\r\nHost: bridge\r\n"
                        + "Content-Length: 1000\r\nContent-Type: application/json\r\n\r\n");

                // When
                Reply reply = connection.read();

                // Then
                assertRefused(reply, "401 unauthorized");
            }
        }
    }

    /** What kind of body. */
    @Nested
    class MediaTypes {

        @ParameterizedTest
        @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
            "application/json;charset=\"utf-8\"", "application/cloudevents+json", "application/vnd.nice.cxone+json",
            "application/json; profile=\"x\"", "application/json ; charset=utf-8"})
        void jsonInUtf8IsAccepted(String type) {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            Reply reply = bridge.send(bridge.request().setHeader("Content-Type", type)
                    .POST(BodyPublishers.ofString(event.json())));

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @ParameterizedTest
        @ValueSource(strings = {"text/plain", "text/json", "application/xml", "application/jsonp",
            "application/json-seq", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
            "application/json;charset=iso-8859-1", "application/json; charset=\"utf-16\"",
            "application/cloudevents+json; charset=us-ascii", "application/+json",
            "application/json, text/plain", "json", "application/json; charset=utf-8; charset=latin1",
            "application/json; a=b; charset=utf-32"})
        void anythingElseIsAnswered415(String type) {
            // Given
            String body = bridge.newEvent().json();

            // When
            Reply reply = bridge.send(bridge.request().setHeader("Content-Type", type)
                    .POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "415 unsupported_media_type");
            assertNothingIsPublished();
        }

        @Test
        void noTypeIsAnswered415() {
            // Given
            String body = bridge.newEvent().json();

            // When
            Reply reply = bridge.send(bridge.bareRequest(BridgeUnderTest.PATH)
                    .header("X-Webhook-Secret", BridgeUnderTest.SECRET).POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "415 unsupported_media_type");
        }

        @ParameterizedTest
        @ValueSource(strings = {"gzip", "identity", "br", "deflate"})
        void aContentEncodingIsAnswered415(String encoding) {
            // Given
            String body = bridge.newEvent().json();

            // When
            Reply reply = bridge.send(bridge.request().header("Content-Encoding", encoding)
                    .POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "415 unsupported_media_type");
            assertNothingIsPublished();
        }

        @Test
        void aWrongTypeBeatsABodyTooLarge() {
            // Given
            String body = "x".repeat(MAX_BODY + 1);

            // When
            Reply reply = bridge.send(bridge.request().setHeader("Content-Type", "text/plain")
                    .POST(BodyPublishers.ofString(body)));

            // Then
            assertRefused(reply, "415 unsupported_media_type");
        }

        @Test
        void aWrongTypeLeavesOneRejectedAuditLine() {
            // Given
            int before = bridge.auditLines().size();

            // When
            bridge.send(bridge.request().setHeader("Content-Type", "text/plain").POST(BodyPublishers.ofString("{}")));

            // Then
            List<JsonNode> lines = bridge.auditLines();
            assertThat(lines).hasSize(before + 1);
            assertThat(lines.get(before).path("status").asText()).isEqualTo("REJECTED");
            assertThat(lines.get(before).path("error").asText()).startsWith("unsupported_media_type");
            assertThat(lines.get(before).has("eventId")).isFalse();
        }
    }

    /** How much body. */
    @Nested
    class BodySizes {

        @Test
        void aBodyOfExactlyTheLimitIsReadOn() {
            // Given
            String event = bridge.newEvent().json();
            String body = event + " ".repeat(MAX_BODY - event.length());

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @Test
        void aBodyOverTheLimitIsAnswered413() {
            // Given
            String event = bridge.newEvent().json();
            String body = event + " ".repeat(MAX_BODY + 1 - event.length());

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "413 payload_too_large");
            assertNothingIsPublished();
        }

        @Test
        void aContentLengthOverTheLimitIsAnsweredBeforeTheBodyHasCome() {
            // Given
            try (RawConnection connection = bridge.connect()) {
                connection.post("Content-Type: application/json", "Content-Length: " + (MAX_BODY + 1));

                // When
                Reply reply = connection.read();

                // Then
                assertRefused(reply, "413 payload_too_large");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"999999999", "9999999999", "9223372036854775807"})
        void anEnormousContentLengthIsAnswered413(String length) {
            // Given
            try (RawConnection connection = bridge.connect()) {
                connection.post("Content-Type: application/json", "Content-Length: " + length);

                // When
                Reply reply = connection.read();

                // Then
                assertRefused(reply, "413 payload_too_large");
            }
        }

        @Test
        void aChunkedBodyIsRefusedAsSoonAsItPassesTheLimit() {
            // Given
            try (RawConnection connection = bridge.connect()) {
                connection.post("Content-Type: application/json", "Transfer-Encoding: chunked");
                IntStream.range(0, 10).forEach(i -> connection.chunk("x".repeat(30_720)));
                connection.chunk("x");

                // When
                Reply reply = connection.read();

                // Then
                assertRefused(reply, "413 payload_too_large");
            }
        }

        @Test
        void aChunkedBodyWithinTheLimitIsTaken() {
            // Given
            String event = bridge.newEvent().json();
            try (RawConnection connection = bridge.connect()) {
                connection.post("Content-Type: application/json", "Transfer-Encoding: chunked");
                connection.chunk(event.substring(0, 20)).chunk(event.substring(20)).write("0\r\n\r\n");

                // When
                Reply reply = connection.read();

                // Then
                assertThat(reply.outcome()).isEqualTo("200 processed");
            }
        }

        @Test
        void theConnectionIsGoodForTheNextRequestAfterA413() {
            // Given
            SampleEvent event = bridge.newEvent();
            try (RawConnection connection = bridge.connect()) {
                connection.post("Content-Type: application/json", "Content-Length: " + (MAX_BODY + 1));
                connection.read();
                connection.write("x".repeat(MAX_BODY + 1));

                // When
                connection.post("Content-Type: application/json", "Content-Length: " + event.bytes().length)
                        .write(event.json());

                // Then
                assertThat(connection.read().outcome()).isEqualTo("200 processed");
            }
        }

        @Test
        void aBodyThatDoesNotArriveWholeIsNeverPublished() {
            // Given
            String event = bridge.newEvent().json();
            double before = bridge.metric("bridge_events_total{outcome=\"malformed_json\"}");

            // When
            try (RawConnection connection = bridge.connect()) {
                connection.post("Content-Type: application/json", "Content-Length: " + (event.length() + 1))
                        .write(event);
            }

            // Then
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_events_total{outcome=\"malformed_json\"}"))
                    .isEqualTo(before + 1));
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isZero());
            assertNothingIsPublished();
        }
    }

    /** Whether it is JSON. */
    @Nested
    class WellFormedness {

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "\n", "{", "}", "{\"id\":1", "{'id':1}", "{id:1}", "{\"a\":01}", "{\"a\":+1}",
            "{\"a\":.5}", "{\"a\":1.}", "{\"a\":NaN}", "{\"a\":Infinity}", "{\"a\":1,}", "{\"a\":\"\t\"}", "[1,]",
            "{\"a\":\"\\x\"}", "{\"a\":1} // comment", "/* c */ {\"a\":1}", "{\"a\":1}{\"b\":2}", "{\"a\":1} x",
            "{\"a\":1}]", "nul", "\"abc", "{\"a\" 1}", "{\"a\":0x10}", "{\"a\":\"\\u12\"}", "\u00a0{}",
            "{\"a\":1}\u0000",
            "\f{}", "{\"a\":1e}", "{\"a\":True}", "{\"\":\"a\\\nb\"}"})
        void whatIsNotJsonIsAnswered400(String body) {
            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 malformed_json");
            assertNothingIsPublished();
        }

        @Test
        void aByteOrderMarkIsRefused() {
            // Given
            String body = "\uFEFF" + bridge.newEvent().json();

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 malformed_json");
            assertThat(reply.json().path("message").asText()).contains("byte order mark");
        }

        @ParameterizedTest
        @ValueSource(strings = {"FF", "C3", "C328", "EDA080", "F4908080", "C080", "E282", "80", "F8A1A1A1A0"})
        void whatIsNotUtf8IsRefused(String hex) {
            // Given
            byte[] body = bridge.newEvent().with("/routingContext/text", "MARK").json()
                    .replace("MARK", new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1))
                    .getBytes(StandardCharsets.ISO_8859_1);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 malformed_json");
            assertNothingIsPublished();
        }

        @ParameterizedTest
        @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32"})
        void otherUnicodeEncodingsAreRefused(String charset) throws Exception {
            // Given
            byte[] body = bridge.newEvent().json().getBytes(charset);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 malformed_json");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\"x\":1,\"x\":1,", "\"x\":{\"a\":1,\"a\":2},", "\"x\":[{\"a\":1,\"a\":2}],",
            "\"a\":1,\"\\u0061\":2,", "\"id\":\"x\","})
        void aNameTwiceInAnObjectIsRefused(String more) {
            // Given
            String body = "{" + more + bridge.newEvent().json().substring(1);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 malformed_json");
            assertNothingIsPublished();
        }

        @Test
        void theSameNameInDifferentObjectsIsFine() {
            // Given
            SampleEvent event = bridge.newEvent().with("/routingContext/id", 1).with("/retryDirective/id", 2);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @ParameterizedTest
        @CsvSource({"200, 200 processed", "201, 400 malformed_json"})
        void twoHundredLevelsAreTheMost(int levels, String outcome) {
            // Given
            int arrays = levels - 1;
            String body = "{\"deep\":" + "[".repeat(arrays) + "]".repeat(arrays) + ","
                    + bridge.newEvent().json().substring(1);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
        }

        @ParameterizedTest
        @CsvSource({"200, 200 processed", "201, 400 malformed_json"})
        void levelsOfObjectsCountLikeThoseOfArrays(int levels, String outcome) {
            // Given
            int objects = levels - 1;
            String body = "{\"deep\":" + "{\"a\":".repeat(objects - 1) + "{}" + "}".repeat(objects - 1) + ","
                    + bridge.newEvent().json().substring(1);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
        }

        @ParameterizedTest
        @CsvSource({"1000, 200 processed", "1001, 400 malformed_json"})
        void anIntegerHasAThousandDigitsAtMost(int digits, String outcome) {
            // Given
            String body = "{\"n\":" + "7".repeat(digits) + "," + bridge.newEvent().json().substring(1);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
        }

        @ParameterizedTest
        @CsvSource({"1000, 200 processed", "1001, 400 malformed_json"})
        void aNumberHasAThousandCharactersAtMostItsSignPointAndExponentAmongThem(int characters, String outcome) {
            // Given
            String head = "-1.";
            String tail = "e-12";
            String number = head + "5".repeat(characters - head.length() - tail.length()) + tail;
            String body = "{\"n\":" + number + "," + bridge.newEvent().json().substring(1);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
        }

        @Test
        void aHugeExponentPassesAsItIs() {
            // Given
            SampleEvent event = bridge.newEvent();
            String body = "{\"n\":1e999999999," + event.json().substring(1);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().delivered().get(0).detail()).contains("\"n\":1e999999999,");
        }

        @Test
        void whatIsMalformedNeverComesBackInTheReply() {
            // Given
            String body = "{\"phone\":\"+49 30 1234567\" \"name\"";

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 malformed_json");
            assertThat(reply.body()).doesNotContain("1234567", "phone");
        }
    }

    /** Whether it is a routing event. */
    @Nested
    class Schema {

        private List<String> paths(Reply reply) {
            return StreamSupport.stream(reply.json().path("violations").spliterator(), false)
                    .map(violation -> violation.path("path").asText()).toList();
        }

        @ParameterizedTest
        @ValueSource(strings = {"[]", "[{\"id\":1}]", "1", "\"text\"", "true", "null"})
        void whatIsNoObjectIsRefusedAtTheRoot(String body) {
            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 schema_violation");
            assertThat(paths(reply)).containsExactly("");
        }

        @ParameterizedTest
        @ValueSource(strings = {"id", "eventType", "timestamp", "routingContext", "retryDirective"})
        void aMissingPropertysPathIsItsOwn(String property) {
            // Given
            SampleEvent event = bridge.newEvent().without(property);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertRefused(reply, "400 schema_violation");
            assertThat(paths(reply)).containsExactly("/" + property);
            assertThat(reply.json().at("/violations/0/message").asText()).isNotBlank();
            assertNothingIsPublished();
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "/id|\"not-a-uuid\"", "/id|\"f47ac10b58cc4372a5670e02b2c3d479\"",
            "/id|\"f47ac10b-58cc-4372-a567-0e02b2c3d47g\"",
            "/id|\"{f47ac10b-58cc-4372-a567-0e02b2c3d479}\"", "/id|5", "/id|null",
            "/id|\"f47ac10b-58cc-4372-a567-0e02b2c3d479\\n\"", "/id|\" f47ac10b-58cc-4372-a567-0e02b2c3d479\"",
            "/eventType|\"queue:member:added\"", "/eventType|\"routing:\"", "/eventType|7", "/eventType|\"Routing:x\"",
            "/timestamp|\"yesterday\"", "/timestamp|\"2026-11-23\"", "/timestamp|\"2026-11-23T10:00:00\"",
            "/timestamp|\"2026-02-30T10:00:00Z\"", "/timestamp|1795000000000",
            "/timestamp|\"2026-11-23T24:00:00Z\"", "/timestamp|\"2026-11-23T10:00:00+25:00\"",
            "/timestamp|\"2026-11-23T10:00Z\"", "/timestamp|\"\"",
            "/timestamp|\"2026-11-23T10:00:00.Z\"", "/timestamp|\"2026-06-15T12:00:60Z\"",
            "/routingContext|[]", "/routingContext|\"x\"", "/routingContext/queueId|5", "/routingContext/skillId|null",
            "/routingContext/agentId|{}", "/routingContext/waitTimeMs|-1", "/routingContext/waitTimeMs|\"5\"",
            "/routingContext/waitTimeMs|-0.001", "/retryDirective|[]", "/retryDirective/maxAttempts|0",
            "/retryDirective/maxAttempts|11", "/retryDirective/maxAttempts|2.5", "/retryDirective/maxAttempts|\"3\"",
            "/retryDirective/backoffMs|99", "/retryDirective/backoffMs|100.5", "/retryDirective/backoffMs|null",
            "/schemaVersion|\"1.0\"", "/schemaVersion|\"v1\"", "/schemaVersion|\"v1.0.0\"", "/schemaVersion|1",
            "/bridge|{}", "/bridge|null", "/bridge|\"x\""})
        void aWrongValueIsRefusedWithItsPath(String pointer, String value) {
            // Given
            String body = bridge.newEvent().with(pointer, "MARK").json().replace("\"MARK\"", value);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 schema_violation");
            assertThat(paths(reply)).isNotEmpty().allMatch(pointer::equals);
            assertNothingIsPublished();
        }

        @ParameterizedTest
        @ValueSource(strings = {"10:00:00Z ", "10:00:00Z\\n", "10:00:00Z\\t", "10:00:00Zx", "10:00:00ZZ",
            "10:00:00.5Z ",
            "10:00:00.123Z\\n", "10:00:00.123456Zx", "10:00:00+01:00 ", "10:00:00+01:00\\n", "10:00:00.5+01:000"})
        void nothingMayFollowATimestamp(String time) {
            // Given
            String body = bridge.newEvent().with("timestamp", "MARK").json().replace("MARK", "2026-11-23T" + time);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 schema_violation");
            assertThat(paths(reply)).containsExactly("/timestamp");
            assertNothingIsPublished();
        }

        @ParameterizedTest
        @ValueSource(strings = {" ", "\\n", "\\r", "\\u2028"})
        void nothingMayFollowASchemaVersion(String more) {
            // Given
            String body = bridge.newEvent().with("schemaVersion", "MARK").json().replace("MARK", "v1.0" + more);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 schema_violation");
            assertThat(paths(reply)).containsExactly("/schemaVersion");
            assertNothingIsPublished();
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', value = {
            "/id|\"F47AC10B-58CC-4372-A567-0E02B2C3D479\"", "/id|\"00000000-0000-0000-0000-000000000000\"",
            "/routingContext/waitTimeMs|0", "/routingContext/waitTimeMs|0.5", "/routingContext/waitTimeMs|1e3",
            "/retryDirective/maxAttempts|10", "/retryDirective/backoffMs|100", "/retryDirective/maxAttempts|2.0",
            "/schemaVersion|\"v12.34\"", "/routingContext/bridge|\"any\"", "/anything|null", "/x|[1,\"two\",{}]",
            "/routingContext/queueId|\"\"", "/eventType|\"routing:x\"", "/retryDirective/backoffMs|1e2"})
        void whatTheSchemaAllowsIsProcessed(String pointer, String value) {
            // Given
            String body = bridge.newEvent().with(pointer, "MARK").json().replace("\"MARK\"", value);

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @Test
        void anEmptyContextAndAnEmptyDirectiveAreEnough() {
            // Given
            String body = bridge.newEvent().with("routingContext", Map.of())
                    .with("retryDirective", Map.of()).without("schemaVersion").json();

            // When
            Reply reply = bridge.post(body);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }

        @ParameterizedTest
        @CsvSource({"128, 200 processed", "129, 400 schema_violation"})
        void anEventTypeHas128CharactersAtMost(int length, String outcome) {
            // Given
            SampleEvent event = bridge.newEvent().with("eventType", "routing:" + "x".repeat(length - 8));

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo(outcome);
        }

        @Test
        void twentyViolationsAreToldAtMost() {
            // Given
            String body = "{\"id\":1,\"eventType\":1,\"timestamp\":1,\"schemaVersion\":1,\"bridge\":1,"
                    + "\"routingContext\":{\"queueId\":1,\"skillId\":1,\"agentId\":1,\"waitTimeMs\":\"\"},"
                    + "\"retryDirective\":{\"maxAttempts\":\"\",\"backoffMs\":\"\"}}";

            // When
            Reply reply = bridge.post(body);

            // Then
            assertRefused(reply, "400 schema_violation");
            assertThat(paths(reply)).hasSizeLessThanOrEqualTo(20).contains("/id", "/eventType", "/timestamp",
                    "/schemaVersion", "/bridge", "/routingContext/queueId", "/routingContext/skillId",
                    "/routingContext/agentId", "/routingContext/waitTimeMs", "/retryDirective/maxAttempts",
                    "/retryDirective/backoffMs");
        }

        @Test
        void aRefusalsAuditLineKnowsTheEvent() {
            // Given
            SampleEvent event = bridge.newEvent().without("timestamp");

            // When
            bridge.post(event);

            // Then
            assertThat(bridge.auditLines(event.id())).singleElement().satisfies(line -> {
                assertThat(line.path("status").asText()).isEqualTo("REJECTED");
                assertThat(line.path("eventType").asText()).isEqualTo(event.eventType());
                assertThat(line.path("error").asText()).startsWith("schema_violation");
                assertThat(line.path("action").asText()).isEqualTo("EVENTBRIDGE_PUBLISH");
                assertThat(line.path("system").asText()).isEqualTo("cxone-routing-bridge");
                assertThat(line.path("latencyMs").isIntegralNumber()).isTrue();
                assertThat(line.has("attempt")).isFalse();
                assertThat(line.has("eventBridgeEventId")).isFalse();
            });
        }

        @Test
        void noValueOfTheEventComesBackWithARefusal() {
            // Given
            SampleEvent event = bridge.newEvent().with("/routingContext/waitTimeMs", "+49 30 1234567")
                    .with("/schemaVersion", "call 1234567");

            // When
            Reply reply = bridge.post(event);

            // Then
            assertRefused(reply, "400 schema_violation");
            assertThat(reply.body()).doesNotContain("1234567");
        }

        @Test
        void aRefusedEventIsWelcomeOnceItIsMended() {
            // Given
            SampleEvent event = bridge.newEvent();
            bridge.post(event.without("timestamp"));

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
        }
    }

    /** What the bus gets of it. */
    @Nested
    class Detail {

        @Test
        void theReplyNamesTheEventAndItsToken() {
            // Given
            SampleEvent event = bridge.newEvent().with("id", "f47ac10b-58cc-4372-a567-0e02b2c3d479");

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.json().properties().stream().map(Map.Entry::getKey))
                    .containsExactly("status", "eventId", "idempotencyToken");
            assertThat(reply.json().path("eventId").asText()).isEqualTo("f47ac10b-58cc-4372-a567-0e02b2c3d479");
            // worked out with Python: uuid.uuid5(uuid.NAMESPACE_URL, "f47ac10b-58cc-4372-a567-0e02b2c3d479")
            assertThat(reply.json().path("idempotencyToken").asText())
                    .isEqualTo("ddeea63e-3ef0-51e0-bf35-41f318f300a5");
        }

        @Test
        void theTokenIsThatOfTheIdAsReceived() {
            // Given
            SampleEvent lower = bridge.newEvent();
            SampleEvent upper = lower.with("id", lower.id().toUpperCase(Locale.ROOT));
            String tokenOfLower = bridge.post(lower).json().path("idempotencyToken").asText();

            // When
            Reply reply = bridge.post(upper);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(reply.json().path("idempotencyToken").asText()).isNotEqualTo(tokenOfLower);
        }

        @Test
        void theReceivedTextIsKeptByteForByteWithBridgeBeforeTheLastBrace() throws Exception {
            // Given
            String id = UUID.randomUUID().toString();
            String head = "{\r\n\t\"id\" : \"" + id + "\",\"eventType\":\"routing:queue:member:\\u0061dded\" ,"
                    + "\"n\":[1.0,1e2,1E+2,-0,0.10,12345678901234567890.123456789012345678901234567890],"
                    + "\"escaped\":\"\\/ \\u00e9 \\\" } \\ud83d\\ude00\",\"lone\":\"\\ud800\","
                    + "\"raw\":\"\u00e9\u4e16\ud83d\ude00\","
                    + "\"timestamp\":\"" + Instant.now() + "\",  \"routingContext\":{ \"queueId\" : \"q-" + id
                    + "\",\"z\":null,\"a\":{}} , \"retryDirective\" : { }  ";

            // When
            Reply reply = bridge.post("\n " + head + "}\n\n ");

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            String detail = bridge.bus().delivered().get(0).detail();
            assertThat(detail).startsWith(head + ",\"bridge\":{").endsWith("\"}}");
            JsonNode bridgeNode = new ObjectMapper().readTree(detail).path("bridge");
            assertThat(bridgeNode.properties().stream().map(Map.Entry::getKey))
                    .containsExactly("idempotencyToken", "receivedAt");
            assertThat(bridgeNode.path("idempotencyToken")).isEqualTo(reply.json().path("idempotencyToken"));
            assertThat(Instant.parse(bridgeNode.path("receivedAt").asText()))
                    .isBetween(Instant.now().minusSeconds(20), Instant.now());
            assertThat(bridge.bus().delivered().get(0).detailType()).isEqualTo("routing:queue:member:added");
        }

        @Test
        void theEntryHasItsBusSourceTypeAndTime() {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            bridge.post(event);

            // Then
            assertThat(bridge.bus().delivered()).singleElement().satisfies(entry -> {
                assertThat(entry.bus()).isEqualTo(BridgeUnderTest.BUS);
                assertThat(entry.source()).isEqualTo("nice.cxone.routing");
                assertThat(entry.detailType()).isEqualTo(event.eventType());
                assertThat(entry.time()).isEqualTo(Instant.parse(event.timestamp()));
                assertThat(entry.resources()).isEmpty();
            });
        }

        @ParameterizedTest
        @CsvSource({
            "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
            "2016-12-31T23:59:60.500Z, 2017-01-01T00:00:00Z",
            "2017-01-01T00:59:60+01:00, 2017-01-01T00:00:00Z",
            "2026-03-01t10:00:00z, 2026-03-01T10:00:00Z",
            "2026-03-01T10:00:00.123Z, 2026-03-01T10:00:00.123Z",
            "2026-03-01T10:00:00.1Z, 2026-03-01T10:00:00.100Z",
            "2026-03-01T10:00:00.123999Z, 2026-03-01T10:00:00.123Z",
            "2026-03-01T10:00:00.123456789+05:30, 2026-03-01T04:30:00.123Z",
            "2026-03-01T10:00:00-00:00, 2026-03-01T10:00:00Z",
            "1970-01-01T00:00:00.007Z, 1970-01-01T00:00:00.007Z",
            "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z"})
        void theTimestampBecomesTheEntrysTimeToTheMillisecond(String timestamp, String time) {
            // Given
            SampleEvent event = bridge.newEvent().with("timestamp", timestamp);

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(reply.outcome()).isEqualTo("200 processed");
            assertThat(bridge.bus().delivered()).singleElement()
                    .satisfies(entry -> assertThat(entry.time()).isEqualTo(Instant.parse(time)));
            assertThat(bridge.bus().delivered().get(0).detail()).contains("\"timestamp\":\"" + timestamp + "\"");
        }

        @Test
        void aSuccessLeavesOneAuditLineWithItsAttempt() {
            // Given
            SampleEvent event = bridge.newEvent();

            // When
            Reply reply = bridge.post(event);

            // Then
            assertThat(bridge.auditLines(event.id())).singleElement().satisfies(line -> {
                assertThat(line.path("status").asText()).isEqualTo("SUCCESS");
                assertThat(line.path("attempt").asInt()).isEqualTo(1);
                assertThat(line.path("eventType").asText()).isEqualTo(event.eventType());
                assertThat(line.path("idempotencyToken")).isEqualTo(reply.json().path("idempotencyToken"));
                assertThat(line.path("eventBridgeEventId").asText())
                        .isEqualTo(bridge.bus().delivered().get(0).eventId());
                assertThat(line.has("error")).isFalse();
                assertThat(Instant.parse(line.path("timestamp").asText())).isNotNull();
            });
        }
    }

    /** What does not end well by our fault must not leave traces. */
    @Nested
    class Afterwards {

        @Test
        void nothingIsLeftInFlight() {
            // Given
            List<String> bodies = new ArrayList<>(List.of("{", "{}", "[]"));
            bodies.add(bridge.newEvent().json());
            SampleEvent throttled = bridge.newEvent();
            bridge.bus().faults().forEventId(throttled.id(), 2, Fault.THROTTLE_ENTRY);
            bodies.add(throttled.json());

            // When
            bodies.forEach(bridge::post);

            // Then
            await().untilAsserted(() -> assertThat(bridge.metric("bridge_inflight")).isZero());
        }
    }
}
