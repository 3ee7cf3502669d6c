package org.routingbridge.cluster;

import org.routingbridge.store.ClaimTable;

/** What is said about claims, each in one statement for any number of them. */
final class ClaimStatements {

    /** After which one that was not heard of counts as dead, whose claims are free. */
    static final int SILENCE_SECONDS = 6;
    /** The same for a statement. */
    static final String LONGEST_SILENCE = "interval '" + SILENCE_SECONDS + " s'";

    /**
     * Plans are made when the tables are empty, and kept. Whatever they hold then, rows are found by their keys.
     *
     * @see <a href="https://www.postgresql.org/docs/current/runtime-config-query.html">PostgreSQL: query planning</a>
     */
    private static final String BY_KEYS = "set enable_seqscan = off; set enable_hashjoin = off;"
            + " set enable_mergejoin = off; set jit = off";
    /** A claim that a crash of the server forgets is asked for again. */
    static final String PREPARE_CLAIMS = BY_KEYS + "; set synchronous_commit = off";
    static final String PREPARE_ENDINGS = BY_KEYS;

    /** Parameters: our instance, how long ids count in milliseconds. */
    private static final String IS_FREE = "(claim.state = " + ClaimTable.FREE
            + " or claim.state = " + ClaimTable.ACCEPTED + " and claim.accepted_at <= " + ClaimTable.NOW + " - us.ttl"
            + " or claim.state = " + ClaimTable.IN_FLIGHT + " and (claim.owner = us.instance or not exists ("
            + "select 1 from member where member.instance = claim.owner and not member.gone"
            + " and member.seen_at > clock_timestamp() - " + LONGEST_SILENCE + ")))";

    /**
     * Takes what is free and tells of the rest. What is not free is not touched, so that nobody waits for who has it.
     * In the order of ids, so that two bridges never wait for each other. One that dies with an event in flight may
     * have let it pass the order check, so that it passes.
     *
     * <p>Parameters: instance, time to live; ids, turns, keys; instance. Columns: id, whether it is ours now, whether
     * it passed before, whether it was accepted, the key's watermark, whether the key has rows in the outbox.
     */
    static final String CLAIM = "with us as (select ?::uuid as instance, ?::bigint as ttl),"
            + " asked as (select * from unnest(?::uuid[], ?::bigint[], ?::text[]) as asked (id, turn, key)),"
            + " taken as (insert into claim (id, owner, turn, state, passed, accepted_at, since)"
            + " select asked.id, us.instance, asked.turn, " + ClaimTable.IN_FLIGHT + ", false, " + ClaimTable.NOW + ", "
            + ClaimTable.NOW + " from asked, us"
            + " where not exists (select 1 from claim where claim.id = asked.id and not " + IS_FREE + ")"
            + " order by asked.id"
            + " on conflict (id) do update set owner = excluded.owner, turn = excluded.turn, state = excluded.state,"
            + " passed = claim.state = " + ClaimTable.IN_FLIGHT + " or claim.state = " + ClaimTable.FREE
            + " and claim.passed, accepted_at = excluded.accepted_at, since = excluded.since"
            + " where " + IS_FREE.replace("us.ttl", "(select ttl from us)")
            .replace("us.instance", "(select instance from us)")
            + " returning id, passed)"
            + " select asked.id, taken.id is not null, coalesce(taken.passed, false),"
            + " coalesce(claim.state in (" + ClaimTable.ACCEPTED + ", " + ClaimTable.HELD + "), false),"
            + " watermark.newest, exists (select 1 from outbox where outbox.ordering_key = asked.key)"
            + " from asked left join taken on taken.id = asked.id left join claim on claim.id = asked.id"
            + " left join watermark on watermark.key = asked.key";

    /**
     * Looks at what is in flight elsewhere, and holds up nobody.
     *
     * <p>Parameters: instance, time to live; ids. Columns: id, whether it is free, whether it was accepted.
     */
    static final String LOOK = "with us as (select ?::uuid as instance, ?::bigint as ttl)"
            + " select asked.id, claim.id is null or " + IS_FREE + ","
            + " coalesce(claim.state in (" + ClaimTable.ACCEPTED + ", " + ClaimTable.HELD + "), false)"
            + " from unnest(?::uuid[]) as asked (id) cross join us left join claim on claim.id = asked.id";

