package org.routingbridge.idempotency;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Says of most ids that the store does not hold them, without asking it: a Bloom filter. An id that has left the store
 * stays in it until the next start, at the price of a look-up.
 */
final class StoredIds {

    /** Of 2 MB: with a million ids in the store one look-up in 80 is in vain. */
    private static final int BITS = 1 << 24;

    private final AtomicLongArray words = new AtomicLongArray(BITS / Long.SIZE);

    void add(UUID id) {
        set((int) mix(id.getMostSignificantBits()));
        set((int) mix(id.getLeastSignificantBits()));
    }

    boolean mayHold(UUID id) {
        return isSet((int) mix(id.getMostSignificantBits())) && isSet((int) mix(id.getLeastSignificantBits()));
    }

    /** Senders may number their ids, so that all bits count. */
    private static long mix(long bits) {
        return (bits ^ bits >>> 32) * 0x9E3779B97F4A7C15L >>> 40;
    }

    private void set(int bit) {
        long mask = 1L << (bit & 63);
        words.accumulateAndGet(bit >>> 6, mask, (word, added) -> word | added);
    }

    private boolean isSet(int bit) {
        return (words.get(bit >>> 6) & 1L << (bit & 63)) != 0;
    }
}
