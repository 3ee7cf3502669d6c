package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/**
 * What the bridge makes of outbox files that were damaged while it was not running. More rounds of damage at random:
 * {@code -Ddamage.rounds=50}, from another seed on: {@code -Ddamage.seed=7}.
 */
class DamagedOutboxIT {

    private static final int EVENTS = 60;
    private static final int LARGE_EVENTS = 3;
    private static final int LARGE_BYTES = 150_000;
    private static final int VICTIM = 30;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Path LEFT_BEHIND = Path.of("target", "damaged-outboxes", UUID.randomUUID().toString())
            .toAbsolutePath();
    private static final List<SampleEvent> ACCEPTED = new ArrayList<>();

    private final JsonMapper json = new JsonMapper();
    private final Path data = Path.of("target", "damaged-outboxes", UUID.randomUUID().toString()).toAbsolutePath();
    private final Path journal = data.resolve("outbox").resolve("journal");
    private final BridgeSite site = siteWith(data);
    private List<SampleEvent> accepted = ACCEPTED;

    private static BridgeSite siteWith(Path data) {
        return new BridgeSite().with("BRIDGE_DATA_DIR", data).with("BRIDGE_REGISTRATION_ENABLED", false)
                .without("DATA_LAKE_WEBHOOK_URL").with("BRIDGE_DELIVERY_MODE", "queued");
    }

    /** A bridge that was told to end with so many events in its outbox. */
    @BeforeAll
    static void leaveEventsBehind() throws IOException, InterruptedException {
        EventFactory events = new EventFactory();
        try (BridgeSite site = siteWith(LEFT_BEHIND)) {
            BridgeJvm bridge = site.start().awaitReady();
            site.bus().goAway();
            for (int i = 0; i < EVENTS; i++) {
                SampleEvent event = events.validEvent();
                if (i < LARGE_EVENTS) {
                    event = event.with("/routingContext/note", "x".repeat(LARGE_BYTES));
                }
                assertThat(site.post(BridgeSite.PATH, event.json()).statusCode()).isEqualTo(202);
                ACCEPTED.add(event);
            }
            bridge.terminate();
            assertThat(bridge.awaitExit(PATIENCE)).isZero();
        }
    }

    private void takeUpWhatWasLeft() throws IOException {
        takeUp(LEFT_BEHIND, ACCEPTED);
    }

    private void takeUp(Path leftBehind, List<SampleEvent> events) throws IOException {
        PathUtils.copyDirectory(leftBehind, data);
        accepted = events;
    }

    @AfterEach
    void close() throws IOException {
        site.close();
        PathUtils.deleteDirectory(data);
    }

    @AfterAll
    static void throwAway() throws IOException {
        ACCEPTED.clear();
        PathUtils.deleteDirectory(LEFT_BEHIND);
    }

    private JsonNode accounting() throws IOException, InterruptedException {
        return json.readTree(site.manage("/ops/accounting").body());
    }

    private void awaitDrained() {
        await().atMost(PATIENCE).until(() -> accounting().path("outbox").path("pending").asInt() == 0);
    }

    private static Set<String> ids(List<SampleEvent> events) {
        return new TreeSet<>(events.stream().map(SampleEvent::id).toList());
    }

