package org.routingbridge.simulator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The sandbox's books: what was sent and answered on one side, what the bus, the data lake and the audit log have on
 * the other. They balance when every event has one fate, the fate it should have, and the far side agrees with it.
 * Events that the stream did not send are counted apart.
 *
 * @param sent     how many events the stream sent
 * @param fates    what became of them
 * @param onTheBus how often each event was delivered, by its id
 * @param toldLake how often the data lake was told of each event, by its id
 * @param audit    lines of the audit log by status; empty where it was not or cannot be read to its end
 * @param replayed the events that an operator put back after they had been refused, by the audit log
 * @param received requests with the secret that the bridge counted; empty where it could not be asked
 * @param strict   whether the bridge ran with default settings and undisturbed, so that every answer is foreseeable
 */
record Books(long sent, List<EventFate> fates, Map<String, Integer> onTheBus, Map<String, Integer> toldLake,
             Optional<Map<String, Long>> audit, Set<String> replayed, OptionalLong received, boolean strict) {

    private static final int MOST_IDS = 10;
    private static final Set<Integer> AUDITED_REFUSALS = Set.of(400, 409, 413, 415);

    /** Without an operator. */
    Books(long sent, List<EventFate> fates, Map<String, Integer> onTheBus, Map<String, Integer> toldLake,
          Optional<Map<String, Long>> audit, OptionalLong received, boolean strict) {
        this(sent, fates, onTheBus, toldLake, audit, Set.of(), received, strict);
    }

    /**
     * The ids that must be on the bus: whatever the bridge said is, was or will be published, and the dead letters that
     * were put back.
     */
    Set<String> owed() {
        Set<String> owed = ids(fate -> fate.accepted() && !fate.word().equals("dead_lettered"));
        owed.removeAll(ids(fate -> fate.word().equals("dead_lettered") && !replayed.contains(fate.eventId())));
        owed.addAll(ids(fate -> fate.word().equals("dead_lettered") && replayed.contains(fate.eventId())));
        return owed;
    }

    /** The ids that must be on the bus and are not. */
    Set<String> missing() {
        Set<String> missing = owed();
        missing.removeAll(onTheBus.keySet());
        return missing;
    }

    /** The ids on the bus that the data lake has not heard of. */
    Set<String> untold() {
        Set<String> untold = new TreeSet<>(onTheBus.keySet());
        untold.removeAll(toldLake.keySet());
        return untold;
    }

    /** The ids on the bus that the stream did not send, but somebody by hand. */
    Set<String> sentByOthers() {
        Set<String> others = new TreeSet<>(onTheBus.keySet());
        others.removeAll(ids(fate -> true));
        return others;
    }

    /** How many requests the stream did not send, as far as the bridge or the bus shows. */
    private long requestsByOthers() {
        long own = fates.stream().mapToLong(EventFate::tries).sum();
        return Math.max(received.orElse(own) - own, sentByOthers().size());
    }

    /** What is wrong, a phrase each; empty when the books balance. */
    List<String> errors() {
        List<String> errors = new ArrayList<>();
        if (sent != fates.size()) {
            errors.add(sent + " sent, but " + fates.size() + " fates");
        }
        addIds(errors, "missing on the bus", missing());
        addIds(errors, "on the bus without having been accepted", extra());
        addIds(errors, "on the bus more than once", repeated());
        addIds(errors, "not told to the data lake", untold());
        if (strict) {
            Map<String, Long> surprises = countBy(fates.stream().filter(fate -> !fate.expected())
                    .map(fate -> fate.kind() + " answered " + fate.answer()).toList());
            surprises.forEach((surprise, n) -> errors.add(n + " x " + surprise));
            compareAudit(errors);
        }
        return errors;
    }

    /** The summary, without the verdict. */
    List<String> summary() {
        List<EventFate> refused = fates.stream().filter(fate -> fate.answered() && !fate.accepted()).toList();
        List<String> summary = new ArrayList<>(List.of(
                line("sent", sent, ""),
                line("  processed", count("processed"), ""),
                line("  queued", count("queued"), ""),
                line("  dead-lettered", count("dead_lettered"), ""),
                line("  duplicates", count("duplicate_skipped"), ""),
                line("  refused", refused.size(), text(countBy(refused.stream().map(EventFate::answer).toList()))),
                line("  unanswered", fates.stream().filter(fate -> !fate.answered()).count(), "")));
        if (requestsByOthers() > 0) {
            summary.add(line("sent by others", requestsByOthers(), "on the bus: " + sentByOthers().size()));
        }
        if (!replayed.isEmpty()) {
            summary.add(line("replayed", replayed.size(), "by an operator"));
        }
        summary.addAll(List.of(
                line("on the bus", onTheBus.size(), "once each: " + (repeated().isEmpty() ? "yes" : "no")),
                line("data lake", toldLake.size(), ""),
                audit.map(lines -> line("audit lines", lines.values().stream().mapToLong(n -> n).sum(), text(lines)))
                        .orElse(String.format(Locale.ROOT, "%-16s %6s", "audit lines", "-"))));
        return summary;
    }

    /** One sentence: whether the books balance, and if not why. */
    String verdict() {
        List<String> errors = errors();
        return errors.isEmpty() ? "The books balance." : "The books do NOT balance: " + String.join("; ", errors);
    }

    private Set<String> extra() {
        Set<String> extra = new TreeSet<>(onTheBus.keySet());
        extra.removeAll(owed());
        extra.removeAll(ids(this::undecided));
        extra.removeAll(sentByOthers());
        extra.removeAll(replayed);
        return extra;
    }

    /** An event without a word that counts may have been published and may have not. */
    private boolean undecided(EventFate fate) {
        return !fate.answered() || fate.status() >= 500 || fate.tries() > 1 || fate.word().equals("dead_lettered");
    }

    private Set<String> repeated() {
        return onTheBus.entrySet().stream().filter(entry -> entry.getValue() > 1).map(Map.Entry::getKey)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void compareAudit(List<String> errors) {
        if (audit.isEmpty()) {
            errors.add("no audit log");
            return;
        }
        long refused = fates.stream().filter(fate -> AUDITED_REFUSALS.contains(fate.status())).count();
        // An answer that got lost on the way has its line too, so that tries beyond the first allow for more lines, as
        // does what came by hand.
        boolean exact = fates.stream().allMatch(fate -> fate.answered() && fate.tries() == 1)
                && requestsByOthers() == 0 && replayed.isEmpty();
        compare(errors, "SUCCESS", onTheBus.values().stream().mapToLong(n -> n).sum(), true);
        compare(errors, "DUPLICATE", count("duplicate_skipped"), exact);
        compare(errors, "REJECTED", refused, exact);
    }

    private void compare(List<String> errors, String status, long expected, boolean exact) {
        long found = audit.orElseThrow().getOrDefault(status, 0L);
        if (exact ? found != expected : found < expected) {
            errors.add("the audit log has " + found + " " + status + " instead of " + expected);
        }
    }

    private Set<String> ids(Predicate<EventFate> which) {
        return fates.stream().filter(which).map(EventFate::eventId).collect(Collectors.toCollection(TreeSet::new));
    }

    private long count(String word) {
        return fates.stream().filter(fate -> fate.accepted() && fate.word().equals(word)).count();
    }

    private static void addIds(List<String> errors, String what, Set<String> ids) {
        if (!ids.isEmpty()) {
            errors.add(ids.size() + " " + what + " ("
                    + ids.stream().limit(MOST_IDS).collect(Collectors.joining(", "))
                    + (ids.size() > MOST_IDS ? ", ..." : "") + ")");
        }
    }

    private static String line(String name, long count, String remark) {
        return String.format(Locale.ROOT, "%-16s %6d  %s", name, count, remark).stripTrailing();
    }

    private static String text(Map<String, Long> counts) {
        return counts.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }

    private static Map<String, Long> countBy(Collection<String> words) {
        return words.stream().collect(Collectors.groupingBy(word -> word, TreeMap::new, Collectors.counting()));
    }
}
