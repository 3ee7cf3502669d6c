package org.routingbridge.store;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.routingbridge.failure.LastingFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of the waiting rows this bridge hands out: all, or where several share the store those of the slots that it
 * owns, so that no two ever hand out the same key. The slots are shared out evenly among the bridges that are alive.
 * One that has too many gives some up once nothing of theirs is under way; one that has too few takes what is free,
 * and what belongs to a bridge that is gone, a little later than that one has stopped by itself. One that cannot
 * publish for a while, in which others can, leaves all of them to those.
 */
public final class SlotShare implements AutoCloseable {

    /** Somebody who hands out rows. */
    public interface Hands {

        /** Whether a row of this slot is on its way, or what became of it is not written down yet. */
        boolean isUnderWay(int slot);

        /** There may be rows that were somebody else's so far, and some that were read may be so from now on. */
        void changed();
    }

    /**
     * How often and how late.
     *
     * @param look    how often the table is looked at
     * @param grace   how long a slot stays with its owner after that one counts as gone: what it had begun then may
     *                still be under way, as long as a call of EventBridge may last by default
     * @param validity how long what was read last is taken for true
     */
    record Times(Duration look, Duration grace, Duration validity) {

        static final Times USUAL = new Times(Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofSeconds(4));
    }

    private static final Logger LOG = LoggerFactory.getLogger(SlotShare.class);
    private static final long ALL = -1;
    /** How many times the grace those are kept that nobody else took. */
    private static final int KEEPING = 6;
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final Store store;
    private final Membership membership;
    private final Times times;
    private final List<Hands> hands = new CopyOnWriteArrayList<>();
    private final Map<UUID, Long> goneSince = new HashMap<>();
    private final LastingFault fault = new LastingFault();
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "slots");
        thread.setDaemon(true);
        return thread;
    });
    private volatile long mine;
    private volatile long readAt = System.nanoTime();
    private volatile boolean wasOut = true;
    private long giving;
    /** Since when another bridge can publish; null where none can. */
    private Long othersPublishSince;
    /** Since when this one cannot; null where it can. */
    private Long cannotSince;
    /** Since when there are free ones that are others' to take; null where there are none. */
    private Long freeSince;
    private Set<UUID> keptFor = Set.of();
    private long keptSince;

    private SlotShare() {
        store = null;
        membership = null;
        times = Times.USUAL;
        mine = ALL;
    }

    SlotShare(Store store, Membership membership, Times times) {
        this.store = store;
        this.membership = membership;
        this.times = times;
    }

    /** Of the one bridge that there is. */
    static SlotShare all() {
        return new SlotShare();
    }

    void start() {
        if (membership != null) {
            looking.scheduleWithFixedDelay(this::look, 0, times.look().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    public void add(Hands some) {
        hands.add(some);
    }

    public void remove(Hands some) {
        hands.remove(some);
    }

    /** Whether other bridges hand out rows too. */
    public boolean isShared() {
        return membership != null;
    }

    /** Those whose rows may be handed out now, as a mask; none while it is not certain that they are still ours. */
    public long slots() {
        if (isKnown()) {
            return mine;
        }
        wasOut = true;
        return 0;
    }

    /** Whether it is certain which of them are ours now. */
    public boolean isKnown() {
        return membership == null
                || membership.isIn() && System.nanoTime() - readAt <= times.validity().toNanos();
    }

    /** Whether rows of a key may be handed out now. */
    public boolean holdsKey(String orderingKey) {
        return membership == null || Slots.holds(slots(), Slots.of(orderingKey));
    }

    /** Whether what is told of an event may be handed out now. */
    public boolean holdsEvent(String eventId) {
        return membership == null || Slots.holds(slots(), Slots.ofEvent(eventId));
    }

    private void look() {
        try {
            if (membership.isIn()) {
                divide();
            }
        } catch (RuntimeException e) {
            if (fault.isToBeTold()) {
                LOG.warn("Which waiting events are this bridge's cannot be looked up just now reason={}",
                        e.getMessage());
            }
        }
    }

    private void divide() {
        long began = System.nanoTime();
        Set<UUID> live = membership.live();
        List<Slots.Owned> slots = store.read(Slots::all);
        Set<UUID> keep = keepers(slots, live, began);
        long free = Slots.ownedBy(slots, owner -> !keep.contains(owner));
        long owned = Slots.ownedBy(slots, membership.instance()::equals);
        int share = share(live, began);
        giving &= owned;
        owned = giveUp(owned, isKeeping(live, began) ? 0 : Long.bitCount(owned) - share);
        int wanted = isLeftLying(free, share - Long.bitCount(owned), live, began) ? Slots.COUNT
                : share - Long.bitCount(owned);
        long taken = wanted > 0 && free != 0
                ? store.write(session -> Slots.take(session, membership.instance(), keep, wanted)).await() : 0;
        boolean isBack = wasOut;
        wasOut = false;
        mine = owned & ~giving | taken;
        readAt = began;
        if (taken != 0 || isBack) {
            hands.forEach(Hands::changed);
        }
    }

    /**
     * How many are to be this bridge's. They are shared out among those that can publish, and where none can among all,
     * so that each finds out when EventBridge is back.
     */
    private int share(Set<UUID> live, long now) {
        Set<UUID> publishing = new HashSet<>(membership.publishing());
        publishing.retainAll(live);
        publishing.remove(membership.instance());
        if (publishing.isEmpty()) {
            othersPublishSince = null;
        } else if (othersPublishSince == null) {
            othersPublishSince = now;
        }
        if (membership.publishes()) {
            cannotSince = null;
        } else if (cannotSince == null) {
            cannotSince = now;
        }
        if (!isLong(cannotSince, now)) {
            return shareAmong(publishing.size() + 1);
        }
        return isLong(othersPublishSince, now) ? 0 : shareAmong(live.size());
    }

    private static int shareAmong(int bridges) {
        return (Slots.COUNT + bridges - 1) / Math.max(1, bridges);
    }

    /** Longer than a call that is slow, and than others that are back first need to be followed. */
    private boolean isLong(Long since, long now) {
        return since != null && now - since >= times.grace().toNanos();
    }

    /**
     * Whether there have been free slots for a while that would be others': one of them counts as there and takes
     * none, such as one that cannot open the store. It is given time before something is given up for it once more.
     */
    private boolean isLeftLying(long free, int wanted, Set<UUID> live, long now) {
        if (free == 0 || wanted > 0) {
            freeSince = null;
            return false;
        }
        if (freeSince == null) {
            freeSince = now;
        }
        if (now - freeSince < times.grace().toNanos()) {
            return false;
        }
        freeSince = null;
        keptFor = live;
        keptSince = now;
        return true;
    }

    /** Whether what is more than our share is better kept, since of those that are there one took nothing lately. */
    private boolean isKeeping(Set<UUID> live, long now) {
        return live.equals(keptFor) && now - keptSince < times.grace().toNanos() * KEEPING;
    }

    /** Those whose slots are not to be taken. */
    private Set<UUID> keepers(List<Slots.Owned> slots, Set<UUID> live, long now) {
        goneSince.keySet().removeAll(live);
        Set<UUID> keep = new HashSet<>(live);
        keep.add(membership.instance());
        for (Slots.Owned slot : slots) {
            if (slot.owner() != null && !keep.contains(slot.owner())
                    && now - goneSince.computeIfAbsent(slot.owner(), gone -> now) < times.grace().toNanos()) {
                keep.add(slot.owner());
            }
        }
        return keep;
    }

    /** @return what is left */
    private long giveUp(long owned, int surplus) {
        for (int slot = Slots.COUNT - 1; slot >= 0 && Long.bitCount(giving) < surplus; slot--) {
            giving |= owned & 1L << slot;
        }
        // before anybody looks whether something of theirs is under way
        mine &= ~giving;
        long given = 0;
        for (int slot = 0; slot < Slots.COUNT; slot++) {
            if (Slots.holds(giving, slot) && !isUnderWay(slot)) {
                given |= 1L << slot;
            }
        }
        if (given != 0) {
            give(given);
            giving &= ~given;
            hands.forEach(Hands::changed);
        }
        return owned & ~given;
    }

    private boolean isUnderWay(int slot) {
        return hands.stream().anyMatch(some -> some.isUnderWay(slot));
    }

    private void give(long slots) {
        store.write(session -> {
            Slots.give(session, membership.instance(), slots);
            return null;
        }).await();
    }

    /** Gives up all that nothing is under way of, so that nobody has to wait until this bridge counts as gone. */
    @Override
    public void close() {
        looking.shutdown();
        if (membership == null) {
            return;
        }
        try {
            if (looking.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS) && store.failure() == null) {
                giveUp(Slots.ownedBy(store.read(Slots::all), membership.instance()::equals), Slots.COUNT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (StoreUnavailable e) {
            LOG.debug("The other bridges take what this one had once it counts as gone", e);
        }
    }
}
