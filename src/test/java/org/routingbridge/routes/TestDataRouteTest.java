package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;

/**
 * Every file in {@code test-data/} gets the answer that its name promises, so that the samples stay true. A file's name
 * is the kind of event and, where something is odd about it, what; the second word says which answer to expect.
 */
class TestDataRouteTest {

    private static final Path DIRECTORY = Path.of("test-data");
    private static final Pattern NAME = Pattern.compile("[a-z-]+(?:\\.([a-z-]+))?\\.json");
    private static final String PROCESSED = "200 processed";

    /** What is odd about a file, and its answer. */
    private static final Map<String, String> ANSWERS = Map.ofEntries(
            Map.entry("", PROCESSED),
            Map.entry("minimal", PROCESSED),
            Map.entry("unicode", PROCESSED),
            Map.entry("leap-second", PROCESSED),
            Map.entry("lower-case-time", PROCESSED),
            Map.entry("cut-off", "400 malformed_json"),
            Map.entry("trailing-text", "400 malformed_json"),
            Map.entry("duplicate-name", "400 malformed_json"),
            Map.entry("byte-order-mark", "400 malformed_json"),
            Map.entry("empty", "400 malformed_json"),
            Map.entry("no-id", "400 schema_violation"),
            Map.entry("no-event-type", "400 schema_violation"),
            Map.entry("no-timestamp", "400 schema_violation"),
            Map.entry("no-routing-context", "400 schema_violation"),
            Map.entry("no-retry-directive", "400 schema_violation"),
            Map.entry("bad-id", "400 schema_violation"),
            Map.entry("other-event-type", "400 schema_violation"),
            Map.entry("long-event-type", "400 schema_violation"),
            Map.entry("bad-timestamp", "400 schema_violation"),
            Map.entry("no-time-zone", "400 schema_violation"),
            Map.entry("negative-wait", "400 schema_violation"),
            Map.entry("too-many-attempts", "400 schema_violation"),
            Map.entry("short-backoff", "400 schema_violation"),
            Map.entry("bad-schema-version", "400 schema_violation"),
            Map.entry("reserved-bridge", "400 schema_violation"),
            Map.entry("array", "400 schema_violation"),
            Map.entry("future", "409 ordering_violation"),
            Map.entry("late", "409 ordering_violation"));

    private static List<Path> events() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> !file.getFileName().toString().equals("requests.http")).sorted().toList();
        }
    }

    private static String oddity(Path file) {
        var name = NAME.matcher(file.getFileName().toString());
        assertThat(name.matches()).as("%s is named kind[.oddity].json", file).isTrue();
        return name.group(1) == null ? "" : name.group(1);
    }

    @TestFactory
    Stream<DynamicTest> everyFileGetsTheAnswerItsNamePromises() throws IOException {
        BridgeUnderTest bridge = new BridgeUnderTest().start();
        return events().stream().map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
            // Given
            if (oddity(file).equals("late")) {
                bridge.post(Files.readAllBytes(DIRECTORY.resolve("queue-member-added.json")));
            }
            bridge.calm();

            // When
            Reply reply = bridge.post(Files.readAllBytes(file));

            // Then
            assertThat(reply.outcome()).isEqualTo(ANSWERS.get(oddity(file)));
            assertThat(bridge.bus().deliveredCount()).isEqualTo(reply.status() == 200 ? 1 : 0);
        })).onClose(bridge::close);
    }

    @Test
    void everyAnswerHasItsFile() throws IOException {
        // When
        Set<String> oddities = events().stream().map(TestDataRouteTest::oddity).collect(Collectors.toSet());

        // Then
        assertThat(oddities).isEqualTo(ANSWERS.keySet());
    }

    @Test
    void everyFileHasItsRequestWithItsAnswer() throws IOException {
        // Given
        String requests = Files.readString(DIRECTORY.resolve("requests.http"));

        // When
        Set<String> without = new TreeSet<>();
        for (Path file : events()) {
            String name = file.getFileName().toString();
            boolean promised = Stream.of(requests.split("(?m)^### ")).anyMatch(request ->
                    request.contains("< ./" + name)
                            && request.lines().findFirst().orElse("").endsWith(": " + ANSWERS.get(oddity(file))));
            if (!promised) {
                without.add(name);
            }
        }

        // Then
        assertThat(without).isEmpty();
    }

    @Test
    void everyFileThatARequestNamesIsThere() throws IOException {
        // Given
        String requests = Files.readString(DIRECTORY.resolve("requests.http"));

        // When
        List<String> named = Pattern.compile("(?m)^< \\./(.+)$").matcher(requests).results()
                .map(match -> match.group(1)).toList();

        // Then
        assertThat(named).isNotEmpty().allSatisfy(name -> assertThat(DIRECTORY.resolve(name)).exists());
    }
}
