package org.routingbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.BridgeUnderTest.Reply;
import org.routingbridge.LoggedLines;
import org.routingbridge.simulator.SampleEvent;

/** The recipes of {@code docs/editing-routes.md}, each carried out to the letter on a copy of the shipped routes. */
class RecipesTest {

    private static final Path DOCUMENT = Path.of("docs", "editing-routes.md");
    private static final Pattern RECIPE = Pattern.compile("(?ms)^### (.+?)$(.+?)(?=^### |\\z)");
    private static final Pattern EDIT = Pattern.compile(
            "(?ms)^In (?:a new file )?`([^`]+)`(?:, before step `([^`]+)`)?:$\n\n```yaml\n(.+?)^```$");
    private static final Map<String, List<Edit>> RECIPES = recipes();
    private static final String SHIFT = "early";

    private final BridgeUnderTest bridge = new BridgeUnderTest();
    private final List<String> posted = new CopyOnWriteArrayList<>();
    private HttpServer neighbour;

    /**
     * One block of a recipe.
     *
     * @param file   the route file's name
     * @param before id of the step before which the block is put; null where the file is new
     * @param block  what is put there
     */
    private record Edit(String file, String before, String block) {
    }

    private static Map<String, List<Edit>> recipes() {
        Map<String, List<Edit>> recipes = new TreeMap<>();
        RECIPE.matcher(String.join("\n", Documents.lines(DOCUMENT)) + "\n").results().forEach(recipe ->
                recipes.put(recipe.group(1), EDIT.matcher(recipe.group(2)).results()
                        .map(edit -> new Edit(edit.group(1), edit.group(2), edit.group(3))).toList()));
        return recipes;
    }

    @BeforeEach
    void startNeighbour() throws IOException {
        neighbour = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        neighbour.createContext("/", exchange -> {
            posted.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = SHIFT.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        neighbour.start();
    }

    @AfterEach
    void close() {
        bridge.close();
        neighbour.stop(0);
    }

    private void startWith(String recipe) {
        assertThat(RECIPES).containsKey(recipe);
        assertThat(RECIPES.get(recipe)).isNotEmpty();
        for (Edit edit : RECIPES.get(recipe)) {
            String block = edit.block
                    .replaceAll("http://\\w+\\.example\\.com", "http://127.0.0.1:" + neighbour.getAddress().getPort())
                    .replace("file:copies", "file:" + copies());
            if (edit.before == null) {
                bridge.withAdded(edit.file, block);
            } else {
                String step = beginning(edit.file, edit.before);
                bridge.withEdited(edit.file, step, block.indent(step.indexOf('-')) + step);
            }
        }
        bridge.start();
    }

    private Path copies() {
        return bridge.directory().toAbsolutePath().resolve("copies");
    }

    /** A step's first lines, down to its id. */
    private static String beginning(String file, String id) {
        try {
            Matcher step = Pattern.compile("(?m)^ *- (?:[a-zA-Z]+:\n +)?id: " + Pattern.quote(id) + "\n")
                    .matcher(Files.readString(Path.of("routes", file)));
            assertThat(step.find()).as("step %s of %s", id, file).isTrue();
            return step.group();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyRecipeIsCarriedOutHere() {
        assertThat(RECIPES).containsOnlyKeys("Keep a copy of each accepted event",
                "Ask another service, and tell the data lake what it says", "Let one kind of event go by the outbox",
                "Log the events of one queue", "Tell a second receiver");
    }

    @Test
    void everyFieldOfTheTableIsReadBySimple() {
        // Given
        List<String> fields = Documents.table(DOCUMENT, "| field |").stream()
                .flatMap(row -> Arrays.stream(row.cells().get(0).split(", "))).toList();
        String step = beginning("check-routing-events.camel.yaml", "make-safe");
        bridge.withEdited("check-routing-events.camel.yaml", step, """
                - log:
                    id: name-fields
                    message: 'Fields FIELDS'
                """.replace("FIELDS", String.join(" # ", fields)).indent(step.indexOf('-')) + step).start();

        // When
        List<String> logged = new ArrayList<>();
        try (LoggedLines lines = new LoggedLines()) {
            assertThat(bridge.post(bridge.newEvent()).word()).isEqualTo("processed");
            logged.addAll(lines.all());
        }

        // Then
        assertThat(logged).filteredOn(line -> line.contains("Fields ")).singleElement()
                .satisfies(line -> assertThat(line.split(" # ")).hasSizeGreaterThan(5).hasSameSizeAs(fields)
                        .allSatisfy(field -> assertThat(field).isNotBlank().doesNotContain("${")));
    }

    @Test
    void aCopyOfEachAcceptedEventIsKept() {
        // Given
        startWith("Keep a copy of each accepted event");
        SampleEvent one = bridge.newEvent();
        SampleEvent other = bridge.newEvent();

        // When
        List<Reply> replies = List.of(bridge.post(one), bridge.post(other), bridge.post(other),
                bridge.post(bridge.newEvent().without("/id")));

        // Then
        assertThat(replies).extracting(Reply::word)
                .containsExactly("processed", "processed", "duplicate_skipped", "schema_violation");
        await().untilAsserted(() -> assertThat(Files.readAllLines(copies().resolve("events.jsonl")))
                .containsExactlyInAnyOrder(one.json(), other.json()));
    }

    @Test
    void anotherServiceIsAskedAndTheDataLakeToldWhatItSays() {
        // Given
        startWith("Ask another service, and tell the data lake what it says");
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.word()).isEqualTo("processed");
        assertThat(bridge.bus().delivered()).singleElement()
                .satisfies(entry -> assertThat(entry.detail()).contains(event.id()));
        await().untilAsserted(() -> assertThat(bridge.dataLake().requests()).singleElement()
                .satisfies(call -> assertThat(call.header("X-Shift")).contains(SHIFT)));
    }

    @Test
    void oneKindOfEventGoesByTheOutbox() {
        // Given
        startWith("Let one kind of event go by the outbox");
        SampleEvent notUrgent = bridge.newEvent().with("/eventType", "routing:queue:member:removed");
        SampleEvent other = bridge.newEvent().with("/eventType", "routing:conversation:queued");

        // When
        List<Reply> replies = List.of(bridge.post(notUrgent), bridge.post(other));

        // Then
        assertThat(replies).extracting(Reply::word).containsExactly("queued", "processed");
        await().untilAsserted(() -> assertThat(bridge.bus().delivered()).hasSize(2));
    }

    @Test
    void theEventsOfOneQueueAreLogged() {
        // Given
        startWith("Log the events of one queue");
        SampleEvent complaint = bridge.newEvent().with("/routingContext/queueId", "complaints");
        List<String> logged = new ArrayList<>();

        // When
        try (LoggedLines lines = new LoggedLines()) {
            bridge.post(bridge.newEvent());
            bridge.post(complaint);
            logged.addAll(lines.all());
        }

        // Then
        assertThat(logged).filteredOn(line -> line.contains("A complaint is waiting")).singleElement().asString()
                .contains("eventId=" + complaint.id());
        assertThat(bridge.bus().delivered()).hasSize(2);
    }

    @Test
    void aSecondReceiverIsTold() {
        // Given
        startWith("Tell a second receiver");
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.word()).isEqualTo("processed");
        await().untilAsserted(() -> assertThat(posted).containsExactly(event.json()));
    }
}
