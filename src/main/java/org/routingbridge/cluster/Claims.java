package org.routingbridge.cluster;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * The ids that several bridges accept once among them: who has one in flight, and which are accepted. A bridge alone
 * knows that by itself.
 */
public interface Claims {

    /** What became of asking for an id. */
    enum Found {
        /** It is this bridge's now, until it is accepted or released. */
        OURS,
        /** It was accepted before. */
        ACCEPTED,
        /** Another bridge has it in flight still, and there is no time left to wait for what becomes of it. */
        IN_FLIGHT,
        /** The store does not answer: whoever asks decides by what it remembers, and ends it as if it were ours. */
        UNKNOWN
    }

    /**
     * What there is to know of an event when it comes.
     *
     * @param found         of its id
     * @param passedBefore  whether it has passed the order check at a bridge that failed then
     * @param newestMillis  its ordering key's watermark, in milliseconds since the epoch; null where there is none
     * @param isKeyWaiting  whether events of its ordering key wait in the outbox
     */
    record Answer(Found found, boolean passedBefore, Long newestMillis, boolean isKeyWaiting) {

        public static final Answer UNKNOWN = new Answer(Found.UNKNOWN, false, null, false);
        public static final Answer ACCEPTED = new Answer(Found.ACCEPTED, false, null, false);
        public static final Answer IN_FLIGHT = new Answer(Found.IN_FLIGHT, false, null, false);
    }

    /** Of a bridge alone. */
    Claims NONE = new Claims() {
        @Override
        public boolean areShared() {
            return false;
        }

        @Override
        public CompletableFuture<Answer> claim(UUID id, String orderingKey, long deadline) {
            return CompletableFuture.completedFuture(Answer.UNKNOWN);
        }

        @Override
        public CompletableFuture<Void> accept(UUID id, String orderingKey, Long newestMillis) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> kept(UUID id, String orderingKey, Long newestMillis) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public boolean isBegun(UUID id) {
            return false;
        }

        @Override
        public void release(UUID id, boolean passed) {
        }

        @Override
        public void forget(UUID id) {
        }

        @Override
        public Executor afterwards() {
            return Runnable::run;
        }
    };

    /** Whether there are other bridges that may have claims. */
    boolean areShared();

    /**
     * Asks for an id, of which this bridge has none in flight.
     *
     * @param deadline by {@link System#nanoTime()}, until when an id in flight elsewhere is waited for
     * @return never fails, and ends on a thread that is not to be held
     */
    CompletableFuture<Answer> claim(UUID id, String orderingKey, long deadline);

    /**
     * The event of an id is safe.
     *
     * @param orderingKey  whose watermark moves up to it
     * @param newestMillis the event's time; null where no watermark moves
     * @return ends when all bridges know, or when that takes too long and is seen to later; never fails
     */
    CompletableFuture<Void> accept(UUID id, String orderingKey, Long newestMillis);

    /**
     * The same where the store holds the event, with which its id was accepted: what is left is the watermark.
     *
     * @see org.routingbridge.store.ClaimTable#accept
     */
    CompletableFuture<Void> kept(UUID id, String orderingKey, Long newestMillis);

    /** Whether it was asked for and has been neither accepted nor released since. */
    boolean isBegun(UUID id);

    /**
     * The event of an id could not be made safe: its next try is welcome, at any bridge.
     *
     * @param passed whether it had passed the order check, and is to pass it again
     */
    void release(UUID id, boolean passed);

    /** An accepted event was lost, so that it is welcome again. */
    void forget(UUID id);

    /** The threads on which to go on after an answer, where there is no better one. */
    Executor afterwards();
}
