package org.routingbridge.store;

import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Bridges that share a fresh PostgreSQL database, with their parts in it, in a test's time: all waits are short. */
public final class SharedStoreForTests {

    private final String url = PostgresForTests.url();
    private final Duration grace;
    private final Set<Bridge> bridges = ConcurrentHashMap.newKeySet();
    private final Set<UUID> strangers = ConcurrentHashMap.newKeySet();

    public SharedStoreForTests() {
        this(Duration.ofMillis(300));
    }

    /** @param grace for which a slot stays where it is */
    public SharedStoreForTests(Duration grace) {
        this.grace = grace;
    }

    /** One of them, which the others know of. */
    public final class Bridge implements Membership, AutoCloseable {

        private final UUID instance = UUID.randomUUID();
        private final Store store;
        private volatile boolean isIn = true;
        private volatile boolean publishes = true;

        private Bridge() {
            bridges.add(this);
            store = new Store(new PostgresAddress(url, null, null), this, new SteadyClock(),
                    new SlotShare.Times(Duration.ofMillis(50), grace, Duration.ofSeconds(2)));
            store.start();
        }

        public Store store() {
            return store;
        }

        /** It holds itself for out, and to the others it is gone. */
        public void die() {
            isIn = false;
            bridges.remove(this);
        }

        /** It is in again. */
        public void comeBack() {
            bridges.add(this);
            isIn = true;
        }

        /** It finds out whether it can publish. */
        public void publishes(boolean canPublish) {
            publishes = canPublish;
        }

        @Override
        public UUID instance() {
            return instance;
        }

        @Override
        public Set<UUID> live() {
            return Stream.concat(strangers.stream(), bridges.stream().map(Bridge::instance))
                    .collect(Collectors.toSet());
        }

        @Override
        public Set<UUID> publishing() {
            return Stream.concat(strangers.stream(), bridges.stream().filter(Bridge::publishes).map(Bridge::instance))
                    .collect(Collectors.toSet());
        }

        @Override
        public boolean publishes() {
            return publishes;
        }

        @Override
        public boolean isIn() {
            return isIn;
        }

        @Override
        public void close() {
            store.close();
            bridges.remove(this);
        }
    }

    /** One that the others count on, and that cannot open the store. */
    public void joinWithoutStore() {
        strangers.add(UUID.randomUUID());
    }

    public Bridge open() {
        return new Bridge();
    }
}
