package org.routingbridge.store;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The table of who hands out which ordering keys, where several bridges share a store: the keys are in 64 slots, and a
 * slot has one owner at a time. A set of slots is a mask, the lowest bit slot 0.
 */
public final class Slots {

    public static final int COUNT = 64;
    /** What an ordering key begins with is as good as chance, since a key is a digest in base64url. */
    static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private Slots() {
    }

    /** The slot of an ordering key, as the database reckons it too. */
    public static int of(String orderingKey) {
        return orderingKey.isEmpty() ? 0 : ALPHABET.indexOf(orderingKey.charAt(0)) & COUNT - 1;
    }

    public static boolean holds(long slots, int slot) {
        return (slots >>> slot & 1) == 1;
    }

    /** Those that a bridge owns. */
    public static long ownedBy(Session session, UUID owner) throws SQLException {
        return mask(session.list(row -> row.getInt(1), "select slot from slot where owner = ?", owner.toString()));
    }

    /**
     * Takes free ones, and those of owners that are not among these.
     *
     * @param most so many at most
     * @return what was taken
     */
    public static long take(Session session, UUID owner, List<UUID> owners, int most) throws SQLException {
        String alive = owners.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
        return mask(session.list(row -> row.getInt(1), "update slot set owner = ? where slot in (select slot from slot"
                + " where owner is null or owner != all (cast(? as text[])) order by slot limit ? for update skip"
                + " locked) returning slot", owner.toString(), alive, most));
    }

    /** Gives some up; those that are another's by now stay so. */
    public static void give(Session session, UUID owner, long slots) throws SQLException {
        session.update("update slot set owner = null where owner = ? and (cast(? as bigint) >> slot) & 1 = 1",
                owner.toString(), slots);
    }

    private static long mask(List<Integer> slots) {
        return slots.stream().mapToLong(slot -> 1L << slot).reduce(0, (some, more) -> some | more);
    }
}
