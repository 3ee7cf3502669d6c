package org.routingbridge.store;

import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The table of who hands out which ordering keys, where several bridges share a store: the keys are in 64 slots, and a
 * slot has one owner at a time. A set of slots is a mask, the lowest bit slot 0.
 */
public final class Slots {

    public static final int COUNT = 64;
    /** What an ordering key begins with is as good as chance, since a key is a digest in base64url. */
    static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    static final String DIGITS = "0123456789abcdef";

    /** @param owner null where it is nobody's */
    record Owned(int slot, UUID owner) {
    }

    private Slots() {
    }

    /** The slot of an ordering key, as the database reckons it too. */
    public static int of(String orderingKey) {
        return orderingKey.isEmpty() ? 0 : ALPHABET.indexOf(orderingKey.charAt(0)) & COUNT - 1;
    }

    public static boolean holds(long slots, int slot) {
        return (slots >>> slot & 1) == 1;
    }

    /** The slot of what is told of an event. */
    public static int ofEvent(String eventId) {
        int length = eventId.length();
        return (length > 0 ? DIGITS.indexOf(eventId.charAt(length - 1)) + 1 : 1) * 16
                + (length > 1 ? DIGITS.indexOf(eventId.charAt(length - 2)) + 1 : 1) & COUNT - 1;
    }

    static List<Owned> all(Session session) throws SQLException {
        return session.list(row -> new Owned(row.getInt(1),
                row.getString(2) == null ? null : UUID.fromString(row.getString(2))), "select slot, owner from slot");
    }

    static long ownedBy(List<Owned> slots, Predicate<UUID> owner) {
        return mask(slots.stream().filter(slot -> owner.test(slot.owner())).map(Owned::slot).toList());
    }

    /**
     * Takes free ones, and those of owners that are not among these.
     *
     * @param most so many at most
     * @return what was taken
     */
    static long take(Session session, UUID owner, Set<UUID> owners, int most) throws SQLException {
        String keepers = owners.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
        return mask(session.list(row -> row.getInt(1), "update slot set owner = ? where slot in (select slot from slot"
                + " where owner is null or owner != all (cast(? as text[])) order by slot limit ? for update skip"
                + " locked) returning slot", owner.toString(), keepers, most));
    }

    /** Gives some up; those that are another's by now stay so. */
    static void give(Session session, UUID owner, long slots) throws SQLException {
        session.update("update slot set owner = null where owner = ? and (cast(? as bigint) >> slot) & 1 = 1",
                owner.toString(), slots);
    }

    private static long mask(List<Integer> slots) {
        return slots.stream().mapToLong(slot -> 1L << slot).reduce(0, (some, more) -> some | more);
    }
}
