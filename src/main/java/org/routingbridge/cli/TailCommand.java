package org.routingbridge.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.routingbridge.cli.ManagementPort.Answer;
import org.routingbridge.event.Outcome;
import org.routingbridge.event.Refusal;
import org.routingbridge.settings.ManagementAccess;

/**
 * {@code tail}: the recent events of the bridge that runs as lines, then those that follow, until Ctrl-C (contract,
 * section 9). Where the bridge goes away it waits for it.
 */
final class TailCommand implements Command {

    private static final String LAST = "-n";
    private static final String OUTCOME = "--outcome";
    private static final String QUEUE = "--queue";
    private static final String TYPE = "--type";
    private static final String DUPLICATE_SKIPPED = "duplicate_skipped";
    private static final int LAST_BY_DEFAULT = 10;
    /** As many as the port answers at a time. */
    private static final int PAGE = 1000;
    /** As many as the port remembers. */
    private static final int MOST_PAGES = 10;
    private static final int MOST_STORIES = 100;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Set<String> OUTCOMES = Stream.concat(Stream.concat(Arrays.stream(Outcome.values())
            .map(Outcome::word), Stream.of(DUPLICATE_SKIPPED)), Arrays.stream(Refusal.values()).map(Refusal::code))
            .collect(Collectors.toCollection(TreeSet::new));
    /** Of which nothing more is to be said. */
    private static final Set<String> WITHOUT_ERROR = Set.of(Outcome.PROCESSED.word(), DUPLICATE_SKIPPED);

    private final CountDownLatch stopped = new CountDownLatch(1);
    private final EventLines events = new EventLines();
    private ManagementPort bridge;
    private Map<String, String> query;
    private String outcome;

    @Override
    public int run(List<String> given, PrintStream out, PrintStream err) throws Exception {
        Arguments arguments = new Arguments(given, Set.of(), Set.of(LAST, OUTCOME, QUEUE, TYPE));
        arguments.rest(0, 0, "options alone");
        int last = arguments.number(LAST, 0, PAGE, LAST_BY_DEFAULT);
        outcome = arguments.value(OUTCOME);
        if (outcome != null && !OUTCOMES.contains(outcome)) {
            throw new WrongUse(OUTCOME + " is one of " + String.join(", ", OUTCOMES));
        }
        query = new LinkedHashMap<>(Map.of("limit", Integer.toString(PAGE)));
        put("queue", arguments.value(QUEUE));
        put("type", arguments.value(TYPE));
        bridge = new ManagementPort(ManagementAccess.load());
        endWithTheTerminal();
        try {
            begin(last, out);
            follow(out, err);
        } catch (InterruptedException e) {
            // Ctrl-C, which is how it is meant to end
        }
        return WELL;
    }

    private void put(String name, String value) {
        if (value != null) {
            query.put(name, value);
        }
    }

    private void endWithTheTerminal() {
        Thread here = Thread.currentThread();
        StopSignals.handle(() -> {
            stopped.countDown();
            here.interrupt();
        });
    }

    /** Prints the last of those that there are already. */
    private void begin(int last, PrintStream out) throws NoBridge, InterruptedException {
        List<JsonNode> there = page(0);
        events.take(there);
        List<JsonNode> meant = new ArrayList<>(there.stream().filter(this::isMeant).limit(last).toList());
        Collections.reverse(meant);
        print(meant, out);
    }

    private void follow(PrintStream out, PrintStream err) throws InterruptedException {
        boolean away = false;
        // a pipe that nobody reads any more ends it too
        while (!stopped.await(PERIOD.toMillis(), TimeUnit.MILLISECONDS) && !out.checkError()) {
            try {
                print(newOnes().stream().filter(this::isMeant).toList(), out);
                if (away) {
                    err.println("The bridge is back");
                }
                away = false;
            } catch (NoBridge e) {
                if (!away) {
                    err.println(TerminalText.line("The bridge is away; waiting for it. " + e.getMessage()));
                }
                away = true;
            }
        }
    }

    /** What became of events since the last look, in the order in which it came to be known. */
    private List<JsonNode> newOnes() throws NoBridge, InterruptedException {
        List<JsonNode> found = new ArrayList<>();
        for (int number = 0; number < MOST_PAGES; number++) {
            List<JsonNode> page = page(number * PAGE);
            boolean reachesWhatIsKnown = page.size() < PAGE || page.stream().anyMatch(events::isKnown);
            found.addAll(page);
            if (reachesWhatIsKnown) {
                break;
            }
        }
        List<JsonNode> settled = new ArrayList<>(events.take(found));
        Collections.reverse(settled);
        for (String id : events.unsettledBut(found).stream().limit(MOST_STORIES).toList()) {
            Answer answer = bridge.get("/ops/events/" + ManagementPort.encoded(id), Map.of());
            if (answer.status() == NOT_FOUND) {
                events.forget(id);
            } else {
                settled.addAll(events.take(List.of(answer.json())));
            }
        }
        return settled;
    }

    private List<JsonNode> page(int offset) throws NoBridge, InterruptedException {
        Map<String, String> asked = new LinkedHashMap<>(query);
        if (offset > 0) {
            asked.put("offset", Integer.toString(offset));
        }
        if (events.from() != null) {
            asked.put("from", events.from());
        }
        Answer answer = bridge.get("/ops/events", asked);
        JsonNode list = answer.json();
        if (answer.status() != OK || !list.isArray()) {
            throw bridge.refusal(answer);
        }
        List<JsonNode> page = new ArrayList<>();
        list.forEach(page::add);
        return page;
    }

    private boolean isMeant(JsonNode event) {
        return outcome == null || outcome.equals(EventLines.outcome(event));
    }

    private void print(List<JsonNode> settled, PrintStream out) throws InterruptedException {
        int asked = 0;
        for (JsonNode event : settled) {
            // the list does not tell why; of very many at once it is not asked of each
            boolean hasWhy = event.hasNonNull("id") && !WITHOUT_ERROR.contains(EventLines.outcome(event));
            out.println(EventLines.line(event, hasWhy && asked++ < MOST_STORIES ? why(event) : ""));
        }
        out.flush();
    }

    /** What went wrong last with an event; empty where that cannot be had. */
    private String why(JsonNode event) throws InterruptedException {
        try {
            return EventLines.error(bridge.get("/ops/events/"
                    + ManagementPort.encoded(event.path("id").asText()), Map.of()).json());
        } catch (NoBridge e) {
            return "";
        }
    }
}
