package org.routingbridge.endurance;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.HdrHistogram.Histogram;
import org.routingbridge.it.BridgeSite;

/** Measures what an attack costs: an honest sender and the bridge before it, during it and after it. */
final class AttackRun {

    private static final Duration CALM = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int LOOK_MILLIS = 500;

    private final BridgeSite site;
    private final Patient bridge;
    private final int perSecond;
    private final CountDownLatch nothing = new CountDownLatch(1);
    private final List<Vitals> looks = new ArrayList<>();
    private HonestSenders senders;
    private Map<String, Integer> repliesBefore = Map.of();

    AttackRun(BridgeSite site, Patient bridge, int perSecond) {
        this.site = site;
        this.bridge = bridge;
        this.perSecond = perSecond;
    }

    /** What attackers do, and what they were told. */
    interface Attack {
        Map<String, Integer> run() throws Exception;
    }

    AttackReport measure(String name, Attack attack) throws Exception {
        ScheduledExecutorService nurse = Executors.newSingleThreadScheduledExecutor();
        try (HonestSenders honest = new HonestSenders(site, perSecond, Integer.MAX_VALUE)) {
            senders = honest.start();
            nothing.await(CALM.toMillis(), TimeUnit.MILLISECONDS);
            senders.latencies();
            repliesBefore = senders.replies();
            nurse.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            nothing.await(CALM.toMillis(), TimeUnit.MILLISECONDS);
            AttackReport.Phase before = endPhase();
            Map<String, Integer> told = attack.run();
            AttackReport.Phase during = endPhase();
            // what the attack has left waiting is not the time after it
            await("calm").atMost(PATIENCE).until(() -> bridge.books().at("/outbox/pending").asLong(-1) == 0
                    && senders.open() < perSecond / 10);
            endPhase();
            nothing.await(CALM.toMillis(), TimeUnit.MILLISECONDS);
            return new AttackReport(name, before, during, endPhase(), told, senders.replies());
        } finally {
            nurse.shutdownNow();
        }
    }

    private void look() {
        try {
            Vitals vitals = bridge.vitals();
            synchronized (looks) {
                looks.add(vitals);
            }
        } catch (IOException e) {
            // it does not answer just now
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private AttackReport.Phase endPhase() throws IOException, InterruptedException {
        Histogram latencies = senders.latencies();
        Map<String, Integer> replies = senders.replies();
        Map<String, Integer> since = new TreeMap<>();
        replies.forEach((reply, count) -> {
            if (count > repliesBefore.getOrDefault(reply, 0)) {
                since.put(reply, count - repliesBefore.getOrDefault(reply, 0));
            }
        });
        List<Vitals> those;
        synchronized (looks) {
            those = List.copyOf(looks);
        }
        long live = bridge.liveHeapBytes();
        // the collection itself is charged to nobody
        senders.latencies();
        repliesBefore = senders.replies();
        synchronized (looks) {
            looks.clear();
        }
        return new AttackReport.Phase(since, millis(latencies, 50), millis(latencies, 99), millis(latencies, 100), live,
                those.stream().mapToLong(Vitals::heapBytes).max().orElse(0),
                those.stream().mapToLong(Vitals::residentBytes).max().orElse(0),
                those.stream().mapToInt(Vitals::threads).max().orElse(0),
                those.stream().mapToInt(Vitals::descriptors).max().orElse(0),
                those.stream().allMatch(Vitals::balanced));
    }

    private static double millis(Histogram latencies, double percentile) {
        return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1e3;
    }
}
