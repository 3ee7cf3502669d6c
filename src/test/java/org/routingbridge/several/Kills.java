package org.routingbridge.several;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.simulator.DeliveredEntry;

/** Kills one of the bridges at even intervals and starts it again at once; one that is ready is always left. */
final class Kills {

    /** From EventBridge's taking an event to the claim's confirmation, on a machine busy with starting bridges. */
    private static final Duration UNCONFIRMED = Duration.ofSeconds(3);
    /**
     * Until EventBridge reads what a bridge had sent when it died, on the same machine. With {@link #UNCONFIRMED} it
     * leaves half a second of five between kills in which nothing is explained; cases without kills allow none at any
     * time.
     */
    private static final Duration UNREAD = Duration.ofMillis(1500);

    private final Bridges bridges;
    private final Random dice;
    private final CountDownLatch nothing = new CountDownLatch(1);
    private final List<Kill> kills = new ArrayList<>();

    /** A moment is {@link System#nanoTime()}'s before the kill. */
    private record Kill(int bridge, long began, Instant at) {

        /** Whether it left a sender without the answer to this request. */
        boolean cutOff(SentEvent.Reply reply) {
            return reply.bridge() == bridge && reply.status() == 0 && reply.sent() <= began && reply.at() >= began;
        }
    }

    Kills(Bridges bridges, long seed) {
        this.bridges = bridges;
        dice = new Random(seed);
    }

    void run(int times, Duration pause) throws InterruptedException {
        for (int i = 0; i < times; i++) {
            nothing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
            int victim = victim();
            long began = System.nanoTime();
            bridges.kill(victim);
            kills.add(new Kill(victim, began, Instant.now()));
            System.out.println("Killed bridge " + victim + " at " + kills.get(i).at());
            bridges.start(victim);
        }
    }

    /** Any, whether it is ready or just starting, but not the only one that is ready. */
    private int victim() {
        List<Integer> ready = IntStream.range(0, bridges.count()).filter(bridges::isReady).boxed().toList();
        int victim = dice.nextInt(bridges.count());
        while (ready.equals(List.of(victim)) || ready.isEmpty()) {
            victim = dice.nextInt(bridges.count());
            ready = IntStream.range(0, bridges.count()).filter(bridges::isReady).boxed().toList();
        }
        return victim;
    }

    /**
     * Those of the ids, each on the bus more than once, that no kill explains: none cut off a request of theirs, and
     * none came soon after they were first on the bus.
     */
    Set<String> unexplained(Set<String> duplicates, List<SentEvent> sent, List<DeliveredEntry> delivered)
            throws IOException {
        JsonMapper json = new JsonMapper();
        Map<String, Instant> first = new HashMap<>();
        for (DeliveredEntry entry : delivered) {
            first.putIfAbsent(json.readTree(entry.detail()).path("id").asText(), entry.at());
        }
        Set<String> unexplained = new HashSet<>(duplicates);
        unexplained.removeIf(id -> kills.stream().anyMatch(kill -> !first.get(id).isAfter(kill.at().plus(UNREAD))
                && first.get(id).plus(UNCONFIRMED).isAfter(kill.at())));
        sent.stream().filter(event -> event.replies().stream()
                        .anyMatch(reply -> kills.stream().anyMatch(kill -> kill.cutOff(reply))))
                .map(SentEvent::id).forEach(unexplained::remove);
        return unexplained;
    }
}
