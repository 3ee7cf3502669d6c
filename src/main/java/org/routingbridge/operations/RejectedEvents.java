package org.routingbridge.operations;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.ExchangeException;
import org.apache.camel.Header;
import org.apache.camel.component.jsonvalidator.JsonValidationException;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.Received;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.UnvalidatedEvent;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.webhook.Refusal;
import org.routingbridge.webhook.Refused;
import org.routingbridge.webhook.Violation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events with an id that were refused with 400, 409 or 413 {@code entry_too_large}: the newest 1,000 or 100 MB of
 * them, each in a file that is named by a number of ours (contract, section 8).
 */
public final class RejectedEvents {

    private static final Logger LOG = LoggerFactory.getLogger(RejectedEvents.class);
    private static final int MOST = 1000;
    private static final long MOST_BYTES = 100_000_000;
    private static final Set<Refusal> KEPT = EnumSet.of(Refusal.SCHEMA_VIOLATION, Refusal.ORDERING_VIOLATION,
            Refusal.ENTRY_TOO_LARGE);
    private static final String SUFFIX = ".json";

    private record Rejected(long number, String eventId, String reason, Instant at, long bytes) {
    }

    private final JsonMapper json = new JsonMapper();
    private final Path directory;
    private final Deque<Rejected> oldestFirst = new ArrayDeque<>();
    private long bytes;
    private long next = 1;

    public RejectedEvents(DataDirectory dataDirectory) throws IOException {
        directory = dataDirectory.path().resolve("rejected");
        Files.createDirectories(directory);
        recover();
    }

    private void recover() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(file -> file.getFileName().toString().matches("\\d{12}\\.json")).sorted().toList();
        }
        for (Path file : files) {
            long number = Long.parseLong(file.getFileName().toString().replace(SUFFIX, ""));
            next = Math.max(next, number + 1);
            try {
                JsonNode kept = json.readTree(file.toFile());
                add(new Rejected(number, kept.required("eventId").asText(), kept.path("reason").asText(),
                        Instant.parse(kept.required("at").asText()), Files.size(file)));
            } catch (IOException | RuntimeException e) {
                LOG.warn("A rejected event cannot be read and is left where it is file={}", file);
            }
        }
    }

    /** Keeps an event that its sender was told to keep, where an operator may want to take it after all. */
    public synchronized void keep(Received received, @ExchangeException Exception failure) {
        Refusal refusal = failure instanceof Refused refused ? refused.refusal() : Refusal.SCHEMA_VIOLATION;
        String text = text(received);
        if (received.id() == null || text == null || !KEPT.contains(refusal)) {
            return;
        }
        String reason = refusal.code() + ": " + detail(failure);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        try {
            byte[] file = json.writeValueAsBytes(json.createObjectNode().put("eventId", received.id())
                    .put("reason", reason).put("at", now.toString()).put("event", text));
            Files.write(file(next), file);
            add(new Rejected(next++, received.id(), reason, now, file.length));
            while (oldestFirst.size() > MOST || bytes > MOST_BYTES) {
                remove(oldestFirst.peekFirst());
            }
        } catch (IOException e) {
            LOG.warn("A rejected event cannot be kept for the operators eventId={} reason={}", received.id(),
                    e.getMessage());
        }
    }

    private static String detail(Exception failure) {
        return failure instanceof JsonValidationException invalid
                ? Violation.of(invalid).stream().map(violation -> violation.path() + " " + violation.message())
                        .collect(Collectors.joining("; "))
                : failure.getMessage();
    }

    private static String text(Received received) {
        return received instanceof RoutingEvent event ? event.text()
                : received instanceof UnvalidatedEvent event ? event.text() : null;
    }

    private void add(Rejected rejected) {
        oldestFirst.addLast(rejected);
        bytes += rejected.bytes();
    }

    private void remove(Rejected rejected) throws IOException {
        oldestFirst.remove(rejected);
        bytes -= rejected.bytes();
        Files.deleteIfExists(file(rejected.number()));
    }

    private Path file(long number) {
        return directory.resolve(String.format("%012d", number) + SUFFIX);
    }

    /** A page of them, newest first. */
    public synchronized List<ListedEvent> list(@Header("limit") String limit, @Header("offset") String offset)
            throws IOException {
        List<Rejected> newestFirst = new ArrayList<>(oldestFirst.size());
        oldestFirst.descendingIterator().forEachRemaining(newestFirst::add);
        List<ListedEvent> page = new ArrayList<>();
        for (Rejected rejected : Page.of(limit, offset).of(newestFirst)) {
            page.add(new ListedEvent(rejected.eventId(), rejected.eventId(), rejected.reason(), 0,
                    rejected.at().toString(), event(rejected)));
        }
        return page;
    }

    private String event(Rejected rejected) {
        try {
            return json.readTree(file(rejected.number()).toFile()).path("event").asText("null");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The newest of this id, as if it were delivered now.
     *
     * @throws Refused {@code not_found} where there is none
     */
    public synchronized Delivery find(@Header("id") String id) {
        return oldestFirst.stream().filter(rejected -> rejected.eventId().equals(id)).reduce((older, newer) -> newer)
                .map(rejected -> new Delivery(name -> null,
                        event(rejected).getBytes(StandardCharsets.UTF_8), Instant.now()))
                .orElseThrow(() -> new Refused(Refusal.NOT_FOUND, "There is no rejected event of this id"));
    }

    /** An event that was rejected is accepted after all, or was before: it is gone from the list. */
    public synchronized Replayed replayed(RoutingEvent event,
                                          @org.apache.camel.ExchangeProperty("CamelDuplicateMessage") Boolean duplicate)
            throws IOException {
        for (Rejected rejected : List.copyOf(oldestFirst)) {
            if (rejected.eventId().equals(event.id())) {
                remove(rejected);
            }
        }
        return new Replayed(Boolean.TRUE.equals(duplicate) ? 0 : 1);
    }
}
