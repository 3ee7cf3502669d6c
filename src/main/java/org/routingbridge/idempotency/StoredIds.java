package org.routingbridge.idempotency;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;

/**
 * Says of most ids that the store does not hold them, without asking it: a Bloom filter. An id that has left the store
 * stays in it until it is {@linkplain #renew renewed}, at the price of a look-up.
 */
final class StoredIds {

    /** Of 2 MB: with a million ids in the store one look-up in 80 is in vain. */
    private static final int BITS = 1 << 24;
    private static final long WORN = 1_000_000;
    /** How many ids that have left there are for each that is in the store, when it is worth the reading. */
    private static final int MOST_GONE = 4;

    private final AtomicLong added = new AtomicLong();
    private volatile AtomicLongArray words = new AtomicLongArray(BITS / Long.SIZE);
    /** What is being filled to take its place; null but for that time. */
    private volatile AtomicLongArray next;

    /** The store holds it by now. */
    void add(UUID id) {
        added.incrementAndGet();
        // in this order, or it could miss what has just taken the other's place
        AtomicLongArray renewed = next;
        set(words, id);
        if (renewed != null) {
            set(renewed, id);
        }
    }

    boolean mayHold(UUID id) {
        AtomicLongArray current = words;
        return isSet(current, (int) mix(id.getMostSignificantBits()))
                && isSet(current, (int) mix(id.getLeastSignificantBits()));
    }

    /** Whether most of what it knows has left the store, which holds so many. */
    boolean isWorn(long held) {
        return added.get() > WORN && added.get() / MOST_GONE > held;
    }

    /**
     * Forgets what has left. Ids may be added meanwhile: one that the reader does not see was added after it began, and
     * so to both.
     *
     * @param reader gives all ids that the store holds
     */
    void renew(Consumer<Consumer<UUID>> reader) {
        AtomicLongArray renewed = new AtomicLongArray(BITS / Long.SIZE);
        added.set(0);
        next = renewed;
        try {
            reader.accept(id -> {
                added.incrementAndGet();
                set(renewed, id);
            });
            words = renewed;
        } finally {
            next = null;
        }
    }

    /** Senders may number their ids, so that all bits count. */
    private static long mix(long bits) {
        return (bits ^ bits >>> 32) * 0x9E3779B97F4A7C15L >>> 40;
    }

    private static void set(AtomicLongArray words, UUID id) {
        set(words, (int) mix(id.getMostSignificantBits()));
        set(words, (int) mix(id.getLeastSignificantBits()));
    }

    private static void set(AtomicLongArray words, int bit) {
        long mask = 1L << (bit & 63);
        words.accumulateAndGet(bit >>> 6, mask, (word, added) -> word | added);
    }

    private static boolean isSet(AtomicLongArray words, int bit) {
        return (words.get(bit >>> 6) & 1L << (bit & 63)) != 0;
    }
}
