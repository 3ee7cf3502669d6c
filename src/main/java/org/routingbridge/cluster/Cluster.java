package org.routingbridge.cluster;

import java.util.function.BooleanSupplier;

import org.routingbridge.settings.Settings;
import org.routingbridge.store.PostgresAddress;
import org.routingbridge.store.SteadyClock;

/** What a bridge has of the others on the same store; nothing where the store is its own. */
public final class Cluster implements AutoCloseable {

    private final PostgresAddress address;
    private final Members members;
    private final SharedClaims claims;

    private Cluster(PostgresAddress address, Members members, SharedClaims claims) {
        this.address = address;
        this.members = members;
        this.claims = claims;
    }

    /** @param clock follows the store's where that is shared */
    public static Cluster of(Settings settings, SteadyClock clock) {
        if (!settings.sharedStore()) {
            return new Cluster(null, null, null);
        }
        PostgresAddress address = new PostgresAddress(settings.storeUrl(), settings.storeUser(),
                settings.storePassword());
        Members members = new Members(address, settings, clock::follow);
        return new Cluster(address, members, new SharedClaims(address, members, settings.idempotencyTtl(),
                settings.idempotencyMaxEntries()));
    }

    /**
     * Joins the others, or begins to try to.
     *
     * @throws org.routingbridge.settings.InvalidSettings where they have other settings
     * @throws org.routingbridge.store.StoreUnusable      where they have another version
     */
    public void join() {
        if (members != null) {
            members.start();
            claims.start();
        }
    }

    /** Where the shared store is; null where there is none. */
    public PostgresAddress address() {
        return address;
    }

    /** The bridges on the shared store; null where there is none. */
    public Members members() {
        return members;
    }

    /** How this bridge knows whether it can publish what waits, which the others then do for it. */
    public void publishing(BooleanSupplier canPublish) {
        if (members != null) {
            members.publishing(canPublish);
        }
    }

    public Claims claims() {
        return claims == null ? Claims.NONE : claims;
    }

    /** Why the others cannot be asked just now, in a sentence, or null. */
    public String failure() {
        return members == null ? null : members.failure() != null ? members.failure() : claims.failure();
    }

    @Override
    public void close() {
        if (members != null) {
            claims.close();
            members.close();
        }
    }
}
