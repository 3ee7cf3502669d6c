package org.routingbridge.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.Transformer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.routingbridge.ClockForTests;
import org.routingbridge.event.EventTokens;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.store.SteadyClock;
import org.routingbridge.store.Store;

/** The repository against a model of it that anybody can check: ids in flight, and ids safe since a moment. */
class SeenEventsModelTest {

    private static final Duration TTL = Duration.ofHours(1);
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final CamelContext CONTEXT = new DefaultCamelContext();

    /** The repository, its clock, and what it ought to know. */
    private static final class Bench {

        private final ClockForTests clock = new ClockForTests(Instant.EPOCH);
        private final Path directory = newDirectory();
        private Store store;
        private SeenEvents seen = open();
        private final Map<String, List<CompletableFuture<?>>> inFlight = new HashMap<>();
        private final Map<String, Instant> safeSince = new HashMap<>();

        private static Path newDirectory() {
            try {
                return Files.createDirectories(Path.of("target", "seen-events-model", UUID.randomUUID().toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private SeenEvents open() {
            store = new Store(directory, new SteadyClock(clock, this::nanoTime, "this start of the machine"));
            store.start();
            SeenEvents opened = new SeenEvents(SettingsForTests.with("bridge.idempotency.ttl", "1h"), store,
                    this::nanoTime);
            opened.loaded().join();
            return opened;
        }

        private long nanoTime() {
            return TimeUnit.MILLISECONDS.toNanos(clock.millis());
        }

        private void close() {
            seen.close();
            store.close();
        }

        private void restart() {
            close();
            seen = open();
            inFlight.clear();
        }

        private boolean isSafe(String id) {
            return safeSince.containsKey(id) && clock.instant().isBefore(safeSince.get(id).plus(TTL));
        }

        /** At once, as no time passes, so that nothing may be on its way into the cache meanwhile. */
        private void pass(Duration time) {
            seen.filled().join();
            clock.pass(time);
        }

        private void add(String id) {
            Exchange exchange = new DefaultExchange(CONTEXT);
            boolean first = seen.add(exchange, id);
            assertThat(first).isEqualTo(!inFlight.containsKey(id) && !isSafe(id));
            CompletableFuture<?> outcome = exchange.getProperty(SeenEvents.FIRST_OUTCOME, CompletableFuture.class);
            assertThat(outcome != null).isEqualTo(!first && inFlight.containsKey(id));
            if (first) {
                inFlight.put(id, new ArrayList<>());
            } else if (outcome != null) {
                assertThat(outcome).isNotDone();
                inFlight.get(id).add(outcome);
            }
        }

        private void confirm(String id) {
            List<CompletableFuture<?>> waiting = inFlight.remove(id);
            assertThat(seen.confirm(id)).isEqualTo(waiting != null);
            if (waiting != null) {
                safeSince.put(id, clock.instant());
                assertThat(waiting).allSatisfy(outcome -> assertThat(outcome).isCompleted());
            }
        }

        private void remove(String id) {
            List<CompletableFuture<?>> waiting = inFlight.remove(id);
            assertThat(seen.remove(id)).isEqualTo(waiting != null);
            if (waiting != null) {
                assertThat(waiting).allSatisfy(outcome -> assertThat(outcome).isCompletedExceptionally());
            }
        }

        private void contains(String id) {
            assertThat(seen.contains(id)).isEqualTo(inFlight.containsKey(id) || isSafe(id));
        }
    }

    @Property(tries = 60)
    void theRepositoryDoesWhatItsModelDoes(@ForAll("histories") ActionChain<Bench> history) {
        // When, Then
        try {
            history.run();
        } finally {
            history.finalState().ifPresent(Bench::close);
        }
    }

    @Provide
    Arbitrary<ActionChain<Bench>> histories() {
        Arbitrary<String> ids = Arbitraries.of(EventTokens.ofEvent("a"), EventTokens.ofEvent("b"),
                EventTokens.ofEvent("c"));
        return ActionChain.startWith(Bench::new)
                .withAction(4, on(ids, "add", Bench::add))
                .withAction(2, on(ids, "confirm", Bench::confirm))
                .withAction(1, on(ids, "remove", Bench::remove))
                .withAction(1, on(ids, "contains", Bench::contains))
                .withAction(1, on(Arbitraries.of(MILLI, TTL.dividedBy(2), TTL.minus(MILLI), TTL), "pass",
                        Bench::pass))
                .withAction(1, on(Arbitraries.of("the bridge"), "restart", (bench, any) -> bench.restart()))
                .withMaxTransformations(60);
    }

    private static <T> Action.Independent<Bench> on(Arbitrary<T> arguments, String name, BiConsumer<Bench, T> step) {
        return () -> arguments.map(argument -> Transformer.mutate(name + " " + argument,
                bench -> step.accept(bench, argument)));
    }
}
