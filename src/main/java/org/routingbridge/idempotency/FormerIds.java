package org.routingbridge.idempotency;

import java.util.UUID;

/**
 * What an earlier process has accepted, and when, while the repository is filled with it: made of a million ids in a
 * fraction of a second. It is filled by one thread, before others look into it.
 */
final class FormerIds {

    static final long NEVER = Long.MIN_VALUE;

    private static final long LEAST = 1 << 10;
    private static final long MOST = 1 << 26;
    /** Of an id and its time. */
    private static final int WIDTH = 3;

    private final long[] slots;
    private final int mask;

    /** @param most ids at most */
    FormerIds(long most) {
        // at most two in three are taken
        long places = Long.highestOneBit(Math.max(LEAST, Math.min(most, MOST)) * 3 / 2) << 1;
        slots = new long[Math.toIntExact(places * WIDTH)];
        mask = (int) places - 1;
    }

    /** The first time that is told of an id counts. */
    void add(UUID id, long acceptedAt) {
        int slot = slot(id);
        if (slots[slot + 2] != 0) {
            return;
        }
        slots[slot] = id.getMostSignificantBits();
        slots[slot + 1] = id.getLeastSignificantBits();
        slots[slot + 2] = acceptedAt ^ NEVER;
    }

    /** When it was accepted, or {@link #NEVER}. */
    long acceptedAt(UUID id) {
        return slots[slot(id) + 2] ^ NEVER;
    }

    /** Where it is, or would be. */
    private int slot(UUID id) {
        long high = id.getMostSignificantBits();
        long low = id.getLeastSignificantBits();
        int place = (int) ((high ^ Long.rotateLeft(low, 32)) * 0x9E3779B97F4A7C15L >>> 32) & mask;
        while (slots[place * WIDTH + 2] != 0
                && (slots[place * WIDTH] != high || slots[place * WIDTH + 1] != low)) {
            place = place + 1 & mask;
        }
        return place * WIDTH;
    }
}
