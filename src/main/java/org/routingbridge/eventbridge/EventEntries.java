package org.routingbridge.eventbridge;

import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.event.EventTokens;
import org.routingbridge.event.JsonSlices;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.event.Timestamps;
import org.routingbridge.event.TraceContext;
import org.routingbridge.settings.Settings;
import org.routingbridge.settings.Settings.OversizePolicy;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/**
 * An event becomes a PutEvents entry: its {@code Detail} is the received text with the property {@code bridge} added
 * before the last brace (contract, section 4).
 */
public final class EventEntries {

    private static final Set<String> IDENTIFYING = Set.of("id", "eventType", "timestamp", "schemaVersion");
    private static final String DETAIL_END = "}";
    /** More than the property {@code bridge}, where nothing was trimmed, and the trace header take together. */
    private static final int MOST_TAIL_BYTES = 256;
    private static final JsonMapper JSON = new JsonMapper();

    private final String bus;
    private final String source;
    private final int maxBytes;
    private final OversizePolicy policy;
    private final Duration tolerance;
    private final Clock clock;

    public EventEntries(Settings settings) {
        this(settings, Clock.systemUTC());
    }

    EventEntries(Settings settings, Clock clock) {
        bus = settings.eventBus();
        source = settings.eventSource();
        maxBytes = settings.maxEntryBytes();
        policy = settings.oversizePolicy();
        tolerance = settings.orderingTolerance();
        this.clock = clock;
    }

    /** Whether an event fits as it is, for all that a look at its length can tell. */
    boolean fitsAsItIs(RoutingEvent event) {
        return event.marks().trimmed().isEmpty() && size(event, event.utf8Length() + MOST_TAIL_BYTES) <= maxBytes;
    }

    /**
     * Makes an event fit EventBridge's limit, by {@code bridge.oversize.policy}.
     *
     * @return the event, whole, trimmed, or cut into chunks
     * @throws Refused {@code entry_too_large} where the policy cannot make it fit
     */
    public RoutingEvent fit(RoutingEvent event) {
        if (fitsAsItIs(event)) {
            return event;
        }
        int bytes = size(event);
        if (bytes <= maxBytes) {
            return event;
        }
        Optional<RoutingEvent> fitting = switch (policy) {
            case TRIM -> OversizeTrimmer.trim(event, this::size, maxBytes);
            case CHUNK -> cut(event);
            case REJECT -> Optional.empty();
        };
        return fitting.orElseThrow(() -> new Refused(Refusal.ENTRY_TOO_LARGE, "The event makes an entry of " + bytes
                + " bytes, and EventBridge takes " + maxBytes + "; send less in routingContext"));
    }

    private Optional<RoutingEvent> cut(RoutingEvent event) {
        String head = chunkHead(event);
        Optional<List<String>> withTrace = event.trace() == null ? Optional.empty()
                : cut(event, head, maxBytes - TraceContext.X_RAY_BYTES);
        return withTrace.or(() -> cut(event, head, maxBytes)).map(event::cutInto);
    }

    private Optional<List<String>> cut(RoutingEvent event, String head, int limit) {
        return OversizeChunker.cut(event.text(), count -> limit - size(event,
                EntrySize.utf8Length(head + chunkTail(event, count, count, "", false, false) + DETAIL_END)));
    }

    /** An event that was cut into chunks before is cut again, in the same way while the limit is the same. */
    public RoutingEvent cutAgain(RoutingEvent event) {
        return cut(event).orElse(event);
    }

    /** An entry with its size by AWS's count, which does not name the trace header; that counts as well. */
    public record Sized(PutEventsRequestEntry entry, int bytes) {
    }

