package org.routingbridge.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.UnvalidatedEvent;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.history.EventHistory;

class AuditLogTest {

    private static final JsonMapper STRICT = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
            DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();
    private static final Duration LATENCY = Duration.ofMillis(42);

    @TempDir
    private Path directory;
    private AuditLog log;

    @BeforeEach
    void open() {
        log = new AuditLog(directory, Clock.fixed(EventsForTests.RECEIVED_AT.plusMillis(1234), ZoneOffset.UTC),
                new EventHistory());
    }

    @AfterEach
    void close() {
        log.close();
    }

    private List<String> lines() {
        try {
            return Files.readAllLines(directory.resolve("audit.jsonl"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private JsonNode onlyLine() {
        assertThat(lines()).hasSize(1);
        try {
            return STRICT.readTree(lines().get(0));
        } catch (IOException e) {
            throw new AssertionError(lines().get(0), e);
        }
    }

    private static JsonNode json(String text) throws IOException {
        return STRICT.readTree(text.replace('\'', '"'));
    }

    private static PublishAttempt attempt(int number, PutResult... results) {
        return new PublishAttempt(EventsForTests.event(), number, List.of(results), 0, 0, EventsForTests.RECEIVED_AT);
    }

    private static PutResult failed(Kind kind, String error, Duration latency) {
        return new PutResult(kind, error, null, latency, false);
    }

    private static String token() {
        return EventsForTests.event().idempotencyToken();
    }

    @Test
    void aSuccessHasItsFieldsAndNoOthers() throws Exception {
        // When
        log.attempted(attempt(2, new PutResult(Kind.ACCEPTED, null, "aws-1", LATENCY, false)));

        // Then
        assertThat(onlyLine()).isEqualTo(json("{'timestamp':'2026-05-04T12:00:01.234Z','eventId':'" + EventsForTests.ID
                + "','eventType':'routing:queue:member:added','status':'SUCCESS','latencyMs':42,"
                + "'action':'EVENTBRIDGE_PUBLISH','system':'cxone-routing-bridge','attempt':2,'idempotencyToken':'"
                + token() + "','eventBridgeEventId':'aws-1'}"));
    }

    @Test
    void aFailureSaysWhyAndHasNoIdOfEventBridges() throws Exception {
        // When
        log.attempted(attempt(1, failed(Kind.THROTTLED, "ThrottlingException: Rate exceeded", LATENCY)));

        // Then
        assertThat(onlyLine()).isEqualTo(json("{'timestamp':'2026-05-04T12:00:01.234Z','eventId':'" + EventsForTests.ID
                + "','eventType':'routing:queue:member:added','status':'FAILURE','latencyMs':42,"
                + "'action':'EVENTBRIDGE_PUBLISH','system':'cxone-routing-bridge',"
                + "'error':'ThrottlingException: Rate exceeded','attempt':1,'idempotencyToken':'" + token() + "'}"));
    }

    @Test
    void anAttemptWithTwoAnswersHasTwoLines() {
        // When
        log.attempted(attempt(1, failed(Kind.REFUSED, "ValidationException", LATENCY),
                new PutResult(Kind.ACCEPTED, null, "aws-1", LATENCY, false)));

        // Then
        assertThat(lines()).hasSize(2);
        assertThat(lines().get(0)).contains("FAILURE");
        assertThat(lines().get(1)).contains("SUCCESS");
    }

    @Test
    void whatWasNotSentIsNoAttempt() {
        // When
        log.attempted(attempt(1, failed(Kind.NOT_SENT, "Timeout", null)));

        // Then
        assertThat(lines()).isEmpty();
    }

    @Test
    void aDuplicatesLatencyIsSinceReceipt() throws Exception {
        // When
        log.duplicate(EventsForTests.event());

        // Then
        assertThat(onlyLine()).isEqualTo(json("{'timestamp':'2026-05-04T12:00:01.234Z','eventId':'" + EventsForTests.ID
                + "','eventType':'routing:queue:member:added','status':'DUPLICATE','latencyMs':1234,"
                + "'action':'EVENTBRIDGE_PUBLISH','system':'cxone-routing-bridge','idempotencyToken':'" + token()
                        + "'}"));
    }

    @Test
    void queuedAndDeadLetteredHaveTheirLines() {
        // When
        log.queued(EventsForTests.event());
        log.deadLettered(EventsForTests.event(), new IllegalStateException("NotAuthorizedForSourceException"));

        // Then
        assertThat(lines()).hasSize(2);
        assertThat(lines().get(0)).contains("\"status\":\"QUEUED\"");
        assertThat(lines().get(1)).contains("\"status\":\"DEAD_LETTERED\"", "NotAuthorizedForSourceException");
    }

    @Test
    void whatIsLongerThanAnybodyReadsIsCut() throws Exception {
        // Given
        String id = "x".repeat(16_383) + "\uD83D\uDE00" + "y".repeat(300_000);
        String body = STRICT.writeValueAsString(Map.of("id", id));

        // When
        log.left(new UnvalidatedEvent(body.getBytes(StandardCharsets.UTF_8), body, STRICT.readTree(body),
                EventsForTests.RECEIVED_AT, null), new Refused(Refusal.ENTRY_TOO_LARGE, id));

        // Then
        assertThat(onlyLine().get("eventId").textValue()).isEqualTo("x".repeat(16_383) + "...");
        assertThat(onlyLine().get("error").textValue()).hasSize(16_387).endsWith("...");
    }

    @Test
    void aRefusalOfBytesHasNeitherIdNorToken() throws Exception {
        // When
        log.left(new Delivery(name -> null, new byte[0], EventsForTests.RECEIVED_AT),
                new Refused(Refusal.MALFORMED_JSON, "The body is not UTF-8"));

        // Then
        assertThat(onlyLine()).isEqualTo(json("{'timestamp':'2026-05-04T12:00:01.234Z','status':'REJECTED',"
                + "'latencyMs':1234,'action':'EVENTBRIDGE_PUBLISH','system':'cxone-routing-bridge',"
                + "'error':'malformed_json: The body is not UTF-8'}"));
    }

    @Test
    void aClockThatWentBackMakesNoNegativeLatency() {
        // Given
        RoutingEvent event = EventsForTests.event();
        log.close();
        log = new AuditLog(directory, Clock.fixed(EventsForTests.RECEIVED_AT.minusSeconds(5), ZoneOffset.UTC),
                new EventHistory());

        // When
        log.duplicate(event);

        // Then
        assertThat(onlyLine().path("latencyMs").asLong()).isZero();
    }

    @Test
    void oddCharactersCannotBreakALine() throws Exception {
        // Given
        String odd = "a\"b\\c\nd\re\tf\u0000g\u001fh\u2028i\u2029j\u0085k😀\uD800l\u001b[31m}";
        RoutingEvent event = EventsForTests.read(EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", "{}")
                .replace("queue:member:added", "\\u0000\\u001f\\\"\\\\\\u0085😀\\ud800}"));

        // When
        log.attempted(new PublishAttempt(event, 1, List.of(failed(Kind.REFUSED, odd, LATENCY)), 0, 0,
                EventsForTests.RECEIVED_AT));

        // Then
        String text = Files.readString(directory.resolve("audit.jsonl"));
        assertThat(text.chars().filter(c -> c == '\n').count()).isEqualTo(1);
        assertThat(text).endsWith("\n").doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f]");
        JsonNode line = STRICT.readTree(text);
        assertThat(line.path("error").asText()).startsWith("a\"b\\c\nd\re\tf\u0000g").contains("😀");
        assertThat(line.path("eventType").asText()).startsWith("routing:\u0000\u001f\"\\\u0085😀").endsWith("}");
    }

    @Test
    void aLongErrorIsOneLineToo() {
        // When
        log.attempted(attempt(1, failed(Kind.REFUSED, "é".repeat(100_000), LATENCY)));

        // Then
        assertThat(onlyLine().path("status").asText()).isEqualTo("FAILURE");
    }

    @Test
    void linesOfManyThreadsDoNotMingle() throws Exception {
        // Given
        int threads = 8;
        int each = 500;
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> writers = IntStream.range(0, threads).mapToObj(i -> new Thread(() -> {
            try {
                start.await();
            } catch (InterruptedException e) {
                return;
            }
            for (int n = 0; n < each; n++) {
                log.duplicate(EventsForTests.event());
            }
        })).toList();
        writers.forEach(Thread::start);

        // When
        start.countDown();
        for (Thread writer : writers) {
            writer.join(20_000);
        }

        // Then
        assertThat(lines()).hasSize(threads * each).allSatisfy(line ->
                assertThat(STRICT.readTree(line).path("status").asText()).isEqualTo("DUPLICATE"));
    }

    @Test
    void whatALineThatWasNotFinishedLeftIsCutOffAtTheNextStart() throws Exception {
        // Given
        log.duplicate(EventsForTests.event());
        log.close();
        Files.writeString(directory.resolve("audit.jsonl"), "{\"timestamp\":\"2026".repeat(2000),
                StandardOpenOption.APPEND);

        // When
        log = new AuditLog(directory, Clock.systemUTC(), new EventHistory());
        log.duplicate(EventsForTests.event());

        // Then
        assertThat(lines()).hasSize(2).allSatisfy(line ->
                assertThat(STRICT.readTree(line).path("status").asText()).isEqualTo("DUPLICATE"));
    }

    @Test
    void aDirectoryThatIsTakenAwayIsMadeAnew() throws Exception {
        // Given
        Path file = directory.resolve("audit.jsonl");
        log.duplicate(EventsForTests.event());
        Files.delete(file);
        Files.delete(directory);

        // When
        await().until(() -> {
            log.duplicate(EventsForTests.event());
            return Files.exists(file);
        });

        // Then
        assertThat(lines()).hasSize(1);
        assertThat(log.state()).isEqualTo("written");
    }

    @Test
    void whatComesInPlaceOfTheDirectoryCostsLinesAlone() throws Exception {
        // Given
        Path file = directory.resolve("audit.jsonl");
        Files.delete(file);
        Files.delete(directory);
        Files.writeString(directory, "this is no directory");

        // When
        await().until(() -> {
            log.duplicate(EventsForTests.event());
            return log.unwritten() > 0;
        });
        String before = log.state();
        Files.delete(directory);
        await().until(() -> {
            log.duplicate(EventsForTests.event());
            return Files.exists(file);
        });

        // Then
        assertThat(before).startsWith("cannot be written to: ");
        assertThat(log.state()).startsWith("written, ");
    }

    @Test
    void whatWasNotCompressedToItsEndIsDroppedForTheFileItCameFrom() throws Exception {
        // Given
        log.close();
        Path whole = Files.writeString(directory.resolve("audit-2026-01-01-1.jsonl"), "{}\n");
        Path half = Files.createFile(directory.resolve("audit-2026-01-01-1.jsonl.gz"));
        Path other = Files.createFile(directory.resolve("audit-2026-01-01-2.jsonl.gz"));

        // When
        log = new AuditLog(directory, Clock.systemUTC(), new EventHistory());

        // Then
        assertThat(half).doesNotExist();
        assertThat(whole).hasContent("{}");
        assertThat(other).exists();
    }

    @Test
    void aRestartGoesOnInTheSameFile() {
        // Given
        log.duplicate(EventsForTests.event());
        log.close();
        log = new AuditLog(directory, Clock.systemUTC(), new EventHistory());

        // When
        log.duplicate(EventsForTests.event());

        // Then
        assertThat(lines()).hasSize(2);
    }
}
