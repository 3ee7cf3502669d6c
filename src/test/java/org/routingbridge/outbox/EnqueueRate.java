package org.routingbridge.outbox;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;

/**
 * Measures how many events a second the bridge answers 202 once they are synced to disk, against how often a second the
 * disk can sync at all. Run it from the project's root after {@code mvn package}, with the test class path.
 */
public final class EnqueueRate {

    private static final int SENDERS = 64;
    private static final int EVENT_BYTES = 1024;
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration MEASURED = Duration.ofSeconds(15);
    private static final Duration SYNCED = Duration.ofSeconds(5);

    private final EventFactory events = new EventFactory();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger refused = new AtomicInteger();

    private EnqueueRate() {
    }

    /** Prints the figures. */
    public static void main(String[] args) throws Exception {
        new EnqueueRate().run();
    }

    private void run() throws Exception {
        double before = syncsPerSecond();
        double[] millis;
        try (BridgeSite site = new BridgeSite()) {
            site.with("BRIDGE_REGISTRATION_ENABLED", false).without("DATA_LAKE_WEBHOOK_URL")
                    .with("BRIDGE_DELIVERY_MODE", "queued").start().awaitReady();
            site.bus().goAway();
            load(site, WARM_UP);
            refused.set(0);
            millis = load(site, MEASURED);
        }
        double after = syncsPerSecond();
        double rate = millis.length / (MEASURED.toMillis() / 1e3);
        double disk = (before + after) / 2;
        Arrays.sort(millis);
        System.out.printf(Locale.ROOT, "[enqueue] %d senders, %d bytes: %.0f events/s answered 202 (p50 %.1f ms,"
                        + " p99 %.1f ms), %d not; the disk: %.0f syncs/s of %d bytes one after the other"
                        + " (%.0f before, %.0f after); %.1f events a sync%n",
                SENDERS, EVENT_BYTES, rate, millis[millis.length / 2], millis[(int) (millis.length * 0.99)],
                refused.get(), disk, EVENT_BYTES, before, after, rate / disk);
    }

    /** How long each accepted event took, in milliseconds. */
    private double[] load(BridgeSite site, Duration howLong) throws InterruptedException {
        URI webhook = URI.create("http://127.0.0.1:" + site.port() + BridgeSite.PATH);
        ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
        CountDownLatch done = new CountDownLatch(SENDERS);
        long end = System.nanoTime() + howLong.toNanos();
        for (int i = 0; i < SENDERS; i++) {
            String key = "queue-" + i;
            new Thread(() -> {
                while (System.nanoTime() < end) {
                    send(webhook, event(key), millis);
                }
                done.countDown();
            }, "sender-" + i).start();
        }
        done.await();
        return millis.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private String event(String key) {
        String body = events.validEvent(events.newId(), key, Instant.now()).with("/filling", "").json();
        int missing = Math.max(0, EVENT_BYTES - body.length());
        return body.replace("\"filling\":\"\"", "\"filling\":\"" + "x".repeat(missing) + "\"");
    }

    private void send(URI webhook, String body, ConcurrentLinkedQueue<Double> millis) {
        HttpRequest request = HttpRequest.newBuilder(webhook).timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .header("X-Webhook-Secret", BridgeSite.WEBHOOK_SECRET)
                .POST(BodyPublishers.ofString(body)).build();
        long began = System.nanoTime();
        try {
            if (client.send(request, BodyHandlers.discarding()).statusCode() == 202) {
                millis.add((System.nanoTime() - began) / 1e6);
                return;
            }
        } catch (IOException e) {
            // counted as not accepted
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        refused.incrementAndGet();
    }

    /** Writes and syncs as many bytes as an event has, over and over, in a file that has its size already. */
    private static double syncsPerSecond() throws IOException {
        Path file = Files.createTempFile(Path.of("target").toAbsolutePath(), "sync-rate-", ".bin");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(EVENT_BYTES);
            channel.write(ByteBuffer.allocate(10 * 1024 * 1024));
            channel.force(true);
            int syncs = 0;
            long began = System.nanoTime();
            while (System.nanoTime() - began < SYNCED.toNanos()) {
                channel.write(page.clear(), (long) syncs % 10_000 * EVENT_BYTES);
                channel.force(false);
                syncs++;
            }
            return syncs / ((System.nanoTime() - began) / 1e9);
        } finally {
            Files.delete(file);
        }
    }
}
