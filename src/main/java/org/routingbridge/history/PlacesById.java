package org.routingbridge.history;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * At which place of a ring the story of an id is. It holds numbers alone and makes nothing for an event; a map's nodes
 * would be copied by each collection for as long as an event is remembered. How ids are spread differs with each
 * process, so that nobody can send ids that all meet.
 */
final class PlacesById {

    static final int NONE = -1;

    private final EventStory[] ring;
    /** By the end of an id's hash: the first place; the others follow by {@link #next}. */
    private final int[] first;
    private final int[] next;
    private final long[] hashes;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private final long factor = ThreadLocalRandom.current().nextLong() | 1;

    /** @param ring whose stories know their ids */
    PlacesById(EventStory[] ring) {
        this.ring = ring;
        first = new int[Integer.highestOneBit(Math.max(1, ring.length)) * 2];
        next = new int[ring.length];
        hashes = new long[ring.length];
        Arrays.fill(first, NONE);
    }

    /** What an id is looked for by. */
    long hash(String id) {
        long even = seed;
        long odd = ~seed;
        int pairs = id.length() & ~1;
        // two rows of multiplications, since the next of one row has to wait for the last
        for (int i = 0; i < pairs; i += 2) {
            even = (even ^ id.charAt(i)) * factor;
            odd = (odd ^ id.charAt(i + 1)) * factor;
        }
        if (pairs < id.length()) {
            even = (even ^ id.charAt(pairs)) * factor;
        }
        long hash = (even ^ Long.rotateLeft(odd, 32)) * factor;
        return hash ^ hash >>> 32;
    }

    private int bucket(long hash) {
        return (int) hash & first.length - 1;
    }

    /**
     * The place of an id's story, or {@link #NONE}.
     *
     * @param hash of the id
     */
    int find(String id, long hash) {
        int place = first[bucket(hash)];
        while (place != NONE && (hashes[place] != hash || !ring[place].isOf(id))) {
            place = next[place];
        }
        return place;
    }

    /** The story of an id of this hash, which has none yet, is at a place, where no other is. */
    void add(long hash, int place) {
        hashes[place] = hash;
        next[place] = first[bucket(hash)];
        first[bucket(hash)] = place;
    }

    /** There is no story any more at a place where one was. */
    void remove(int place) {
        int bucket = bucket(hashes[place]);
        if (first[bucket] == place) {
            first[bucket] = next[place];
            return;
        }
        int before = first[bucket];
        while (next[before] != place) {
            before = next[before];
        }
        next[before] = next[place];
    }
}
