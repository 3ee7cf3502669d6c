package org.routingbridge.cluster;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Events in flight about whose ids the other bridges could not be asked: one of them may have been accepted elsewhere.
 */
public final class Undeduplicated {

    private final Set<String> ids = ConcurrentHashMap.newKeySet();
    private final AtomicLong count = new AtomicLong();

    public void add(String id) {
        count.incrementAndGet();
        ids.add(id);
    }

    public void remove(String id) {
        ids.remove(id);
    }

    public boolean contains(String id) {
        return id != null && ids.contains(id);
    }

    /** Since the start. */
    public long count() {
        return count.get();
    }
}
