package org.routingbridge.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
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
import org.routingbridge.simulator.DeliveredEntry;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** The recipes of {@code docs/editing-routes.md}, each carried out to the letter on a copy of the shipped routes. */
class RecipesTest {

    private static final Path DOCUMENT = Path.of("docs", "editing-routes.md");
    private static final Pattern RECIPE = Pattern.compile("(?ms)^### (.+?)$(.+?)(?=^### |\\z)");
    private static final Pattern EDIT = Pattern.compile(
            "(?ms)^In (?:a new file )?`([^`]+)`(?:, (before|in) step `([^`]+)`)?:$\n\n```(?:yaml|json)\n(.+?)^```$");
    private static final Map<String, List<Edit>> RECIPES = recipes();
    private static final String SHIFT = "early";
    private static final String SECOND_BUS = "second-bus";
    private static final String AGENT_EVENTS = "/webhook/agent-events";

    private final BridgeUnderTest bridge = new BridgeUnderTest();
    private final List<String> posted = new CopyOnWriteArrayList<>();
    private HttpServer neighbour;

    /**
     * One block of a recipe.
     *
     * @param file  the route file's name; a path where it is no route file
     * @param place {@code before} a step, or {@code in} one in place of the line of the same name; null where the file
     *              is new
     * @param step  id of the step
     * @param block what is put there
     */
    private record Edit(String file, String place, String step, String block) {
    }

