package org.routingbridge.endurance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * What a soak found.
 *
 * @param rounds          how often each fault came
 * @param faultsFrom      when the first round began, by the bridge's age
 * @param faultsTo        when the last round was over
 * @param replies         by status and word
 * @param lost            ids that were answered 2xx and are neither on the bus nor listed
 * @param drained         from the end of the last fault until the outbox was empty
 * @param told            from the end of the last fault until the data lake had been told all
 * @param liveHeapBefore  bytes in the heap once it was collected, before the first fault
 * @param liveHeapAfter   the same once all was over
 */
record SoakReport(int perSecond, Duration length, int rounds, Duration faultsFrom, Duration faultsTo,
                  List<Sample> samples, List<FaultCalendar.Spell> spells, Map<String, Integer> replies, int accepted,
                  Set<String> lost, int duplicates, Duration drained, Duration told, long liveHeapBefore,
                  long liveHeapAfter) {

    private static final Duration EMPTY_WITHIN = Duration.ofSeconds(60);
    private static final long MEGA = 1_000_000;
    private static final long LARGEST_LOG = 128 * MEGA;

    /** One moment, and the latencies of the events that were answered since the one before. */
    record Sample(Vitals vitals, double p50Millis, double p99Millis, double maxMillis) {
    }

    String title() {
        return String.format(Locale.ROOT, "%d min at %d/s, %d rounds of faults (grey)", length.toMinutes(), perSecond,
                rounds);
    }

    /** What is not as it should be, one sentence each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        replies.forEach((reply, count) -> {
            if (!reply.startsWith("2")) {
                problems.add(count + " events were answered " + reply);
            }
        });
        if (!lost.isEmpty()) {
            problems.add(lost.size() + " events were answered 2xx and are lost: " + lost.stream().limit(5).toList());
        }
        if (drained.compareTo(EMPTY_WITHIN) > 0) {
            problems.add("The outbox was not empty " + EMPTY_WITHIN.toSeconds() + " s after the last fault");
        }
        long unbalanced = samples.stream().filter(sample -> !sample.vitals().balanced()).count();
        if (unbalanced > 0) {
            problems.add("The books did not balance in " + unbalanced + " of " + samples.size() + " samples");
        }
        if (liveHeapAfter > liveHeapBefore * 1.2 + 16 * MEGA) {
            problems.add("What is live in the heap grew from " + liveHeapBefore / MEGA + " to " + liveHeapAfter / MEGA
                    + " MB");
        }
        if (most(Vitals::logBytes) > LARGEST_LOG) {
            problems.add("The store's log grew to " + most(Vitals::logBytes) / MEGA + " MB");
        }
        grows("resident bytes", Vitals::residentBytes, 1.1, 24 * MEGA, problems);
        grows("threads", Vitals::threads, 1.0, 8, problems);
        grows("descriptors", Vitals::descriptors, 1.2, 20, problems);
        return problems;
    }

    /** Flat is what has in the last round, by the median, no more than in an early one, within reason. */
    private void grows(String what, ToLongFunction<Vitals> value, double factor, long slack, List<String> problems) {
        long early = medianOf(earlyRound(), value);
        long last = medianOf(rounds, value);
        if (last > early * factor + slack) {
            problems.add("Their median of " + what + " grew from " + early + " in round " + earlyRound() + " to " + last
                    + " in round " + rounds);
        }
    }

    /** The first is still one of classes loaded and code compiled. */
    private int earlyRound() {
        return rounds > 2 ? 2 : 1;
    }

    private long medianOf(int round, ToLongFunction<Vitals> value) {
        Duration each = faultsTo.minus(faultsFrom).dividedBy(rounds);
        Duration from = faultsFrom.plus(each.multipliedBy(round - 1));
        long[] values = samples.stream().map(Sample::vitals)
                .filter(one -> one.at().compareTo(from) >= 0 && one.at().compareTo(from.plus(each)) < 0)
                .mapToLong(value).sorted().toArray();
        return values[values.length / 2];
    }

    private String rounds(ToLongFunction<Vitals> value, long unit) {
        StringBuilder text = new StringBuilder();
        for (int round = 1; round <= rounds; round++) {
            text.append(round == 1 ? "" : "  ").append(medianOf(round, value) / unit);
        }
        return text.toString();
    }

    @Override
    public String toString() {
        List<Double> p99s = samples.stream().map(Sample::p99Millis).sorted().toList();
        return String.format(Locale.ROOT, """
                Soak, %s
                  faults of each round        %s
                  answered                    %s
                  answered 2xx                %,d, lost %,d, on the bus twice %,d
                  empty after the last fault  %.1f s; the data lake told all after %.1f s
                  samples                     %,d, books out of balance in %,d of them
                  p99 of a sample             median %.1f ms, 95 of 100 within %.1f ms
                  live in the heap            %d MB before the faults, %d MB after all of them
                  by round, medians: resident %s MB
                                     threads  %s
                                     open     %s descriptors
                  most at once: resident %d MB, threads %d, descriptors %d, in the outbox %,d, notifications %,d,
                                     the store's log %d MB
                  dead letters at the end     %,d
                  wrong                       %s""",
                title(), spells.stream().limit(spells.size() / rounds).map(FaultCalendar.Spell::name).toList(),
                replies, accepted, lost.size(), duplicates, drained.toMillis() / 1e3, told.toMillis() / 1e3,
                samples.size(), samples.stream().filter(sample -> !sample.vitals().balanced()).count(),
                p99s.get(p99s.size() / 2), p99s.get(p99s.size() * 95 / 100), liveHeapBefore / MEGA,
                liveHeapAfter / MEGA, rounds(Vitals::residentBytes, MEGA), rounds(Vitals::threads, 1),
                rounds(Vitals::descriptors, 1), most(Vitals::residentBytes) / MEGA, most(Vitals::threads),
                most(Vitals::descriptors), most(Vitals::pending), most(Vitals::notifications),
                most(Vitals::logBytes) / MEGA,
                samples.get(samples.size() - 1).vitals().deadLetters(), problems().isEmpty() ? "nothing" : problems());
    }

    private long most(ToLongFunction<Vitals> value) {
        return samples.stream().map(Sample::vitals).mapToLong(value).max().orElse(0);
    }
}
