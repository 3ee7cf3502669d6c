package org.routingbridge.cluster;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.routingbridge.cluster.Claims.Answer;

/** An id that was asked for, until there is an answer. */
final class AskedClaim {

    private final UUID id;
    private final long turn;
    private final String orderingKey;
    private final long deadline;
    private final long askedAt = System.nanoTime();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private volatile boolean elsewhere;

    /**
     * @param turn     the number by which the table knows this asking from others for the same id
     * @param deadline by {@link System#nanoTime()}
     */
    AskedClaim(UUID id, long turn, String orderingKey, long deadline) {
        this.id = id;
        this.turn = turn;
        this.orderingKey = orderingKey;
        this.deadline = deadline;
    }

    UUID id() {
        return id;
    }

    long turn() {
        return turn;
    }

    String orderingKey() {
        return orderingKey;
    }

    long deadline() {
        return deadline;
    }

    /** By {@link System#nanoTime()}. */
    long askedAt() {
        return askedAt;
    }

    /** Whether it is known to be in flight at another bridge. */
    boolean isElsewhere() {
        return elsewhere;
    }

    void foundElsewhere() {
        elsewhere = true;
    }

    /** Whether it was answered that another bridge has it, and there is nobody here who would end it. */
    boolean isGivenUp() {
        return answer.getNow(Answer.UNKNOWN).found() == Claims.Found.IN_FLIGHT;
    }

    CompletableFuture<Answer> answer() {
        return answer;
    }

    /** @return whether this is the first answer, and so the one that counts */
    boolean settle(Answer found) {
        return answer.complete(found);
    }
}