    /**
     * The entries as they go out now: {@code late}, {@code future} and the trace header where they apply and there is
     * room for them.
     */
    public List<Sized> entries(RoutingEvent event) {
        boolean late = event.marks().late() || clock.instant().isAfter(event.receivedAt().plus(tolerance));
        boolean future = event.marks().future();
        List<String> chunks = event.marks().chunks();
        if (chunks.isEmpty()) {
            int lastBrace = event.text().lastIndexOf('}');
            return List.of(entry(event, event.text().substring(0, lastBrace), event.text().substring(lastBrace),
                    event.utf8Length(), withRoom -> wholeTail(event, withRoom && late, withRoom && future)));
        }
        String head = chunkHead(event);
        int headBytes = EntrySize.utf8Length(head);
        List<Sized> entries = new ArrayList<>(chunks.size());
        for (int i = 0; i < chunks.size(); i++) {
            int index = i;
            entries.add(entry(event, head, DETAIL_END, headBytes + DETAIL_END.length(), withRoom -> chunkTail(event,
                    index, chunks.size(), chunks.get(index), withRoom && late, withRoom && future)));
        }
        return entries;
    }

    /** The received text is counted once, when it is read, and not again for every entry. */
    private Sized entry(RoutingEvent event, String head, String end, int headAndEndBytes,
                        Function<Boolean, String> bridge) {
        String tail = bridge.apply(true);
        int bytes = size(event, headAndEndBytes + EntrySize.utf8Length(tail));
        if (bytes > maxBytes) {
            tail = bridge.apply(false);
            bytes = size(event, headAndEndBytes + EntrySize.utf8Length(tail));
        }
        PutEventsRequestEntry.Builder entry = PutEventsRequestEntry.builder()
                .eventBusName(bus)
                .source(source)
                .detailType(event.eventType())
                .time(event.timestamp())
                .detail(head + tail + end);
        if (event.trace() != null && bytes + TraceContext.X_RAY_BYTES <= maxBytes) {
            entry.traceHeader(event.trace().xRayHeader());
            bytes += TraceContext.X_RAY_BYTES;
        }
        return new Sized(entry.build(), bytes);
    }

    private int size(RoutingEvent event) {
        return size(event, event.utf8Length() + EntrySize.utf8Length(wholeTail(event, false, false)));
    }

    private int size(RoutingEvent event, int detailBytes) {
        return EntrySize.of(source, event.eventType(), detailBytes);
    }

    private static String wholeTail(RoutingEvent event, boolean late, boolean future) {
        return ",\"bridge\":{" + common(event.idempotencyToken(), event, late, future)
                + (event.marks().trimmed().isEmpty() ? "" : ",\"trimmed\":" + json(event.marks().trimmed())) + '}';
    }

    private static String chunkTail(RoutingEvent event, int index, int count, String data,
                                    boolean late, boolean future) {
        return ",\"bridge\":{" + common(EventTokens.ofChunk(event.id(), index), event, late, future)
                + ",\"chunk\":{\"of\":\"" + event.idempotencyToken() + "\",\"index\":" + index + ",\"count\":" + count
                + ",\"data\":" + json(data) + "}}";
    }

    /**
     * A chunk's own members, up to its last brace: what tells of the event, each as received, and the scalars of its
     * context.
     */
    private static String chunkHead(RoutingEvent event) {
        String text = event.text();
        JsonSlices slices = new JsonSlices(text);
        StringBuilder head = new StringBuilder("{");
        for (JsonSlices.Member member : slices.members()) {
            if (member.name().equals("routingContext")) {
                append(text, member, "{" + scalars(text, slices, member) + "}", head);
            } else if (IDENTIFYING.contains(member.name())) {
                append(text, member, slices.value(member), head);
            }
        }
        return head.toString();
    }

    private static String scalars(String text, JsonSlices slices, JsonSlices.Member context) {
        StringBuilder scalars = new StringBuilder();
        slices.members(context.start()).stream()
                .filter(member -> !slices.isArray(member) && !slices.isObject(member))
                .forEach(member -> append(text, member, slices.value(member), scalars));
        return scalars.toString();
    }

    private static void append(String text, JsonSlices.Member member, String value, StringBuilder to) {
        if (!to.isEmpty() && to.charAt(to.length() - 1) != '{') {
            to.append(',');
        }
        to.append(text, member.nameStart(), member.nameEnd()).append(':').append(value);
    }

    private static String common(String token, RoutingEvent event, boolean late, boolean future) {
        return "\"idempotencyToken\":\"" + token + "\",\"receivedAt\":\"" + Timestamps.format(event.receivedAt()) + '"'
                + (late ? ",\"late\":true" : "")
                + (future ? ",\"future\":true" : "");
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
