package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.OddJson.Arr;
import org.routingbridge.eventbridge.OddJson.Member;
import org.routingbridge.eventbridge.OddJson.Node;
import org.routingbridge.eventbridge.OddJson.Obj;
import org.routingbridge.eventbridge.OddJson.Scalar;
import org.routingbridge.settings.SettingsForTests;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/**
 * Whatever comes in, no entry leaves over the limit, what is removed is listed, and chunks put together are the
 * received text (contract, section 4). The expectation is worked out from the event's own structure, not by the
 * bridge's parsers. As often as {@code jqwik.tries.default} says, which the nightly build raises; the short form still
 * has events that are trimmed once and more often, and cut into few and many chunks, in every run.
 */
class OversizePropertiesTest {

    private static final int SMALL_ARRAY = 10_240;
    private static final String RECEIVED = "2026-05-04T12:00:00.000Z";
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    static {
        STRICT.getFactory().setStreamReadConstraints(StreamReadConstraints.builder().maxNameLength(1_000_000).build());
    }

    /**
     * One try.
     *
     * @param delay after receipt, beyond the tolerance for some
     */
    record Case(OddJson.Event json, int limit, boolean late, boolean future, Duration delay) {

        RoutingEvent event() {
            RoutingEvent event = EventsForTests.read(json.received());
            event = late ? event.markedLate() : event;
            return future ? event.markedFuture() : event;
        }

        EventEntries entries(String policy) {
            Instant now = EventsForTests.RECEIVED_AT.plus(delay);
            return new EventEntries(SettingsForTests.with("bridge.oversize.policy", policy,
                    "bridge.eventbridge.max.entry.bytes", Integer.toString(limit)), Clock.fixed(now, ZoneOffset.UTC));
        }

        /** The object without the white space around it, which is no part of the text. */
        String text() {
            return json.received().strip();
        }

        @Override
        public String toString() {
            return "limit " + limit + ", " + json.received().length() + " characters: "
                    + json.received().substring(0, Math.min(2000, json.received().length()));
        }
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<Integer> limits = Arbitraries.oneOf(Arbitraries.integers().between(1024, 3000),
                Arbitraries.integers().between(10_000, 60_000), Arbitraries.integers().between(60_000, 300_000));
        Arbitrary<Integer> percents = Arbitraries.oneOf(Arbitraries.integers().between(0, 400),
                Arbitraries.integers().between(100, 5000));
        Arbitrary<Duration> delays = Arbitraries.of(Duration.ZERO, Duration.ofSeconds(10), Duration.ofSeconds(11));
        return Combinators.combine(Arbitraries.longs(), limits, percents, Arbitraries.of(true, false),
                Arbitraries.of(true, false), delays).as((seed, limit, percent, late, future, delay) ->
                new Case(new OddJson(seed).event((int) Math.min(300_000L, (long) limit * percent / 100)), limit, late,
                        future, delay));
    }

    /** The published entries, empty where the event is refused; checks what holds for every policy. */
    private static Optional<List<PutEventsRequestEntry>> entriesOf(Case one, String policy) {
        EventEntries entries = one.entries(policy);
        List<EventEntries.Sized> sized;
        try {
            sized = entries.entries(entries.fit(one.event()));
        } catch (Refused refused) {
            assertThat(refused.refusal()).isEqualTo(Refusal.ENTRY_TOO_LARGE);
            return Optional.empty();
        }
        for (EventEntries.Sized entry : sized) {
            assertThat(bytes(entry.entry())).isLessThanOrEqualTo(one.limit()).isEqualTo(entry.bytes());
            assertThat(entry.entry().eventBusName()).isEqualTo("bus");
            assertThat(entry.entry().time()).isEqualTo(Instant.parse(RECEIVED));
        }
        return Optional.of(sized.stream().map(EventEntries.Sized::entry).toList());
    }

