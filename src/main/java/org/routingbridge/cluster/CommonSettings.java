package org.routingbridge.cluster;

import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.StoreUnusable;

/**
 * What bridges that share a store have to agree on (contract, section 10), as it stands in the store. Of the webhook's
 * secret there is a digest that is slow to compute, so that it cannot be found from there.
 */
final class CommonSettings {

    private static final String TABLES = "schema version";
    private static final String SALT = "secret salt";
    private static final String SECRETS = "bridge.webhook.secret";
    private static final String PUBLIC_URL = "bridge.public.url";
    private static final int SALT_BYTES = 16;
    private static final int DIGEST_BITS = 256;

    private final Map<String, String> ours = new LinkedHashMap<>();
    private final List<String> secrets;
    private final int rounds;
    /** Of the salt that was there when we last joined; null before that. */
    private Digests digests;

    /** Of our secrets, with the salt that the bridges of a store share. */
    private record Digests(String salt, List<String> ofSecrets) {
    }

    /**
     * @param rounds of the digest, the same for all bridges of a store
     */
    CommonSettings(Settings settings, int rounds) {
        this.rounds = rounds;
        ours.put("bridge.eventbridge.bus", settings.eventBus());
        if (settings.publicUrl() != null) {
            ours.put(PUBLIC_URL, URI.create(settings.publicUrl()).getPath());
        }
        ours.put("bridge.idempotency.ttl", settings.idempotencyTtl().toMillis() + "ms");
        ours.put("bridge.idempotency.max.entries", Long.toString(settings.idempotencyMaxEntries()));
        secrets = settings.webhookSecrets();
    }

    /**
     * Holds ours against those of the bridges that are there, and writes ours down where there is none. In the
     * transaction under way.
     *
     * @throws InvalidSettings where they differ
     * @throws StoreUnusable   where the tables are a newer version's, or another one's that is in use
     */
    void agree(Connection connection, boolean others) throws SQLException {
        Map<String, String> theirs = read(connection);
        int version = Integer.parseInt(theirs.getOrDefault(TABLES, Integer.toString(ClusterTables.VERSION)));
        // older ones have been brought up to ours where nobody else uses them
        if (version > ClusterTables.VERSION || others && version != ClusterTables.VERSION) {
            throw new StoreUnusable(Settings.nameOf("bridge.store.url") + ": names a store with tables of version "
                    + version + ", and this bridge has version " + ClusterTables.VERSION
                    + "; stop all bridges of it and start those of the newer version");
        }
        String salt = theirs.getOrDefault(SALT, newSalt());
        if (digests == null || !digests.salt.equals(salt)) {
            // kept: a bridge that joins again would hold up for as long as this takes those that join meanwhile
            digests = new Digests(salt, secrets.stream().map(secret -> digest(secret, salt)).toList());
        }
        if (others) {
            compare(theirs, digests.ofSecrets);
        }
        Map<String, String> agreed = new HashMap<>(ours);
        agreed.put(TABLES, Integer.toString(ClusterTables.VERSION));
        agreed.put(SALT, salt);
        // of the last one that came, which is the one to follow while a secret is being rotated
        agreed.put(SECRETS, String.join(" ", digests.ofSecrets));
        write(connection, agreed);
    }

    private void compare(Map<String, String> theirs, List<String> ofSecrets) {
        List<String> problems = new ArrayList<>();
        ours.forEach((name, value) -> {
            String other = theirs.get(name);
            if (other != null && !other.equals(value)) {
                problems.add(Settings.nameOf(name) + ": " + (name.equals(PUBLIC_URL) ? "its path is " : "is ") + value
                        + " here and " + other + " at the bridges that run on the same store; give all of them the"
                        + " same, or stop them first");
            }
        });
        List<String> others = Arrays.asList(theirs.getOrDefault(SECRETS, "").split(" "));
        if (theirs.containsKey(SECRETS) && ofSecrets.stream().noneMatch(others::contains)) {
            problems.add(Settings.nameOf(SECRETS) + ": is another one than that of the bridges that run on the same"
                    + " store; give all of them the same, or the old one as bridge.webhook.secret.previous while it is"
                    + " being rotated");
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
    }

    private static Map<String, String> read(Connection connection) throws SQLException {
        Map<String, String> settings = new HashMap<>();
        try (Statement statement = connection.createStatement();
             ResultSet rows = statement.executeQuery("select name, value from common_settings")) {
            while (rows.next()) {
                settings.put(rows.getString(1), rows.getString(2));
            }
        }
        return settings;
    }

    private static void write(Connection connection, Map<String, String> settings) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("insert into common_settings (name, value)"
                + " values (?, ?) on conflict (name) do update set value = excluded.value")) {
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                statement.setString(1, setting.getKey());
                statement.setString(2, setting.getValue());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static String newSalt() {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return HexFormat.of().formatHex(salt);
    }

    private String digest(String secret, String salt) {
        try {
            PBEKeySpec spec = new PBEKeySpec(secret.toCharArray(), HexFormat.of().parseHex(salt), rounds, DIGEST_BITS);
            return HexFormat.of().formatHex(SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec)
                    .getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has PBKDF2", e);
        }
    }
}
