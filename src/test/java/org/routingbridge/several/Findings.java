package org.routingbridge.several;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.routingbridge.simulator.DeliveredEntry;

/**
 * What senders were told, held against what is on the bus.
 *
 * @param events     that were offered
 * @param replies    how many, by status; 0 for no reply
 * @param givenUp    copies of events that had no 2xx in six requests
 * @param lost       ids that were answered 2xx and are neither on the bus nor among the dead letters
 * @param duplicates ids that are on the bus more than once
 * @param disordered ids that are on the bus before one of their key that was accepted before they were sent
 * @param unknown    ids that a bridge took for new by its own memory alone, since the store did not answer in time;
 *                   what is on the bus twice or out of order for that reason is not counted as such
 * @param slowest    reply
 */
record Findings(int events, Map<Integer, Integer> replies, int givenUp, Set<String> lost, Set<String> duplicates,
                List<String> disordered, Set<String> unknown, Duration slowest) {

    /** Compares; {@code listed} are the ids among the dead letters, and {@code everUnknown} earlier cases' as well. */
    static Findings of(List<SentEvent> sent, List<DeliveredEntry> delivered, Set<String> listed,
            Set<String> everUnknown) throws IOException {
        JsonMapper json = new JsonMapper();
        Set<String> unknown = sent.stream().map(SentEvent::id).filter(everUnknown::contains)
                .collect(Collectors.toSet());
        Map<String, Integer> places = new HashMap<>();
        Set<String> duplicates = new HashSet<>();
        for (DeliveredEntry entry : delivered) {
            String id = json.readTree(entry.detail()).path("id").asText();
            if (places.putIfAbsent(id, places.size()) != null) {
                duplicates.add(id);
            }
        }
        duplicates.removeAll(unknown);
        Set<String> lost = sent.stream().filter(SentEvent::isAccepted).map(SentEvent::id)
                .filter(id -> !places.containsKey(id) && !listed.contains(id)).collect(Collectors.toSet());
        Map<Integer, Integer> replies = new TreeMap<>();
        long slowest = 0;
        for (SentEvent event : sent) {
            for (SentEvent.Reply reply : event.replies()) {
                replies.merge(reply.status(), 1, Integer::sum);
                slowest = Math.max(slowest, reply.at() - reply.sent());
            }
        }
        return new Findings(sent.size(), replies, sent.stream().mapToInt(SentEvent::givenUp).sum(), lost, duplicates,
                disordered(sent, places, unknown), unknown, Duration.ofNanos(slowest));
    }

    private static List<String> disordered(List<SentEvent> sent, Map<String, Integer> places, Set<String> unknown) {
        List<String> disordered = new ArrayList<>();
        sent.stream().filter(event -> event.isAccepted() && places.containsKey(event.id()))
                .filter(event -> !unknown.contains(event.id()))
                .collect(Collectors.groupingBy(SentEvent::key)).values()
                .forEach(ofKey -> disordered.addAll(disorderedOfKey(ofKey, places)));
        return disordered;
    }

    private static List<String> disorderedOfKey(List<SentEvent> events, Map<String, Integer> places) {
        List<SentEvent> byAcceptance = events.stream().sorted(Comparator.comparing(SentEvent::acceptedAt)).toList();
        List<SentEvent> bySending = events.stream().sorted(Comparator.comparing(SentEvent::sent)).toList();
        List<String> disordered = new ArrayList<>();
        int before = 0;
        SentEvent last = null;
        for (SentEvent event : bySending) {
            while (before < byAcceptance.size() && byAcceptance.get(before).acceptedAt() < event.sent()) {
                SentEvent accepted = byAcceptance.get(before++);
                if (last == null || places.get(accepted.id()) > places.get(last.id())) {
                    last = accepted;
                }
            }
            if (last != null && places.get(event.id()) < places.get(last.id())) {
                disordered.add(event.id() + " before " + last.id());
            }
        }
        return disordered;
    }

    /** What became of each event that something is wrong with, a line each; times are in seconds from the first one. */
    List<String> stories(List<SentEvent> sent, List<DeliveredEntry> delivered) throws IOException {
        JsonMapper json = new JsonMapper();
        // the bus tells the time of day
        long zero = sent.isEmpty() ? 0 : sent.get(0).sent();
        Instant zeroOfBus = Instant.now().minusNanos(System.nanoTime() - zero);
        Map<String, List<String>> arrivals = new HashMap<>();
        for (DeliveredEntry entry : delivered) {
            arrivals.computeIfAbsent(json.readTree(entry.detail()).path("id").asText(), id -> new ArrayList<>())
                    .add(seconds(Duration.between(zeroOfBus, entry.at())));
        }
        Set<String> ids = new HashSet<>(lost);
        ids.addAll(duplicates);
        disordered.forEach(pair -> ids.addAll(List.of(pair.split(" before "))));
        return sent.stream().filter(event -> event.givenUp() > 0 || ids.contains(event.id()))
                .map(event -> event.id() + " " + event.key() + " of "
                        + seconds(Duration.ofNanos(event.sent() - zero)) + " on the bus " + arrivals.get(event.id())
                        + " replies"
                        + event.replies().stream().map(reply -> " " + seconds(Duration.ofNanos(reply.sent() - zero))
                                + "-" + seconds(Duration.ofNanos(reply.at() - zero)) + " bridge " + reply.bridge()
                                + ": " + reply.status()).collect(Collectors.joining(",")))
                .toList();
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1e3);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, """
                events offered              %,d
                  replies by status           %s
                  given up by their sender    %,d
                  lost                        %,d
                  on the bus more than once   %,d
                  out of their key's order    %,d
                  accepted without the store  %,d
                  slowest reply               %.1f s""",
                events, replies, givenUp, lost.size(), duplicates.size(), disordered.size(),
                unknown.size(), slowest.toMillis() / 1e3);
    }
}