    /** AWS's formula, from what is really sent. */
    private static int bytes(PutEventsRequestEntry entry) {
        int bytes = entry.time() == null ? 0 : 14;
        bytes += utf8(entry.source()) + utf8(entry.detailType()) + utf8(entry.detail());
        for (String resource : entry.resources()) {
            bytes += utf8(resource);
        }
        return bytes;
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static JsonNode parse(String text) {
        try {
            return STRICT.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    /** The size of the entry that this text would make, without late and future. */
    private static int wholeSize(Case one, String text, List<String> trimmed) {
        String list = trimmed.isEmpty() ? "" : ",\"trimmed\":" + STRICT.valueToTree(trimmed);
        return 14 + utf8("nice.cxone.routing") + utf8(one.event().eventType()) + utf8(text)
                + utf8(",\"bridge\":{\"idempotencyToken\":\"\",\"receivedAt\":\"" + RECEIVED + "\"}") + 36 + utf8(list);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void anEventThatFitsLeavesAsItCameWhateverThePolicy(@ForAll("cases") Case one) {
        if (wholeSize(one, one.text(), List.of()) <= one.limit()) {
            for (String policy : List.of("trim", "chunk", "reject")) {
                // When
                List<PutEventsRequestEntry> entries = entriesOf(one, policy).orElseThrow();

                // Then
                assertThat(entries).hasSize(1);
                String text = one.text();
                String detail = entries.get(0).detail();
                int brace = text.lastIndexOf('}');
                assertThat(detail).startsWith(text.substring(0, brace) + ",\"bridge\":{")
                        .endsWith("}" + text.substring(brace));
                assertThat(parse(detail).path("bridge").path("idempotencyToken").asText())
                        .isEqualTo(uuid5(one.json().id()));
            }
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void rejectTakesWhatFitsAndNothingElse(@ForAll("cases") Case one) {
        // When
        Optional<List<PutEventsRequestEntry>> entries = entriesOf(one, "reject");

        // Then
        assertThat(entries.isPresent())
                .isEqualTo(wholeSize(one, one.text(), List.of()) <= one.limit());
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    @StatisticsReport(StatisticsReportMode.OFF)
    void trimRemovesTheLargestArraysAndNoMoreThanItMust(@ForAll("cases") Case one) {
        // Given
        List<Large> large = large(one.json().root());

        // When
        Optional<List<PutEventsRequestEntry>> entries = entriesOf(one, "trim");

        // Then
        if (entries.isEmpty()) {
            List<String> all = large.stream().map(Large::pointer).toList();
            String text = all.isEmpty() ? one.text() : without(one.json().root(), "", Set.copyOf(all));
            assertThat(wholeSize(one, text, all)).isGreaterThan(one.limit());
            return;
        }
        String detail = entries.get().get(0).detail();
        List<String> trimmed = new ArrayList<>();
        parse(detail).path("bridge").path("trimmed").forEach(pointer -> trimmed.add(pointer.asText()));
        Statistics.label("trimmed").collect(Math.min(2, trimmed.size()));
        Statistics.label("trimmed").coverage(tries -> {
            tries.check(1).count(count -> count > 0);
            tries.check(2).count(count -> count > 0);
        });
        if (trimmed.isEmpty()) {
            assertThat(wholeSize(one, one.text(), List.of())).isLessThanOrEqualTo(one.limit());
            return;
        }
        assertThat(large).extracting(Large::pointer).containsAll(trimmed);
        assertThat(trimmed).doesNotHaveDuplicates();
        String left = without(one.json().root(), "", Set.copyOf(trimmed));
        assertThat(detail).startsWith(left.substring(0, left.length() - 1) + ",\"bridge\":{").endsWith("}}");
        int smallestRemoved = large.stream().filter(array -> trimmed.contains(array.pointer()))
                .mapToInt(Large::bytes).min().orElseThrow();
        assertThat(large).filteredOn(array -> !trimmed.contains(array.pointer()))
                .allSatisfy(array -> assertThat(array.bytes()).isLessThanOrEqualTo(smallestRemoved));
        List<String> oneLess = trimmed.subList(0, trimmed.size() - 1);
        String before = oneLess.isEmpty() ? one.text()
                : without(one.json().root(), "", Set.copyOf(oneLess));
        assertThat(wholeSize(one, before, oneLess)).isGreaterThan(one.limit());
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    @StatisticsReport(StatisticsReportMode.OFF)
    void chunksPutTogetherAreTheReceivedText(@ForAll("cases") Case one) {
        // Given
        String text = one.text();

        // When
        Optional<List<PutEventsRequestEntry>> entries = entriesOf(one, "chunk");

        // Then
        String scalars = scalars(one.json().root());
        if (entries.isEmpty()) {
            int longestNumbers = 14;
            int longestCharacter = 12;
            assertThat(utf8(scalars) + chunkOverhead(one) + longestNumbers + longestCharacter)
                    .isGreaterThan(one.limit());
            return;
        }
        if (wholeSize(one, text, List.of()) <= one.limit()) {
            return;
        }
        int count = entries.get().size();
        Statistics.label("digits of the count").collect(Integer.toString(count).length());
        Statistics.label("digits of the count").coverage(tries -> {
            tries.check(1).count(seen -> seen > 0);
            tries.check(2).count(seen -> seen > 0);
        });
        StringBuilder together = new StringBuilder();
        for (int i = 0; i < count; i++) {
            String detail = entries.get().get(i).detail();
            assertThat(detail).startsWith(scalars.substring(0, scalars.length() - 1) + ",\"bridge\":{");
            JsonNode bridge = parse(detail).path("bridge");
            JsonNode chunk = bridge.path("chunk");
            assertThat(bridge.path("idempotencyToken").asText()).isEqualTo(uuid5(one.json().id() + "#" + i));
            assertThat(chunk.path("of").asText()).isEqualTo(uuid5(one.json().id()));
            assertThat(chunk.path("index").intValue()).isEqualTo(i);
            assertThat(chunk.path("count").intValue()).isEqualTo(count);
            String data = chunk.path("data").textValue();
            assertThat(data).isNotEmpty();
            assertThat(Character.isLowSurrogate(data.charAt(0))).isFalse();
            assertThat(Character.isHighSurrogate(data.charAt(data.length() - 1))).isFalse();
            together.append(data);
        }
        assertThat(together.toString()).isEqualTo(text);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void lateAndFutureAreToldWhereThereIsRoom(@ForAll("cases") Case one) {
        // Given
        boolean late = one.late() || one.delay().compareTo(Duration.ofSeconds(10)) > 0;

        // When
        Optional<List<PutEventsRequestEntry>> entries = entriesOf(one, "reject");

        // Then
        entries.ifPresent(list -> {
            JsonNode bridge = parse(list.get(0).detail()).path("bridge");
            int marks = (late ? utf8(",\"late\":true") : 0) + (one.future() ? utf8(",\"future\":true") : 0);
            boolean room = wholeSize(one, one.text(), List.of()) + marks <= one.limit();
            if (room) {
                assertThat(bridge.path("late").asBoolean()).isEqualTo(late);
                assertThat(bridge.path("future").asBoolean()).isEqualTo(one.future());
            }
        });
    }

    private static int chunkOverhead(Case one) {
        return 14 + utf8("nice.cxone.routing") + utf8(one.event().eventType())
                + utf8(",\"bridge\":{\"idempotencyToken\":\"\",\"receivedAt\":\"" + RECEIVED
                + "\",\"chunk\":{\"of\":\"\",\"index\":,\"count\":,\"data\":\"\"}}") + 36 + 36;
    }

    /** What a chunk tells of its event. */
    private static String scalars(Obj root) {
        return root.members().stream()
                .filter(member -> Set.of("id", "eventType", "timestamp", "schemaVersion", "routingContext")
                        .contains(member.name()))
                .map(member -> member.receivedName() + ":" + (member.value() instanceof Obj context ? context.members()
                        .stream().filter(inner -> inner.value() instanceof Scalar)
                        .map(inner -> inner.receivedName() + ":" + inner.value().received())
                        .collect(Collectors.joining(",", "{", "}")) : member.value().received()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private record Large(String pointer, int bytes) {
    }

    /** The arrays that may be removed. */
    private static List<Large> large(Obj root) {
        List<Large> large = new ArrayList<>();
        root.members().stream().filter(member -> member.name().equals("routingContext"))
                .forEach(member -> collect((Obj) member.value(), "/routingContext", large));
        return large;
    }

    private static void collect(Obj object, String pointer, List<Large> large) {
        for (Member member : object.members()) {
            String path = pointer + "/" + escaped(member.name());
            if (member.value() instanceof Obj inner) {
                collect(inner, path, large);
            } else if (member.value() instanceof Arr array && utf8(array.received()) > SMALL_ARRAY) {
                large.add(new Large(path, utf8(array.received())));
            }
        }
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }

    /** Compactly, without the members at these pointers. */
    private static String without(Node node, String pointer, Set<String> removed) {
        if (!(node instanceof Obj object)) {
            return OddJson.compact(node);
        }
        return object.members().stream()
                .filter(member -> !removed.contains(pointer + "/" + escaped(member.name())))
                .map(member -> member.receivedName() + ":"
                        + without(member.value(), pointer + "/" + escaped(member.name()), removed))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** RFC 9562, section 5.5, in the URL namespace. */
    private static String uuid5(String name) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(java.util.HexFormat.of().parseHex("6ba7b8119dad11d180b400c04fd430c8"));
            byte[] hash = sha1.digest(name.getBytes(StandardCharsets.UTF_8));
            hash[6] = (byte) (hash[6] & 0x0f | 0x50);
            hash[8] = (byte) (hash[8] & 0x3f | 0x80);
            java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(hash);
            return new UUID(buffer.getLong(), buffer.getLong()).toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
