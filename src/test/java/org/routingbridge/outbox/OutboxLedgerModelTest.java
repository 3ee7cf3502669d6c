package org.routingbridge.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.SettingsForTests;

/** The ledger against a model of it that anybody can check: how often each id has come more than it has gone. */
class OutboxLedgerModelTest {

    private static final DataDirectory DATA = DataDirectory.claim(SettingsForTests.with("bridge.data.dir",
            "target/outbox-ledger-model"));
    private static final Path FILE = DATA.path().resolve("outbox-ledger");
    /** More than the ledger lets its file grow by before it writes it anew. */
    private static final int MANY = 30_000;

    /** What a power failure leaves of the file: the part of what was appended, and what stands behind it. */
    private record PowerFailure(double part, String garbage) {
    }

    /** The ledger, and what it ought to know. */
    private static final class Bench implements AutoCloseable {

        private final Map<String, Integer> kept = new HashMap<>();
        private final Map<String, Integer> whenOpened = new HashMap<>();
        private final List<Map.Entry<String, Integer>> since = new ArrayList<>();
        private long bytesWhenOpened;
        private OutboxLedger ledger;

        private Bench() {
            try {
                Files.deleteIfExists(FILE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ledger = new OutboxLedger(DATA);
            goOn(Set.of(), Set.of());
        }

        private static void count(Map<String, Integer> counts, String id, int by) {
            int times = counts.getOrDefault(id, 0) + by;
            if (times == 0) {
                counts.remove(id);
            } else {
                counts.put(id, times);
            }
        }

        private void change(String id, int by) {
            if (by > 0) {
                ledger.entered(id);
            } else {
                ledger.left(id);
            }
            count(kept, id, by);
            since.add(Map.entry(id, by));
            assertKnown();
        }

        private void assertKnown() {
            assertThat(ledger.ids()).containsExactlyInAnyOrderElementsOf(kept.keySet());
            assertThat(ledger.isEmpty()).isEqualTo(kept.isEmpty());
        }

        /** The next process, whose broker has lost this id. */
        private void restart(String lost) {
            close();
            startAgain(lost);
        }

        private void startAgain(String lost) {
            ledger = new OutboxLedger(DATA);
            assertKnown();
            Set<String> expected = new TreeSet<>(kept.keySet());
            expected.removeIf(id -> kept.get(id) < 0);
            Set<String> held = new TreeSet<>(expected);
            held.remove(lost);
            expected.removeAll(held);
            goOn(held, expected);
        }

        private void goOn(Set<String> held, Set<String> missing) {
            assertThat(ledger.reconcile(held)).containsExactlyInAnyOrderElementsOf(missing);
            kept.clear();
            held.forEach(id -> kept.put(id, 1));
            whenOpened.clear();
            whenOpened.putAll(kept);
            since.clear();
            try {
                ledger.open();
                bytesWhenOpened = Files.size(FILE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            assertKnown();
        }

        /** The file may end anywhere behind what was synced; a line that is not whole does not count. */
        private void fail(PowerFailure failure) {
            try {
                byte[] written = Files.readAllBytes(FILE);
                close();
                int end = (int) (bytesWhenOpened + Math.round(failure.part() * (written.length - bytesWhenOpened)));
                String left = new String(written, 0, end, StandardCharsets.ISO_8859_1);
                Files.writeString(FILE, left + failure.garbage(), StandardCharsets.ISO_8859_1);
                kept.clear();
                kept.putAll(whenOpened);
                long whole = left.substring((int) bytesWhenOpened).chars().filter(c -> c == '\n').count();
                since.subList(0, (int) whole).forEach(change -> count(kept, change.getKey(), change.getValue()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            startAgain("");
        }

        @Override
        public void close() {
            try {
                ledger.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Property(tries = 60)
    void theLedgerDoesWhatItsModelDoes(@ForAll("histories") ActionChain<Bench> history) {
        // When, Then
        try {
            history.run();
        } finally {
            history.finalState().ifPresent(Bench::close);
        }
    }

    @Provide
    Arbitrary<ActionChain<Bench>> histories() {
        Arbitrary<String> ids = Arbitraries.of("a", "bb", "ccc", "datalake-a");
        Arbitrary<PowerFailure> failures = Combinators.combine(Arbitraries.doubles().between(0, 1),
                Arbitraries.of("", "\0\0\0\0", "\0\n+\n\u00ff\n")).as(PowerFailure::new);
        return ActionChain.startWith(Bench::new)
                .withAction(8, on(ids, "enter", (bench, id) -> bench.change(id, 1)))
                .withAction(5, on(ids, "leave", (bench, id) -> bench.change(id, -1)))
                .withAction(1, on(Arbitraries.of("a", "bb", "none"), "restart without", Bench::restart))
                .withAction(1, on(failures, "power failure", Bench::fail))
                .withMaxTransformations(50);
    }

    private static <T> Action.Independent<Bench> on(Arbitrary<T> arguments, String name, BiConsumer<Bench, T> step) {
        return () -> arguments.map(argument -> Transformer.mutate(name + " " + argument,
                bench -> step.accept(bench, argument)));
    }

    @Example
    void aFileThatWasWrittenAnewHasAllThatCounts() throws IOException {
        // Given
        OutboxLedger ledger = new OutboxLedger(DATA);
        ledger.reconcile(Set.of("a", "bb"));
        ledger.open();
        ledger.left("ccc");
        ledger.left("ccc");

        // When
        for (int i = 0; i < MANY; i++) {
            ledger.entered("event-" + i);
            ledger.left("event-" + i);
        }

        // Then
        List<String> lines = Files.readAllLines(FILE);
        assertThat(lines).hasSizeLessThan(MANY);
        assertThat(lines).filteredOn(line -> !line.contains("event-"))
                .containsExactlyInAnyOrder("+a", "+bb", "-ccc", "-ccc");
        ledger.close();
        try (OutboxLedger next = new OutboxLedger(DATA)) {
            assertThat(next.ids()).containsExactlyInAnyOrder("a", "bb", "ccc");
            assertThat(next.reconcile(Set.of())).containsExactlyInAnyOrder("a", "bb");
        }
    }
}