    /**
     * These are safe. What the store holds, or was accepted already, stays as it is.
     *
     * <p>Parameters: instance; ids, how many milliseconds ago each was accepted; keys, their watermarks.
     */
    static final String ACCEPT = "with accepted as ("
            + "insert into claim (id, owner, turn, state, passed, accepted_at, since)"
            + " select asked.id, ?::uuid, 0, " + ClaimTable.ACCEPTED + ", true, " + ClaimTable.NOW + " - asked.ago, "
            + ClaimTable.NOW + " from unnest(?::uuid[], ?::bigint[]) as asked (id, ago) order by asked.id"
            + " on conflict (id) do update set state = excluded.state, accepted_at = excluded.accepted_at"
            + " where claim.state in (" + ClaimTable.IN_FLIGHT + ", " + ClaimTable.FREE + "))"
            + " insert into watermark (key, newest, touched)"
            + " select asked.key, asked.newest, " + ClaimTable.NOW
            + " from unnest(?::text[], ?::bigint[]) as asked (key, newest) order by asked.key"
            + " on conflict (key) do update set newest = greatest(watermark.newest, excluded.newest),"
            + " touched = excluded.touched";

    /**
     * These were in flight here and are not any more. Parameters: ids, turns, whether each has passed the order check;
     * instance.
     */
    static final String RELEASE = "update claim set state = " + ClaimTable.FREE
            + ", passed = claim.passed or asked.passed"
            + " from unnest(?::uuid[], ?::bigint[], ?::boolean[]) as asked (id, turn, passed)"
            + " where claim.id = asked.id and claim.turn = asked.turn and claim.owner = ?"
            + " and claim.state = " + ClaimTable.IN_FLIGHT;

    /** Parameters: ids. */
    static final String DELETE_UNPASSED = "delete from claim where id = any (?::uuid[]) and state = " + ClaimTable.FREE
            + " and not passed";

    /** Parameters: ids. */
    static final String FORGET = "delete from claim where id = any (?::uuid[])";

    /** What a bridge has in flight by the table. Parameters: after which moment, until which one; instance. */
    static final String IN_FLIGHT = "select id, turn from claim where since > ? and since <= ? and state = "
            + ClaimTable.IN_FLIGHT + " and owner = ?";

    /**
     * Some of what is over. Parameters: since how long they are there, since how long they are accepted, how many.
     */
    static final String PURGE = "delete from claim where id in (select id from claim where since < " + ClaimTable.NOW
            + " - ? and (state = " + ClaimTable.ACCEPTED + " and accepted_at < " + ClaimTable.NOW + " - ?"
            + " or state in (" + ClaimTable.IN_FLIGHT + ", " + ClaimTable.FREE
            + ")) order by since limit ? for update skip locked)";

    /** The oldest of so many that are too many. Parameters: how many at most. */
    static final String PURGE_OLDEST = "delete from claim where id in (select id from claim where state = "
            + ClaimTable.ACCEPTED + " order by since limit ? for update skip locked)";
    static final String COUNT = "select count(*) from claim where state = " + ClaimTable.ACCEPTED;

    /** Keys that have been idle for so many milliseconds. */
    static final String PURGE_KEYS = "delete from watermark where key in (select key from watermark where touched < "
            + ClaimTable.NOW + " - ? for update skip locked)";
    /** Of so many keys that are too many. Parameters: how many there may be. */
    static final String PURGE_OLDEST_KEYS = "delete from watermark where key in"
            + " (select key from watermark order by touched desc offset ? for update skip locked)";

    /** For how long the numbers of a bridge that has ended are shown. */
    static final String A_DAY = "interval '24 h'";
    static final String PURGE_MEMBERS = "delete from member where seen_at < clock_timestamp() - " + A_DAY;

    private ClaimStatements() {
    }
}
