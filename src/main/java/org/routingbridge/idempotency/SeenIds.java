package org.routingbridge.idempotency;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * Ids and when each was accepted, the newest so many of them, for so long: a million in 46 MB, where a cache of
 * objects takes 230 MB. Each is kept as 128 bits, in a ring in the order of coming, so that the oldest goes first, and
 * is found by a table of places in the ring (open addressing, linear probing). An id in lower case is its own 128 bits,
 * another spelling is the UUID version 3 of it, so that ids are compared as received.
 *
 * <p>Times are epoch milliseconds. Any thread may use it.
 */
final class SeenIds {

    /** Where an id has its dashes. */
    private static final String DASHES = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    private static final int SMALLEST = 1024;
    private static final int LARGEST = 1 << 28;
    private static final int FREE = -1;

    private final int mostIds;
    private final int shortestRing;
    /** Some more than the ids, for what is accepted anew leaves its old place behind until that is the oldest. */
    private final int longestRing;
    private final long ttlMillis;
    private long[] mostSignificant;
    private long[] leastSignificant;
    private long[] acceptedAt;
    private int oldest;
    private int used;
    /** Places in the ring, by hash; more of them than the ring has, so that probing stays short. */
    private int[] table;
    private int size;

    SeenIds(long mostIds, long ttlMillis) {
        this.mostIds = (int) Math.min(LARGEST, mostIds);
        this.ttlMillis = ttlMillis;
        longestRing = this.mostIds + this.mostIds / 4 + 1;
        shortestRing = Math.min(longestRing, SMALLEST);
        allocate(shortestRing);
    }

    private void allocate(int capacity) {
        mostSignificant = new long[capacity];
        leastSignificant = new long[capacity];
        acceptedAt = new long[capacity];
        table = new int[Integer.highestOneBit(Math.max(1, capacity - 1)) << 2];
        Arrays.fill(table, FREE);
    }

    private static UUID key(String id) {
        return isLowerCase(id) ? UUID.fromString(id) : UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether the id is 8-4-4-4-12 hex digits and none of them a capital. */
    private static boolean isLowerCase(String id) {
        if (id.length() != DASHES.length()) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean fits = DASHES.charAt(i) == '-' ? c == '-' : c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    /** Whether the id was accepted within the time that counts. */
    synchronized boolean contains(String id, long now) {
        int slot = find(key(id));
        return table[slot] != FREE && !isExpired(table[slot], now);
    }

    /** The id is accepted at this time, whatever was known of it. */
    synchronized void put(String id, long at, long now) {
        put(key(id), at, now);
    }

    /** The id was accepted at this time, unless that is known already. */
    synchronized void putIfAbsent(String id, long at, long now) {
        UUID key = key(id);
        int slot = find(key);
        if (table[slot] == FREE || isExpired(table[slot], now)) {
            put(key, at, now);
        }
    }

    private void put(UUID key, long at, long now) {
        remove(key);
        while (used > 0 && (isLeft(oldest) || isExpired(oldest, now) || size == mostIds)) {
            dropOldest();
        }
        if (used == acceptedAt.length) {
            moveTo(Math.min(longestRing, size * 2));
        }
        int place = (oldest + used++) % acceptedAt.length;
        mostSignificant[place] = key.getMostSignificantBits();
        leastSignificant[place] = key.getLeastSignificantBits();
        acceptedAt[place] = at;
        table[find(key)] = place;
        size++;
    }

    /** The id was never accepted. */
    synchronized void remove(String id) {
        remove(key(id));
    }

    synchronized void clear() {
        Arrays.fill(table, FREE);
        oldest = 0;
        used = 0;
        size = 0;
    }

    synchronized int size() {
        return size;
    }

    private boolean isExpired(int place, long now) {
        return now - acceptedAt[place] >= ttlMillis;
    }

    /** Whether the table no longer leads to this place of the ring. */
    private boolean isLeft(int place) {
        return table[find(mostSignificant[place], leastSignificant[place])] != place;
    }

    private void dropOldest() {
        if (!isLeft(oldest)) {
            free(find(mostSignificant[oldest], leastSignificant[oldest]));
        }
        oldest = (oldest + 1) % acceptedAt.length;
        used--;
    }

    private void remove(UUID key) {
        int slot = find(key);
        if (table[slot] != FREE) {
            free(slot);
        }
    }

    private int find(UUID key) {
        return find(key.getMostSignificantBits(), key.getLeastSignificantBits());
    }

    /** The slot of the id, or the free one where it would be. */
    private int find(long most, long least) {
        int slot = home(most, least);
        while (table[slot] != FREE
                && (mostSignificant[table[slot]] != most || leastSignificant[table[slot]] != least)) {
            slot = slot + 1 & table.length - 1;
        }
        return slot;
    }

    /** Senders may number their ids, so that all bits count. */
    private int home(long most, long least) {
        long mixed = (most ^ Long.rotateLeft(least, 32)) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & table.length - 1;
    }

    /** Frees a slot and moves up those behind it that would not be found across the gap. */
    private void free(int slot) {
        int gap = slot;
        for (int next = gap + 1 & table.length - 1; table[next] != FREE; next = next + 1 & table.length - 1) {
            int home = home(mostSignificant[table[next]], leastSignificant[table[next]]);
            if ((next - home & table.length - 1) >= (next - gap & table.length - 1)) {
                table[gap] = table[next];
                gap = next;
            }
        }
        table[gap] = FREE;
        size--;
    }

    /** Into a ring of this length, without what has been left. */
    private void moveTo(int length) {
        long[] most = mostSignificant;
        long[] least = leastSignificant;
        long[] at = acceptedAt;
        int[] places = new int[size];
        int kept = 0;
        for (int i = 0; i < used; i++) {
            int place = (oldest + i) % at.length;
            if (!isLeft(place)) {
                places[kept++] = place;
            }
        }
        allocate(Math.max(shortestRing, length));
        for (int i = 0; i < kept; i++) {
            mostSignificant[i] = most[places[i]];
            leastSignificant[i] = least[places[i]];
            acceptedAt[i] = at[places[i]];
            table[find(most[places[i]], least[places[i]])] = i;
        }
        oldest = 0;
        used = kept;
    }
}