    private List<Path> setAside(String prefix) throws IOException {
        if (!Files.exists(data.resolve("damaged"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(data.resolve("damaged"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
        }
    }

    /** The ids that the bridge has named as missing. */
    private Set<String> missing() throws IOException {
        Set<String> ids = new TreeSet<>();
        for (Path list : setAside("missing-")) {
            ids.addAll(Files.readAllLines(list));
        }
        return ids;
    }

    private interface Damage {
        void to(Path file) throws IOException;
    }

    private void damageFilesWithEvents(Damage damage) throws IOException {
        try (Stream<Path> files = Files.list(journal)) {
            for (Path file : files.toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains("{\"id\":\"")) {
                    damage.to(file);
                }
            }
        }
    }

    /** Where the events' texts begin and end in a journal file. */
    private static int firstText(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1).indexOf("{\"id\":\"");
    }

    private static int lastText(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.ISO_8859_1).lastIndexOf("{\"id\":\"");
    }

    private static void overwrite(Path file, long position, byte[] bytes) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(position);
            open.write(bytes);
        }
    }

    private static byte[] noise() {
        byte[] noise = new byte[4096];
        new Random(1).nextBytes(noise);
        return noise;
    }

    private static void flipBit(Path file, long position, int bit) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(position);
            int before = open.read();
            open.seek(position);
            open.write(before ^ (1 << bit));
        }
    }

    /** Damage of a kind that disks and people do. */
    enum Kind {
        JOURNAL_CUT_SHORT, PAGE_OF_ZEROS, PAGE_OF_NOISE, JOURNAL_DELETED, OUTBOX_DELETED, BINDINGS_CUT_SHORT
    }

    private void damage(Kind kind) throws IOException {
        switch (kind) {
            case JOURNAL_CUT_SHORT -> damageFilesWithEvents(file -> {
                try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                    open.setLength((firstText(file) + lastText(file)) / 2);
                }
            });
            case PAGE_OF_ZEROS -> damageFilesWithEvents(file -> overwrite(file, (firstText(file) + lastText(file)) / 2,
                    new byte[4096]));
            case PAGE_OF_NOISE -> damageFilesWithEvents(file -> overwrite(file, (firstText(file) + lastText(file)) / 2,
                    noise()));
            case JOURNAL_DELETED -> PathUtils.cleanDirectory(journal);
            case OUTBOX_DELETED -> PathUtils.deleteDirectory(data.resolve("outbox"));
            case BINDINGS_CUT_SHORT -> {
                try (Stream<Path> files = Files.list(data.resolve("outbox").resolve("bindings"))) {
                    for (Path file : files.toList()) {
                        Files.write(file, new byte[100]);
                    }
                }
            }
        }
    }

    /** Every event that was accepted is on the bus, set aside, or named as missing, and the books say so. */
    private void assertNothingLostInSilence(BridgeJvm bridge, boolean nothingLeft) throws Exception {
        awaitDrained();
        Set<String> accountedFor = new TreeSet<>(site.bus().timesDelivered().keySet());
        Set<String> missing = missing();
        accountedFor.addAll(missing);
        List<Path> damaged = setAside("event-");
        String output = bridge.output();
        for (SampleEvent event : accepted) {
            if (output.contains("set aside") && output.contains("eventId=" + event.id())) {
                accountedFor.add(event.id());
            }
        }
        assertThat(accountedFor).isEqualTo(ids(accepted));
        assertThat(missing).filteredOn(id -> site.bus().timesDelivered().containsKey(id)).isEmpty();
        JsonNode books = accounting();
        assertThat(books.path("balanced").asBoolean()).isTrue();
        // an event whose stored id is damaged is set aside, and missed by its own id
        assertThat(books.path("outbox").path("entered").asInt())
                .isBetween(accepted.size(), accepted.size() + damaged.size());
        assertThat(books.path("outbox").path("dead_lettered").asInt()).isEqualTo(missing.size() + damaged.size());
        if (!missing.isEmpty()) {
            assertThat(setAside("outbox-")).as("the files as they were").hasSize(nothingLeft ? 0 : 1);
            assertThat(output).contains("The outbox is damaged: " + missing.size() + " of what it held");
            assertThat(site.manage("/observe/health").body()).contains("damaged or missing");
        }
        assertThat(data.resolve("outbox-before-start")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void damageCostsNoEventInSilence(Kind kind) throws Exception {
        // Given
        takeUpWhatWasLeft();
        damage(kind);

        // When and then
        startAndAssertNothingLostInSilence();
    }

    private void startAndAssertNothingLostInSilence() throws Exception {
        boolean nothingLeft = !Files.exists(data.resolve("outbox"));
        BridgeJvm bridge = site.start();
        await().atMost(PATIENCE).until(() -> !bridge.isAlive() || bridge.output().contains("Bridge ready"));
        if (bridge.isAlive()) {
            assertNothingLostInSilence(bridge, nothingLeft);
        } else {
            assertThat(bridge.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(bridge.output()).contains("is damaged and cannot be opened", "move it away",
                    accepted.size() + " by the ledger");
            // what the message advises
            PathUtils.deleteDirectory(data.resolve("outbox"));
            assertNothingLostInSilence(site.start().awaitReady(), false);
            assertThat(missing()).isEqualTo(ids(accepted));
        }
    }

    static LongStream seeds() {
        long first = Long.getLong("damage.seed", 1);
        return LongStream.range(first, first + Integer.getInteger("damage.rounds", 2));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void flippedBitsCostNoEventInSilence(long seed) throws Exception {
        // Given
        takeUpWhatWasLeft();
        Random random = new Random(seed);
        damageFilesWithEvents(file -> {
            int from = firstText(file) - 500;
            int to = lastText(file) + 1000;
            for (int i = 0; i < 1 + random.nextInt(30); i++) {
                flipBit(file, from + random.nextInt(to - from), random.nextInt(8));
            }
        });

        // When and then
        startAndAssertNothingLostInSilence();
    }

    @Test
    void anEventWhoseTextIsDamagedIsSetAsideByNameAndAllOthersReachTheBus() throws Exception {
        // Given
        takeUpWhatWasLeft();
        List<SampleEvent> others = new ArrayList<>(ACCEPTED);
        SampleEvent victim = others.remove(VICTIM);
        damageFilesWithEvents(file -> {
            int at = Files.readString(file, StandardCharsets.ISO_8859_1).indexOf("{\"id\":\"" + victim.id());
            if (at >= 0) {
                flipBit(file, at + 60, 4);
            }
        });

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        awaitDrained();
        assertThat(site.bus().timesDelivered()).containsOnlyKeys(ids(others));
        assertThat(setAside("event-")).singleElement().satisfies(file -> {
            assertThat(file).content().contains(victim.id());
            assertThat(bridge.output()).contains("damaged", file.toString());
        });
        assertThat(accounting().path("outbox")).hasToString("{\"entered\":" + EVENTS + ",\"published\":" + (EVENTS - 1)
                + ",\"dead_lettered\":1,\"pending\":0}");
        // mended by hand and sent again
        assertThat(site.post(BridgeSite.PATH, victim.json()).statusCode()).isEqualTo(202);
        await().atMost(PATIENCE).until(() -> site.bus().timesDelivered().containsKey(victim.id()));
    }

    @Test
    void seenIdsThatCannotBeReadCostNoEvent() throws Exception {
        // Given
        takeUpWhatWasLeft();
        try (Stream<Path> files = Files.list(data.resolve("seen"))) {
            for (Path file : files.toList()) {
                Files.write(file, new byte[] {0, 1, 2, '\n', 'x', ' ', 'y', '\n'});
            }
        }

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        awaitDrained();
        assertThat(site.bus().timesDelivered()).containsOnlyKeys(ids(ACCEPTED));
        assertThat(bridge.output()).contains("Some accepted ids cannot be read");
    }

    @Test
    void aLedgerThatCannotBeReadCostsNoEvent() throws Exception {
        // Given
        takeUpWhatWasLeft();
        Files.write(data.resolve("outbox-ledger"), new byte[] {0, 1, 2, '\n', '+', ' ', 'y', '\n'});

        // When
        BridgeJvm bridge = site.start().awaitReady();

        // Then
        awaitDrained();
        assertThat(site.bus().timesDelivered()).containsOnlyKeys(ids(ACCEPTED));
        assertThat(bridge.output()).contains("Some of what the outbox has to hold cannot be read");
    }

    /** More than the broker holds in memory: the rest lies in page files, which are not its journal. */
    @Nested
    class InPages {

        private static final int BACKLOG = 1000;
        private static final int EVENT_BYTES = 64_000;
        private static final int SENDERS = 16;
        private static final Path PAGED = Path.of("target", "damaged-outboxes", UUID.randomUUID().toString())
                .toAbsolutePath();
        private static final List<SampleEvent> IN_PAGES = new ArrayList<>();

        /** A bridge that was killed with such a backlog. */
        @BeforeAll
        static void leaveABacklogBehind() throws Exception {
            EventFactory events = new EventFactory();
            for (int i = 0; i < BACKLOG; i++) {
                IN_PAGES.add(events.validEvent(events.newId(), "queue-" + i, Instant.now())
                        .with("/routingContext/note", "x".repeat(EVENT_BYTES)));
            }
            ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
            try (BridgeSite site = siteWith(PAGED)) {
                BridgeJvm bridge = site.start().awaitReady();
                site.bus().goAway();
                for (Future<Integer> status : senders.invokeAll(IN_PAGES.stream().<Callable<Integer>>map(event ->
                        () -> site.post(BridgeSite.PATH, event.json()).statusCode()).toList())) {
                    assertThat(status.get()).isEqualTo(202);
                }
                bridge.kill();
                bridge.awaitExit(PATIENCE);
            } finally {
                senders.shutdownNow();
            }
        }

        @AfterAll
        static void throwBacklogAway() throws IOException {
            IN_PAGES.clear();
            PathUtils.deleteDirectory(PAGED);
        }

        private List<Path> pages() throws IOException {
            try (Stream<Path> files = Files.walk(data.resolve("outbox").resolve("paging"))) {
                return files.filter(file -> file.toString().endsWith(".page")).sorted().toList();
            }
        }

        private static Set<String> idsIn(Path page) throws IOException {
            String text = Files.readString(page, StandardCharsets.ISO_8859_1);
            return new TreeSet<>(ids(IN_PAGES.stream().filter(event -> text.contains(event.id())).toList()));
        }

        private static void cutShort(Path page) throws IOException {
            try (RandomAccessFile open = new RandomAccessFile(page.toFile(), "rw")) {
                open.setLength(open.length() / 2);
            }
        }

        @Test
        void damagedPagesCostNoEventInSilenceAndTheOthersReachTheBus() throws Exception {
            // Given
            takeUp(PAGED, IN_PAGES);
            List<Path> pages = pages();
            assertThat(pages).hasSizeGreaterThan(3);
            Path noisy = pages.get(0);
            Path deleted = pages.get(1);
            Path last = pages.get(pages.size() - 1);
            Set<String> damaged = new TreeSet<>(idsIn(noisy));
            damaged.addAll(idsIn(deleted));
            damaged.addAll(idsIn(last));
            overwrite(noisy, firstText(noisy) + EVENT_BYTES / 2, noise());
            overwrite(noisy, lastText(noisy) - noise().length / 2, noise());
            Files.delete(deleted);
            cutShort(last);

            // When and then
            startAndAssertNothingLostInSilence();
            assertThat(missing()).isNotEmpty().isSubsetOf(damaged);
            assertThat(setAside("event-")).isNotEmpty();
        }

        @Test
        void aPageThatTheBrokerCannotReadIsNamedAndTheOthersReachTheBusWithoutIt() throws Exception {
            // Given
            takeUp(PAGED, IN_PAGES);
            Path page = pages().get(1);
            Set<String> damaged = idsIn(page);
            // a message's length, which turns negative
            flipBit(page, 1, 7);

            // When
            BridgeJvm bridge = site.start();

            // Then
            assertThat(bridge.awaitExit(PATIENCE)).isEqualTo(1);
            assertThat(bridge.output()).contains(page.getFileName().toString(),
                    "is damaged and cannot be opened", "name one page file", BACKLOG + " by the ledger");
            Files.delete(page);
            assertNothingLostInSilence(site.start().awaitReady(), false);
            assertThat(missing()).isEqualTo(damaged);
        }

        @ParameterizedTest
        @MethodSource("org.routingbridge.outbox.DamagedOutboxIT#seeds")
        void flippedBitsBetweenThePagedEventsCostNoEventInSilence(long seed) throws Exception {
            // Given
            takeUp(PAGED, IN_PAGES);
            Random random = new Random(seed);
            for (Path page : pages()) {
                int text = random.nextBoolean() ? firstText(page) : lastText(page);
                for (int i = 0; i < 1 + random.nextInt(5); i++) {
                    flipBit(page, Math.max(0, text - random.nextInt(800)), random.nextInt(8));
                }
            }

            // When and then
            startAndAssertNothingLostInSilence();
        }
    }
}
