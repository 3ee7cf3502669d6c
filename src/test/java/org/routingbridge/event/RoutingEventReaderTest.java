package org.routingbridge.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.NameBasedGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.settings.Settings;
import org.routingbridge.settings.SettingsForTests;

class RoutingEventReaderTest {

    private static RoutingEvent at(String timestamp) {
        return EventsForTests.read(EventsForTests.json(EventsForTests.ID, timestamp, "{\"queueId\":\"q\"}"));
    }

    private static RoutingEvent withContext(String routingContext, Settings settings) {
        return EventsForTests.read(EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", routingContext),
                settings);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-05-04T12:00:00Z,            2026-05-04T12:00:00Z",
        "2026-05-04T12:00:00.1Z,          2026-05-04T12:00:00.100Z",
        "2026-05-04T12:00:00.123456789Z,  2026-05-04T12:00:00.123Z",
        "2026-05-04T12:00:00.999999Z,     2026-05-04T12:00:00.999Z",
        "2026-05-04t12:00:00z,            2026-05-04T12:00:00Z",
        "2026-05-04T14:00:00+02:00,       2026-05-04T12:00:00Z",
        "2026-05-04T06:30:00-05:30,       2026-05-04T12:00:00Z",
        "2026-05-04T12:00:00-00:00,       2026-05-04T12:00:00Z",
        "1969-12-31T23:59:59.5Z,          1969-12-31T23:59:59.500Z"})
    void timestampsAreReadToTheMillisecond(String timestamp, Instant instant) {
        // When, Then
        assertThat(at(timestamp).timestamp()).isEqualTo(instant);
    }

    @ParameterizedTest
    @CsvSource({
        "2016-12-31T23:59:60Z,       2017-01-01T00:00:00Z",
        "2016-12-31T23:59:60.900Z,   2017-01-01T00:00:00Z",
        "1990-12-31T15:59:60-08:00,  1991-01-01T00:00:00Z",
        "2015-06-30T23:59:60Z,       2015-07-01T00:00:00Z"})
    void aLeapSecondIsTheStartOfTheNextSecond(String timestamp, Instant instant) {
        // When, Then
        assertThat(at(timestamp).timestamp()).isEqualTo(instant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-05-04T12:00:00Z ", "2026-05-04T12:00:00Z\\n", "2026-05-04T25:00:00Z",
        "2026-02-30T12:00:00Z", "2026-05-04", "2026-05-04T12:00:61Z", "2026-05-04T12:00:00", ""})
    void whatCannotBeReadAsATimeIsASchemaViolation(String timestamp) {
        // When
        Refused refused = catchThrowableOfType(Refused.class, () -> at(timestamp));

        // Then
        assertThat(refused.refusal()).isEqualTo(Refusal.SCHEMA_VIOLATION);
        assertThat(refused.violations()).singleElement()
                .satisfies(violation -> assertThat(violation.path()).isEqualTo("/timestamp"));
    }

    @Test
    void theTokenIsTheUuid5OfTheIdAsReceived() {
        // Given
        String upper = EventsForTests.ID.toUpperCase(java.util.Locale.ROOT);

        // When
        RoutingEvent event = EventsForTests.read(EventsForTests.json(upper, "2026-05-04T12:00:00Z", "{}"));

        // Then
        UUID expected = Generators.nameBasedGenerator(NameBasedGenerator.NAMESPACE_URL).generate(upper);
        assertThat(event.idempotencyToken()).isEqualTo(expected.toString())
                .isNotEqualTo(EventsForTests.event().idempotencyToken());
        assertThat(expected.version()).isEqualTo(5);
    }

    @Test
    void aKnownNameHasTheTokenThatOthersComputeToo() {
        // When, Then
        // Python: uuid.uuid5(uuid.NAMESPACE_URL, "3f2504e0-4f89-41d3-9a0c-0305e82c3301")
        assertThat(EventTokens.ofEvent(EventsForTests.ID)).isEqualTo("e94ea960-646a-503b-bccd-21c414679fa6");
        assertThat(EventTokens.ofChunk(EventsForTests.ID, 12)).isEqualTo("406c2d95-6800-562e-b384-237763c82aee");
    }

    @Test
    void theKeyIsWhereThePointerPoints() {
        // Given
        Settings settings = SettingsForTests.with("bridge.ordering.key", "/routingContext/a~1b/0");

        // When, Then
        assertThat(withContext("{\"a/b\":[\"k\"]}", settings).orderingKey()).isEqualTo(OrderingKeys.of("k"));
    }

    @Test
    void eventsWithoutTheKeyShareOne() {
        // Given
        Settings settings = SettingsForTests.with();

        // When, Then
        assertThat(withContext("{}", settings).orderingKey())
                .isEqualTo(withContext("{\"queueId\":null}", settings).orderingKey())
                .isNotEqualTo(withContext("{\"queueId\":\"\"}", settings).orderingKey())
                .isNotEqualTo(withContext("{\"queueId\":\"q\"}", settings).orderingKey());
    }

    @Test
    void anEmptyPointerMeansOneKeyForAll() {
        // Given
        Settings settings = SettingsForTests.with("bridge.ordering.key", "");

        // When, Then
        assertThat(withContext("{\"queueId\":\"a\"}", settings).orderingKey())
                .isEqualTo(withContext("{\"queueId\":\"b\"}", settings).orderingKey());
    }

    @Test
    void aKeyThatIsNoTextIsItsJson() {
        // Given
        Settings settings = SettingsForTests.with("bridge.ordering.key", "/routingContext/site");

        // When, Then
        assertThat(withContext("{\"site\":{\"n\":1}}", settings).orderingKey())
                .isEqualTo(OrderingKeys.of("{\"n\":1}"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 36, 1000, 240_000})
    void aKeyIsOfOneSizeHoweverLongTheSendersIs(int length) {
        // Given
        Settings settings = SettingsForTests.with();
        String long1 = "{\"queueId\":\"" + "q".repeat(length) + "\"}";
        String long2 = "{\"queueId\":\"" + "q".repeat(length) + "r\"}";

        // When
        String key = withContext(long1, settings).orderingKey();

        // Then
        assertThat(key).hasSize(22).isEqualTo(withContext(long1, settings).orderingKey())
                .isNotEqualTo(withContext(long2, settings).orderingKey());
    }

    @Test
    void aKnownKeyIsWhatOthersComputeToo() {
        // When, Then
        // Python: base64.urlsafe_b64encode(hashlib.sha256(b"queue-1").digest()[:16]).rstrip(b"=")
        assertThat(OrderingKeys.of("queue-1")).isEqualTo("vzowKlDlWRTiotqSh7PKYQ");
    }

    @Test
    void theDirectiveIsTheEventsOwn() {
        // Given
        String json = EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", "{}")
                .replace("{\"maxAttempts\":3,\"backoffMs\":100}", "{\"maxAttempts\":7,\"backoffMs\":250}");

        // When, Then
        assertThat(EventsForTests.read(json).retryDirective()).isEqualTo(new RetryDirective(7, Duration.ofMillis(250)));
    }

    @Test
    void anEmptyDirectiveMeansThreeAttemptsASecondApart() {
        // Given
        String json = EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", "{}")
                .replace("{\"maxAttempts\":3,\"backoffMs\":100}", "{}");

        // When, Then
        assertThat(EventsForTests.read(json).retryDirective()).isEqualTo(new RetryDirective(3, Duration.ofSeconds(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"60001", "9007199254740993", "99999999999999999999999999", "1e300"})
    void aBackoffWithoutMeasureIsCutToAMinute(String backoff) {
        // Given
        String json = EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", "{}")
                .replace("\"backoffMs\":100", "\"backoffMs\":" + backoff);

        // When, Then
        assertThat(EventsForTests.read(json).retryDirective().backoff()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void theTextIsTheObjectAsReceivedWithItsLengthInBytes() {
        // Given
        String json = EventsForTests.json(EventsForTests.ID, "2026-05-04T12:00:00Z", "{\"n\" : \"Zoë 😀\"}");

        // When
        RoutingEvent event = EventsForTests.read(" \t\r\n" + json + "\n  ");

        // Then
        assertThat(event.text()).isEqualTo(json);
        assertThat(event.utf8Length()).isEqualTo(json.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
        assertThat(event.routingContext()).isEqualTo("{\"n\" : \"Zoë 😀\"}");
        assertThat(event.toString()).doesNotContain("Zoë");
    }
}