    private static Map<String, List<Edit>> recipes() {
        Map<String, List<Edit>> recipes = new TreeMap<>();
        RECIPE.matcher(String.join("\n", Documents.lines(DOCUMENT)) + "\n").results().forEach(recipe ->
                recipes.put(recipe.group(1), EDIT.matcher(recipe.group(2)).results()
                        .map(edit -> new Edit(edit.group(1), edit.group(2), edit.group(3), edit.group(4))).toList()));
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
                    .replace("file:copies", "file:" + copies())
                    .replace("file:schema/", "file:" + root().resolve("schema") + "/");
            if (edit.place == null) {
                add(edit.file, block);
            } else if (edit.place.equals("before")) {
                String step = beginning(edit.file, edit.step);
                bridge.withEdited(edit.file, step, block.indent(step.indexOf('-')) + step);
            } else {
                String step = whole(edit.file, edit.step);
                String name = block.substring(0, block.indexOf(':') + 1);
                Matcher line = Pattern.compile("(?m)^( +)" + Pattern.quote(name) + " .*\n").matcher(step);
                assertThat(line.results()).as("%s in step %s", name, edit.step).hasSize(1);
                bridge.withEdited(edit.file, step,
                        line.replaceFirst(match -> Matcher.quoteReplacement(match.group(1) + block)));
            }
        }
        bridge.start();
    }

    private void add(String file, String text) {
        if (!file.contains("/")) {
            bridge.withAdded(file, text);
            return;
        }
        try {
            Path path = root().resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands for the project's root in the test. */
    private Path root() {
        return bridge.directory().toAbsolutePath();
    }

    private Path copies() {
        return root().resolve("copies");
    }

    /** A step's first lines, down to its id. */
    private static String beginning(String file, String id) {
        return step(file, id, "");
    }

    /** All lines of a step, which has no others inside. */
    private static String whole(String file, String id) {
        return step(file, id, "(?: +[^- \\n].*\\n)+");
    }

    private static String step(String file, String id, String more) {
        try {
            Matcher step = Pattern.compile("(?m)^ *- (?:[a-zA-Z]+:\n +)?id: " + Pattern.quote(id) + "\n" + more)
                    .matcher(Files.readString(Path.of("routes", file)));
            assertThat(step.find()).as("step %s of %s", id, file).isTrue();
            return step.group();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyRecipeIsCarriedOutHere() {
        assertThat(RECIPES).containsOnlyKeys("Add a step", "Change the schema", "Copy events to a second bus",
                "Take a second family of events", "Keep a copy of each accepted event",
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

    @Test
    void aSecondReceiverThatIsAwayIsLogged() {
        // Given
        startWith("Tell a second receiver");
        neighbour.stop(0);
        SampleEvent event = bridge.newEvent();

        // When
        try (LoggedLines lines = new LoggedLines()) {
            assertThat(bridge.post(event).word()).isEqualTo("processed");

            // Then
            await().untilAsserted(() -> assertThat(lines.all()).anyMatch(line ->
                    line.contains("The wallboard was not told eventId=" + event.id() + " error=")));
        }
    }

    @Test
    void aSecondBusThatIsNotThereIsLogged() {
        // Given
        startWith("Copy events to a second bus");
        SampleEvent event = bridge.newEvent();
        bridge.bus().goAway();

        // When
        try (LoggedLines lines = new LoggedLines()) {
            assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");

            // Then
            await().untilAsserted(() -> assertThat(lines.all()).anyMatch(line ->
                    line.contains("Not on the second bus eventId=" + event.id() + " error=")));
        }
    }

    @Test
    void aStepIsAdded() {
        // Given
        startWith("Add a step");
        SampleEvent event = bridge.newEvent();
        List<String> logged = new ArrayList<>();

        // When
        try (LoggedLines lines = new LoggedLines()) {
            assertThat(bridge.post(event).word()).isEqualTo("processed");
            logged.addAll(lines.all());
        }

        // Then
        assertThat(logged).filteredOn(line -> line.contains("An event is to be made safe")).singleElement().asString()
                .contains("eventId=" + event.id(), "happened=20", "received=20");
    }

    @Test
    void theSchemaAsksForMore() {
        // Given
        startWith("Change the schema");
        SampleEvent elsewhere = bridge.newEvent().with("/site", "west");
        SampleEvent queueless = bridge.newEvent().without("/routingContext/queueId");

        // When
        List<Reply> replies = List.of(bridge.post(bridge.newEvent().with("/site", "north")),
                bridge.post(bridge.newEvent()), bridge.post(elsewhere), bridge.post(queueless),
                bridge.post(bridge.newEvent().with("/timestamp", "soon")));

        // Then
        assertThat(replies).extracting(Reply::word).containsExactly("processed", "processed", "schema_violation",
                "schema_violation", "schema_violation");
        assertThat(replies).extracting(reply -> reply.json().at("/violations/0/path").asText())
                .containsExactly("", "", "/site", "/routingContext/queueId", "/timestamp");
        assertThat(bridge.send(bridge.operation("/ops/explain").POST(BodyPublishers.ofString(elsewhere.json()))
                .header("Content-Type", "application/json")).json().path("outcome").asText())
                .isEqualTo("schema_violation");
        assertThat(bridge.send(bridge.operation("/ops/rejected/" + elsewhere.id() + "/replay")
                .POST(BodyPublishers.noBody())).outcome()).isEqualTo("400 schema_violation");
    }

    @Test
    void eventsAreCopiedToASecondBus() {
        // Given
        bridge.bus().createBus(SECOND_BUS);
        startWith("Copy events to a second bus");
        SampleEvent event = bridge.newEvent();

        // When
        Reply reply = bridge.post(event);

        // Then
        assertThat(reply.word()).isEqualTo("processed");
        await().untilAsserted(() -> assertThat(bridge.bus().delivered()).extracting(DeliveredEntry::bus)
                .containsExactly(BridgeUnderTest.BUS, SECOND_BUS));
        assertThat(bridge.bus().delivered().get(1)).satisfies(copy -> {
            assertThat(copy.detail()).isEqualTo(event.json());
            assertThat(copy.detailType()).isEqualTo(event.eventType());
            assertThat(copy.source()).isEqualTo("nice.cxone.routing");
        });
    }

    @Test
    void aCopyThatTheSecondBusDoesNotTakeIsLogged() {
        // Given
        bridge.bus().createBus(SECOND_BUS);
        bridge.with("bridge.delivery.mode", "queued");
        startWith("Copy events to a second bus");
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 2, Fault.REFUSE_ENTRY);

        // When
        try (LoggedLines lines = new LoggedLines()) {
            assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");

            // Then
            await().untilAsserted(() -> assertThat(lines.all()).anyMatch(line -> line.contains(
                    "Not on the second bus eventId=" + event.id() + " error=NotAuthorizedForSourceException")));
        }
    }

    @Test
    void aSecondFamilyOfEventsIsTaken() {
        // Given
        startWith("Take a second family of events");
        SampleEvent agents = bridge.newEvent().with("/eventType", "agent:state:changed");
        SampleEvent routing = bridge.newEvent();

        // When
        List<Reply> replies = List.of(postAgentEvent(agents), postAgentEvent(agents), postAgentEvent(routing),
                bridge.post(routing), bridge.post(bridge.newEvent().with("/eventType", "agent:state:changed")));
        Reply stranger = bridge.send(bridge.bareRequest(AGENT_EVENTS).POST(BodyPublishers.ofString(agents.json())));

        // Then
        assertThat(replies).extracting(Reply::outcome).containsExactly("200 processed", "200 duplicate_skipped",
                "400 schema_violation", "200 processed", "400 schema_violation");
        assertThat(stranger.outcome()).isEqualTo("401 unauthorized");
        assertThat(bridge.bus().delivered()).extracting(DeliveredEntry::detailType)
                .containsExactly("agent:state:changed", routing.eventType());
        assertThat(bridge.accounting().path("balanced").asBoolean()).isTrue();
        assertThat(bridge.accounting().path("received").asInt()).isEqualTo(5);
    }

    @Test
    void eventsOfTheSecondFamilyWaitInTheOutboxToo() {
        // Given
        startWith("Take a second family of events");
        SampleEvent event = bridge.newEvent().with("/eventType", "agent:skill:changed");
        bridge.bus().goAway();

        // When
        Reply reply = postAgentEvent(event);
        bridge.bus().comeBack();

        // Then
        assertThat(reply.outcome()).isEqualTo("202 queued");
        await().untilAsserted(() -> assertThat(bridge.bus().timesDelivered(event.id())).isEqualTo(1));
    }

    private Reply postAgentEvent(SampleEvent event) {
        return bridge.send(bridge.bareRequest(AGENT_EVENTS).header("X-Webhook-Secret", BridgeUnderTest.SECRET)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(event.json())));
    }
}
