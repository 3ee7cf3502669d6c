package org.routingbridge.simulator;

import java.util.Set;

/** The kinds of events in a stream, each with the answers that a bridge with default settings may give. */
public enum EventKind {

    /** Nothing wrong with it. */
    VALID(31, Set.of("200 processed", "202 queued", "202 dead_lettered")),
    /** An event that was taken before, sent once more. */
    DUPLICATE(3, Set.of("200 duplicate_skipped")),
    /** Two minutes older than what its queue had before. */
    LATE(2, Set.of("409 ordering_violation")),
    /** A required property is missing. */
    INVALID(2, Set.of("400 schema_violation")),
    /** Too large for an entry, and not to be trimmed. */
    OVERSIZE(1, Set.of("413 entry_too_large")),
    /** Five minutes ahead of the clock. */
    FUTURE(1, Set.of("409 ordering_violation"));

    private final int inForty;
    private final Set<String> answers;

    EventKind(int inForty, Set<String> answers) {
        this.inForty = inForty;
        this.answers = answers;
    }

    /** How many of forty events are of this kind. */
    int inForty() {
        return inForty;
    }

    /** Whether it needs an event that was taken before. */
    boolean needsHistory() {
        return this == DUPLICATE || this == LATE;
    }

    /** Whether this answer, status and word, is one that it may get. */
    boolean expects(String answer) {
        return answers.contains(answer);
    }
}
