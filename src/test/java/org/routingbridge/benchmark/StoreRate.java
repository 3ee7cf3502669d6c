package org.routingbridge.benchmark;

import java.time.Duration;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.AloneForTests;
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
    private static final String OTHERS = " % others";

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
        double others = othersSeconds();
        Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[1])).toMillis());
        double seconds = (System.nanoTime() - began) / 1e9;
        others = Math.max(0, othersSeconds() - others);
        System.out.println(String.format(Locale.ROOT, "%.0f", (taken.get() - before) / seconds) + UNIT);
        System.out.println(String.format(Locale.ROOT, "%.1f",
                100 * others / seconds / Runtime.getRuntime().availableProcessors()) + OTHERS);
        System.out.flush();
        Runtime.getRuntime().halt(failed.getCount() == 0 ? 1 : 0);
    }

    /** CPU time of everything else on the machine so far. */
    private static double othersSeconds() {
        return Usage.machineSeconds() - Usage.of(ProcessHandle.current()).cpu().toNanos() / 1e9;
    }

    private static Store open(Settings settings) {
        return settings.sharedStore() ? new Store(new PostgresAddress(settings.storeUrl(), settings.storeUser(),
                settings.storePassword()), new AloneForTests(UUID.randomUUID()), new SteadyClock())
                : new Store(DataDirectory.claim(settings), new SteadyClock());
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
    static Figure parse(String name, int run, String output) {
        return new Figure(name, run, number(output, UNIT), UNIT.strip(), number(output, OTHERS));
    }

    private static double number(String output, String unit) {
        return output.lines().filter(line -> line.endsWith(unit)).findFirst()
                .map(line -> Double.parseDouble(line.substring(0, line.length() - unit.length())))
                .orElseThrow(() -> new IllegalStateException("The outbox's enqueue rate was not measured:\n" + output));
    }
}
