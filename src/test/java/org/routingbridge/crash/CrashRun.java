package org.routingbridge.crash;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.DeliveredEntry;

/**
 * Kills the bridge over and over, while it is busy and while it starts, with EventBridge in every trouble there is, and
 * then compares what senders were told with what is on the bus. Which delivery mode a process runs in is thrown too.
 */
final class CrashRun implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int SHORTEST_LIFE_MILLIS = 1_500;
    private static final int LONGEST_LIFE_MILLIS = Integer.getInteger("crash.life.millis", 4_000);
    private static final int LONGEST_START_MILLIS = 2_500;
    private static final int ONE_IN_STARTS_IS_KILLED = 5;
    private static final int PAGE = 1000;

    private final JsonMapper json = new JsonMapper();
    private final BridgeSite site = new BridgeSite();
    private final long seed;
    private final int kills;
    private final int perSecond;
    private final Random dice;
    private final Senders senders;
    private final Weather weather;
    private final ScheduledExecutorService auditor = Executors.newSingleThreadScheduledExecutor();
    private final CountDownLatch nothing = new CountDownLatch(1);
    private final AtomicInteger unbalanced = new AtomicInteger();
    private Duration longestRecovery = Duration.ZERO;

    CrashRun(long seed, int kills, int perSecond) {
        this.seed = seed;
        this.kills = kills;
        this.perSecond = perSecond;
        dice = new Random(seed);
        site.with("BRIDGE_REGISTRATION_ENABLED", false).without("DATA_LAKE_WEBHOOK_URL")
                .with("BRIDGE_OUTBOX_RETRY_MAX_DELAY", "2s");
        senders = new Senders(site, seed);
        weather = new Weather(site.bus(), seed);
    }

    CrashReport run() throws Exception {
        long began = System.nanoTime();
        BridgeJvm bridge = start().awaitReady();
        auditor.scheduleWithFixedDelay(this::audit, 500, 500, TimeUnit.MILLISECONDS);
        senders.start(perSecond);
        weather.start();
        boolean ready = true;
        for (int kill = 1; kill <= kills; kill++) {
            pass(ready ? SHORTEST_LIFE_MILLIS + dice.nextInt(LONGEST_LIFE_MILLIS - SHORTEST_LIFE_MILLIS)
                    : dice.nextInt(LONGEST_START_MILLIS));
            long killed = kill(bridge);
            bridge = start();
            ready = kill == kills || dice.nextInt(ONE_IN_STARTS_IS_KILLED) > 0;
            if (ready) {
                bridge.awaitReady();
                Duration recovery = Duration.ofNanos(System.nanoTime() - killed);
                longestRecovery = recovery.compareTo(longestRecovery) > 0 ? recovery : longestRecovery;
            }
        }
        senders.stopOffering();
        weather.settle();
        long settled = System.nanoTime();
        await("every sender's end").atMost(PATIENCE).until(() -> senders.open() == 0);
        await("an empty outbox").atMost(PATIENCE).until(() -> accounting().at("/outbox/pending").asInt(-1) == 0);
        return report(Duration.ofNanos(System.nanoTime() - settled), Duration.ofNanos(System.nanoTime() - began));
    }

    private BridgeJvm start() {
        return site.with("BRIDGE_DELIVERY_MODE", dice.nextBoolean() ? "queued" : "direct").start();
    }

    /** A moment that the dice choose; nothing else is waited for. */
    private void pass(int millis) throws InterruptedException {
        nothing.await(millis, TimeUnit.MILLISECONDS);
    }

    /** By SIGKILL; when it was, by {@link System#nanoTime()}. */
    private static long kill(BridgeJvm bridge) {
        if (!bridge.isAlive()) {
            throw new AssertionError("the bridge ended by itself:\n" + bridge.output());
        }
        long now = System.nanoTime();
        bridge.close();
        bridge.awaitExit(PATIENCE);
        return now;
    }

    private void audit() {
        try {
            JsonNode books = accounting();
            if (books.has("balanced") && !books.path("balanced").asBoolean()) {
                unbalanced.incrementAndGet();
                System.out.println("Unbalanced: " + books);
            }
        } catch (IOException e) {
            // between two processes nobody answers
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private JsonNode accounting() throws IOException, InterruptedException {
        return json.readTree(site.manage("/ops/accounting").body());
    }

    private CrashReport report(Duration drained, Duration took) throws IOException, InterruptedException {
        Map<String, Set<String>> tokens = new HashMap<>();
        int entries = 0;
        for (DeliveredEntry entry : site.bus().delivered()) {
            JsonNode detail = json.readTree(entry.detail());
            tokens.computeIfAbsent(detail.path("id").asText(), id -> new HashSet<>())
                    .add(detail.at("/bridge/idempotencyToken").asText());
            entries++;
        }
        Set<String> stray = new HashSet<>(tokens.keySet());
        stray.removeIf(id -> tokens.get(id).size() == 1);
        Set<String> listed = deadLetters();
        Set<String> accepted = senders.accepted();
        Set<String> lost = new HashSet<>(accepted);
        lost.removeAll(tokens.keySet());
        lost.removeAll(listed);
        return new CrashReport(seed, kills, perSecond, weather.outages(), senders.offered(), senders.replies(),
                accepted.size(), senders.givenUp(), lost, listed.size(), entries - tokens.size(), stray,
                unbalanced.get(), longestRecovery, drained, took);
    }

    private Set<String> deadLetters() throws IOException, InterruptedException {
        Set<String> ids = new HashSet<>();
        for (int offset = 0; ; offset += PAGE) {
            HttpResponse<String> page = site.manage("/ops/dead-letters?limit=" + PAGE + "&offset=" + offset);
            JsonNode letters = json.readTree(page.body());
            letters.forEach(letter -> ids.add(letter.path("eventId").asText()));
            if (letters.size() < PAGE) {
                return ids;
            }
        }
    }

    @Override
    public void close() {
        auditor.shutdownNow();
        senders.close();
        weather.close();
        site.close();
    }
}
