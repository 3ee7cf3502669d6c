package org.routingbridge.benchmark;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.Membership;
import org.routingbridge.store.OutboxTable;
import org.routingbridge.store.PostgresAddress;
import org.routingbridge.store.SteadyClock;
import org.routingbridge.store.Store;
import org.routingbridge.store.StoredEvent;

/**
 * How many events a second the outbox can take at all: rows of 1 KB straight into the bridge's store, by 64 writers
 * that each wait until theirs is on disk. A program of its own, with the bridge's environment.
 */
public final class StoreRate {

    private static final int WRITERS = 64;
    private static final int BYTES = 1024;
    private static final String UNIT = " rows/s";

    private StoreRate() {
    }

    /** Prints the rate; the arguments are the seconds to warm up and to measure. */
    public static void main(String[] arguments) throws Exception {
        Store store = open(Settings.load());
        store.start();
        AtomicLong taken = new AtomicLong();
        CountDownLatch failed = new CountDownLatch(1);
        for (int i = 0; i < WRITERS; i++) {
            int key = i;
            Thread writer = new Thread(() -> {
                try {
                    write(store, key, taken);
                } catch (CompletionException e) {
                    System.err.println("A writer failed: " + e.getMessage());
                    failed.countDown();
                }
            }, "writer-" + i);
            writer.setDaemon(true);
            writer.start();
        }
        Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[0])).toMillis());
        long before = taken.get();
        long began = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[1])).toMillis());
        double rate = (taken.get() - before) / ((System.nanoTime() - began) / 1e9);
        System.out.println(String.format(Locale.ROOT, "%.0f", rate) + UNIT);
        System.out.flush();
        Runtime.getRuntime().halt(failed.getCount() == 0 ? 1 : 0);
    }

    private static Store open(Settings settings) {
        return settings.sharedStore() ? new Store(new PostgresAddress(settings.storeUrl(), settings.storeUser(),
                settings.storePassword()), new Alone(UUID.randomUUID()), new SteadyClock())
                : new Store(DataDirectory.claim(settings), new SteadyClock());
    }

    /** A bridge that knows of no other. */
    private record Alone(UUID instance) implements Membership {

        @Override
        public Set<UUID> live() {
            return Set.of(instance);
        }

        @Override
        public boolean isIn() {
            return true;
        }
    }

    private static void write(Store store, int key, AtomicLong taken) {
        byte[] body = new byte[BYTES];
        for (int i = 0; true; i++) {
            String id = String.format(Locale.ROOT, "%08x-0000-4000-8000-%012x", key, i);
            store.write(session -> {
                OutboxTable.insert(session, new StoredEvent(session.nextSeq(), id, "key-" + key, body, "{}", 0, 0, 0, 0,
                        0, "[]", "", true));
                return null;
            }).settlement().join();
            taken.incrementAndGet();
        }
    }

    /** Reads the rate from what was printed. */
    static double parse(String output) {
        return output.lines().filter(line -> line.endsWith(UNIT)).findFirst()
                .map(line -> Double.parseDouble(line.substring(0, line.length() - UNIT.length())))
                .orElseThrow(() -> new IllegalStateException("The outbox's enqueue rate was not measured:\n" + output));
    }
}
