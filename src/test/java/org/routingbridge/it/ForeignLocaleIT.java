package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** On a machine whose language has digits, a calendar and a time zone of its own, which no machine's text may show. */
class ForeignLocaleIT {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final String QUEUE = "queue-1";
    private static final String ARABIC =
            "-Duser.language=ar -Duser.country=EG -Duser.timezone=Asia/Kathmandu -Dfile.encoding=US-ASCII";
    private static final String THAI = "-Duser.language=th -Duser.country=TH -Duser.extensions=u-ca-buddhist-nu-thai"
            + " -Duser.timezone=Pacific/Apia";

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();

    @AfterEach
    void close() {
        site.close();
    }

    /** What one wrote, the other reads; the short form has one of the two orders, {@code -Dprocesses.each} both. */
    static Stream<Arguments> locales() {
        Stream<Arguments> ways = Stream.of(Arguments.of(ARABIC, THAI), Arguments.of(THAI, ARABIC));
        return Boolean.getBoolean("processes.each") ? ways : ways.limit(1);
    }

    @ParameterizedTest
    @MethodSource("locales")
    void everyKindOfEventIsTreatedAndRememberedAsAnywhere(String locale, String next) throws Exception {
        // Given
        SampleEvent good = event(Instant.now());
        SampleEvent late = event(Instant.now().minusSeconds(60));
        SampleEvent invalid = event(Instant.now()).without("/routingContext");
        SampleEvent large = event(Instant.now()).with("/note", "ü".repeat(140_000));
        SampleEvent parked = event(Instant.now()).with("/retryDirective/maxAttempts", 1);
        BridgeJvm first = site.start(locale.split(" ")).awaitReady();

        // When
        List<String> answers = new ArrayList<>();
        for (SampleEvent event : List.of(good, good, late, invalid, large)) {
            answers.add(outcome(event));
        }
        site.bus().faults().next(Fault.SERVER_ERROR);
        answers.add(outcome(parked));
        await().until(() -> site.bus().timesDelivered(parked.id()) == 1);
        List<String> rejected = ids("/ops/rejected");
        String metrics = site.manage("/observe/metrics").body();
        first.terminate();
        first.awaitExit(STOP);
        BridgeJvm second = site.start(next.split(" ")).awaitReady();
        answers.add(outcome(good));
        answers.add(outcome(late.with("/routingContext/queueId", "queue-2").with("/timestamp", "yesterday")));

        // Then
        assertThat(answers).containsExactly("200 processed", "200 duplicate_skipped", "409 ordering_violation",
                "400 schema_violation", "413 entry_too_large", "202 queued", "200 duplicate_skipped",
                "400 schema_violation");
        assertThat(rejected).containsExactly(large.id(), invalid.id(), late.id());
        assertThat(ids("/ops/rejected")).containsExactly(late.id(), large.id(), invalid.id(), late.id());
        assertThat(site.manage("/ops/accounting").body()).contains("\"balanced\":true");
        assertThat(metrics).contains("bridge_events_total{outcome=\"processed\"} 1.0");
        assertThat(fileNames()).allSatisfy(name -> assertThat(name).matches("\\p{ASCII}+"));
        assertThat(Files.readAllLines(site.path("logs/audit.jsonl"))).isNotEmpty().allSatisfy(line ->
                assertThat(Instant.parse(JSON.readTree(line).path("timestamp").asText())).isBetween(
                        Instant.now().minusSeconds(120), Instant.now().plusSeconds(1)));
        assertThat(first.output() + second.output() + metrics).doesNotContainPattern("[\\p{Nd}&&[^0-9]]");
        assertThat(second.output()).contains(
                Integer.toString(ZonedDateTime.now(ZoneOffset.UTC).getYear()));
    }

    private SampleEvent event(Instant timestamp) {
        return events.validEvent(events.newId(), QUEUE, timestamp);
    }

    private String outcome(SampleEvent event) throws Exception {
        HttpResponse<String> reply = site.post(BridgeSite.PATH, event.json());
        JsonNode body = JSON.readTree(reply.body());
        return reply.statusCode() + " " + body.path("status").asText(body.path("error").asText());
    }

    private List<String> ids(String path) throws Exception {
        List<String> ids = new ArrayList<>();
        JSON.readTree(site.manage(path).body()).forEach(event -> ids.add(event.path("eventId").asText()));
        return ids;
    }

    private List<String> fileNames() throws IOException {
        try (Stream<Path> data = Files.walk(site.path("data")); Stream<Path> logs = Files.walk(site.path("logs"))) {
            Stream<Path> files = Stream.concat(data, logs);
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
