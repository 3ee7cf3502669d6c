package org.routingbridge.endurance;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.HdrHistogram.Histogram;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.EventFactory;

/**
 * A bridge under steady load while its neighbours have their bad days, looked at every two seconds. Ids count as seen
 * for a tenth of the run, so that what is remembered does not grow for most of it.
 */
final class SoakRun implements AutoCloseable {

    private static final int QUEUES = 40;
    private static final int SAMPLE_MILLIS = 2_000;
    private static final int PAGE = 1_000;
    private static final Duration ROUND = Duration.ofMinutes(5);
    private static final Duration COLD = Duration.ofSeconds(15);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final BridgeSite site = new BridgeSite();
    private final EventFactory events = new EventFactory();
    private final int perSecond;
    private final Duration length;
    private final Duration warmUp;
    private final int rounds;
    private final FaultCalendar faults;
    private final ScheduledExecutorService nurse = Executors.newSingleThreadScheduledExecutor();
    private final CountDownLatch nothing = new CountDownLatch(1);
    private final List<SoakReport.Sample> samples = new CopyOnWriteArrayList<>();
    private HonestSenders senders;
    private Patient bridge;
    private long minutesTold;

    SoakRun(Duration length, int perSecond, long seed) {
        this.length = length;
        this.perSecond = perSecond;
        warmUp = length.dividedBy(10);
        rounds = (int) Math.max(2, length.dividedBy(ROUND));
        faults = new FaultCalendar(site, seed);
        site.bus().keepDetails(false);
        site.bus().checkSignatures(false);
        site.dataLake().keepRequests(false);
        site.with("BRIDGE_IDEMPOTENCY_TTL", warmUp.toSeconds() + "s").with("BRIDGE_REGISTRATION_PERIOD", "10s");
    }

    SoakReport run() throws Exception {
        bridge = new Patient(site);
        // a bridge that has just started owes most of what has come by then
        new EagerSenders(site, number -> events.validEvent().json()).run(8, Integer.MAX_VALUE, COLD);
        senders = new HonestSenders(site, perSecond, QUEUES).start();
        nurse.scheduleAtFixedRate(this::look, 1_000, SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
        pass(warmUp.minus(bridge.age()));
        long liveBefore = bridge.liveHeapBytes();
        Duration from = bridge.age();
        faults.start(bridge, length.minus(from), rounds);
        pass(length.minus(from));
        await("the last fault's end").until(() -> faults.spells().size() == rounds * faults.kinds());
        Duration to = faults.spells().get(faults.spells().size() - 1).to();
        await("an empty outbox").atMost(PATIENCE).until(() -> last().pending() == 0 && isAfter(to));
        Duration drained = last().at().minus(to);
        senders.close();
        await("every sender's reply").atMost(PATIENCE).until(() -> senders.open() == 0);
        await("all told to the data lake").atMost(PATIENCE)
                .until(() -> last().notifications() == 0 && last().pending() == 0);
        Duration told = last().at().minus(to);
        nurse.shutdown();
        if (!nurse.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("The last look at the bridge does not end");
        }
        Map<String, Integer> delivered = site.bus().timesDelivered();
        return new SoakReport(perSecond, length, rounds, from, to, List.copyOf(samples), faults.spells(),
                senders.replies(), senders.accepted().size(), lost(delivered.keySet()),
                delivered.values().stream().mapToInt(times -> times - 1).sum(), drained, told, liveBefore,
                bridge.liveHeapBytes());
    }

    private Vitals last() {
        return samples.get(samples.size() - 1).vitals();
    }

    private boolean isAfter(Duration age) {
        return last().at().compareTo(age) > 0;
    }

    /** The load goes on for so long. */
    private void pass(Duration duration) throws InterruptedException {
        nothing.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            Histogram latencies = senders.latencies();
            SoakReport.Sample sample = new SoakReport.Sample(bridge.vitals(), millis(latencies, 50),
                    millis(latencies, 99), millis(latencies, 100));
            samples.add(sample);
            if (sample.vitals().at().toMinutes() > minutesTold) {
                minutesTold = sample.vitals().at().toMinutes();
                tell(sample);
            }
        } catch (IOException e) {
            System.out.println("[soak] the bridge could not be looked at: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static double millis(Histogram latencies, double percentile) {
        return latencies.getTotalCount() == 0 ? 0 : latencies.getValueAtPercentile(percentile) / 1e3;
    }

    private void tell(SoakReport.Sample sample) {
        Vitals vitals = sample.vitals();
        System.out.printf(Locale.ROOT, "[soak] %2d min: %s; p99 %.1f ms, resident %d MB, heap %d MB, %d threads, "
                        + "%d descriptors, outbox %d, notifications %d, %s; now: %s%n",
                minutesTold, senders.replies(), sample.p99Millis(), vitals.residentBytes() / 1_000_000,
                vitals.heapBytes() / 1_000_000, vitals.threads(), vitals.descriptors(), vitals.pending(),
                vitals.notifications(), vitals.balanced() ? "balanced" : "NOT BALANCED", faults.current());
    }

    private Set<String> lost(Set<String> delivered) throws IOException, InterruptedException {
        Set<String> lost = new HashSet<>(senders.accepted());
        lost.removeAll(delivered);
        JsonMapper json = new JsonMapper();
        for (int offset = 0, size = PAGE; !lost.isEmpty() && size == PAGE; offset += PAGE) {
            JsonNode page = json.readTree(site.manage("/ops/dead-letters?limit=" + PAGE + "&offset=" + offset).body());
            page.forEach(letter -> {
                if (!letter.path("reason").asText().equals("datalake")) {
                    lost.remove(letter.path("eventId").asText());
                }
            });
            size = page.size();
        }
        return lost;
    }

    @Override
    public void close() {
        nurse.shutdownNow();
        faults.close();
        if (senders != null) {
            senders.close();
        }
        site.close();
    }
}
