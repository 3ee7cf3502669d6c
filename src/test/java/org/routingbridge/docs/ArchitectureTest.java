package org.routingbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.docs.StepRecorder.RecordedStep;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/**
 * {@code docs/architecture.md} says of every step of the main path on which thread it runs, what its body is and which
 * variables are set; here events take that path, and each row is held against what was seen.
 */
class ArchitectureTest {

    private static final Path DOCUMENT = Path.of("docs", "architecture.md");
    private static final String HEADER = "| route or policy | step |";
    /** The table as it was seen, to be put in the document's where that is no longer true. */
    private static final Path AS_SEEN = Path.of("target", "architecture-table.md");
    private static final StepRecorder RECORDER = new StepRecorder();
    private static final Map<String, List<RecordedStep>> SEEN = new TreeMap<>();
    private static BridgeUnderTest bridge;

    /** Starts the bridge and lets one event through, so that what is done once is done. */
    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().withWatcher(RECORDER).start();
        SampleEvent first = bridge.newEvent();
        bridge.post(first);
        await().until(() -> bridge.manage("/ops/events/" + first.id()).json().at("/dataLake/state").asText()
                .equals("told"));
    }

    @AfterAll
    static void stop() throws IOException {
        bridge.close();
        Map<RecordedStep, List<String>> paths = new LinkedHashMap<>();
        SEEN.forEach((path, steps) -> steps.forEach(
                step -> paths.computeIfAbsent(step, added -> new ArrayList<>()).add(path)));
        Files.write(AS_SEEN, byPlace(paths.keySet()).values().stream().flatMap(List::stream)
                .map(step -> markdown(step, paths.get(step).size() == 3 ? "all" : String.join(", ", paths.get(step))))
                .toList());
    }

    @Test
    void theRowsOfTheDirectPathAreTrue() {
        // Given
        SampleEvent event = bridge.newEvent();
        RECORDER.start();

        // When
        BridgeUnderTest.Reply reply = bridge.post(event);

        // Then
        assertThat(reply.word()).isEqualTo("processed");
        await().until(() -> RECORDER.hasSeen("data-lake-told"));
        assertRowsAreTrue("direct");
    }

    @Test
    void theRowsOfTheOutboxPathAreTrue() {
        // Given
        SampleEvent event = bridge.newEvent().with("/retryDirective/maxAttempts", 1);
        bridge.bus().faults().forEventId(event.id(), 1, Fault.THROTTLE_ENTRY);
        RECORDER.start();

        // When
        BridgeUnderTest.Reply reply = bridge.post(event);

        // Then
        assertThat(reply.word()).isEqualTo("queued");
        await().until(() -> RECORDER.hasSeen("data-lake-told"));
        assertRowsAreTrue("outbox");
        bridge.calm();
    }

    @Test
    void theRowsOfARefusalAreTrue() {
        // Given
        SampleEvent event = bridge.newEvent().without("/retryDirective");
        RECORDER.start();

        // When
        BridgeUnderTest.Reply reply = bridge.post(event);

        // Then
        assertThat(reply.word()).isEqualTo("schema_violation");
        assertRowsAreTrue("refused");
    }

    /** What goes on beside each other has no order, so that the rows of a route are compared with its steps alone. */
    private static void assertRowsAreTrue(String path) {
        Map<RecordedStep, Integer> written = new LinkedHashMap<>();
        for (Documents.Row row : Documents.table(DOCUMENT, HEADER)) {
            List<String> cells = row.cells();
            List<String> paths = Arrays.asList(cells.get(2).split(", "));
            if (paths.contains(path) || paths.contains("all")) {
                written.put(new RecordedStep(cells.get(0), cells.get(1), cells.get(3), cells.get(4), cells.get(5)),
                        row.line());
            }
        }
        SEEN.put(path, RECORDER.stop());
        Map<String, List<RecordedStep>> seen = byPlace(SEEN.get(path));
        Map<String, List<RecordedStep>> said = byPlace(written.keySet());
        List<String> untrue = new ArrayList<>();
        Set<String> places = new LinkedHashSet<>(said.keySet());
        places.addAll(seen.keySet());
        for (String place : places) {
            List<RecordedStep> rows = said.getOrDefault(place, List.of());
            List<RecordedStep> steps = seen.getOrDefault(place, List.of());
            rows.stream().filter(row -> !steps.contains(row)).map(row -> DOCUMENT + ":" + written.get(row)
                    + ": this was not so: " + markdown(row, path)).forEach(untrue::add);
            steps.stream().filter(step -> !rows.contains(step)).map(step -> DOCUMENT
                    + ": this is not there: " + markdown(step, path)).forEach(untrue::add);
            if (untrue.isEmpty() && !rows.equals(steps)) {
                untrue.add(DOCUMENT + ":" + written.get(rows.get(0)) + ": the steps of " + place + " came as "
                        + steps.stream().map(RecordedStep::step).toList());
            }
        }
        assertThat(untrue).as("the table as it was seen will be in %s", AS_SEEN).isEmpty();
    }

    private static Map<String, List<RecordedStep>> byPlace(Iterable<RecordedStep> steps) {
        Map<String, List<RecordedStep>> byPlace = new LinkedHashMap<>();
        steps.forEach(step -> byPlace.computeIfAbsent(step.place(), place -> new ArrayList<>()).add(step));
        return byPlace;
    }

    private static String markdown(RecordedStep step, String path) {
        String variables = step.variables().equals("none") ? "none" : Arrays.stream(step.variables().split(", "))
                .map(ArchitectureTest::code).collect(Collectors.joining(", "));
        return Stream.of(code(step.place()), code(step.step()), path, step.thread(), code(step.body()), variables)
                .collect(Collectors.joining(" | ", "| ", " |"));
    }

    private static String code(String text) {
        return '`' + text + '`';
    }
}
