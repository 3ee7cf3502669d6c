package org.routingbridge.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonPointer;
import org.apache.camel.util.TimeUtils;

/**
 * The settings of one run, read once and checked as a whole (contract, section 2). Secrets are reachable by their own
 * accessors only and never part of {@link #toString()}.
 */
public final class Settings {

    /** What {@code bridge.ordering.policy} may say. */
    public enum OrderingPolicy { REJECT, FLAG, OFF }

    /** What {@code bridge.oversize.policy} may say. */
    public enum OversizePolicy { TRIM, CHUNK, REJECT }

    /** AWS's limit of an entry since January 2026, a little under 1 MB (contract, section 2). */
    private static final long LARGEST_ENTRY = 1_000_000;
    private static final Pattern BUS = Pattern.compile(
            "arn:aws[a-z-]*:events:[a-z0-9-]+:\\d{12}:event-bus/[/.\\-_A-Za-z0-9]{1,256}|[/.\\-_A-Za-z0-9]{1,256}");
    private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z0-9]+)+");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]");
    private static final int LONGEST_DURATION = 15;
    private static final Pattern DURATION = Pattern.compile("(\\d+(ms|s|m|h|d))+");

    static final String CXONE_BASE_URL = "bridge.cxone.base.url";
    static final String CXONE_TOKEN_URL = "bridge.cxone.token.url";

    private static final String EMBEDDED = "embedded";
    private static final Pattern POSTGRESQL = Pattern.compile("jdbc:postgresql://[^/?#\\s@]+/[^/?#\\s]+([?]\\S*)?");

    static final Map<String, Setting> TABLE = table(
            Setting.of("bridge.port", "3000", "3000", Settings::port).from("PORT"),
            Setting.of("bridge.management.port", "9876", "9876", Settings::port).from("MANAGEMENT_PORT"),
            Setting.of("bridge.management.host", "127.0.0.1", "127.0.0.1", text -> text),
            Setting.of("bridge.webhook.secret", null, "the output of: openssl rand -hex 32", Settings::secret)
                    .from("WEBHOOK_SECRET").secret(),
            Setting.of("bridge.webhook.secret.previous", null, "the secret before the rotation", Settings::secret)
                    .from("WEBHOOK_SECRET_PREVIOUS").secret(),
            Setting.of("bridge.webhook.hmac.secret", null, "the output of: openssl rand -hex 32", Settings::oneLine)
                    .from("WEBHOOK_HMAC_SECRET").secret(),
            Setting.of("bridge.webhook.max.body.bytes", "307200", "307200", number(1, 16 * 1024 * 1024)),
            Setting.of("bridge.webhook.max.inflight", "1024", "1024", number(1, 100_000)),
            Setting.of("bridge.webhook.max.connections", "4096", "4096", number(1, 1_000_000)),
            Setting.of("bridge.aws.region", null, "eu-central-1",
                    matching(REGION, "be an AWS region")).from("AWS_REGION"),
            Setting.of("bridge.eventbridge.endpoint", null, "http://127.0.0.1:5000", Settings::httpUri)
                    .from("AWS_ENDPOINT_URL_EVENTBRIDGE").address(),
            Setting.of("bridge.eventbridge.bus", null, "contact-centre-bus",
                    matching(BUS, "be an event bus's name or ARN")).from("EVENTBUS_NAME"),
            Setting.of("bridge.eventbridge.source", "nice.cxone.routing", "nice.cxone.routing",
                    matching(Pattern.compile("(?!aws\\.).{1,256}"), "be 1 to 256 characters and not begin with aws.")),
            Setting.of("bridge.eventbridge.max.entry.bytes", "262144", "262144", number(256, LARGEST_ENTRY)),
            Setting.of("bridge.eventbridge.timeout", "5s", "5s", duration(1)),
            Setting.of("bridge.eventbridge.concurrency", "32", "32", number(1, 1000)),
            Setting.of("bridge.delivery.mode", "direct", "direct", oneOf("direct", "queued")),
            Setting.of("bridge.delivery.reply.budget", "2s", "2s", duration(1)),
            Setting.of("bridge.store.url", "embedded", "jdbc:postgresql://db.example.com:5432/bridge",
                    Settings::storeUrl).withoutParameters(),
            Setting.of("bridge.store.user", null, "bridge", Settings::oneLine),
            Setting.of("bridge.store.password", null, "the password of the user in PostgreSQL", Settings::oneLine)
                    .secret(),
            Setting.of("bridge.outbox.max.bytes", "1073741824", "1073741824", number(1, Long.MAX_VALUE)),
            Setting.of("bridge.outbox.max.age", "24h", "24h", duration(1)),
            Setting.of("bridge.outbox.retry.max.delay", "15s", "15s", duration(1)),
            Setting.of("bridge.cxone.client.id", null, "the client id of the CXone application",
                    Settings::oneLine)
                    .from("CXONE_CLIENT_ID"),
            Setting.of("bridge.cxone.client.secret", null, "the client secret of the CXone application",
                    Settings::oneLine)
                    .from("CXONE_CLIENT_SECRET").secret(),
            Setting.of(CXONE_BASE_URL, "https://api.mynicecx.com", "https://api.mynicecx.com",
                    Settings::httpUri).from("CXONE_BASE_URL").address(),
            Setting.of(CXONE_TOKEN_URL, null, "https://api.mynicecx.com/oauth2/token", Settings::httpUri)
                    .from("CXONE_TOKEN_URL").address(),
            Setting.of("bridge.cxone.auth", "client-credentials", "client-credentials",
                    oneOf("client-credentials", "access-key")),
            Setting.of("bridge.cxone.scopes", "webhook:read:write routing:read api:read",
                    "webhook:read:write routing:read api:read", text -> text),
            Setting.of("bridge.public.url", null, "https://bridge.example.com/webhook/routing-events",
                    Settings::publicUrl).from("BRIDGE_PUBLIC_URL").address(),
            Setting.of("bridge.registration.enabled", "true", "true", Settings::bool),
            Setting.of("bridge.registration.period", "5m", "5m", duration(1)),
            Setting.of("bridge.datalake.url", null, "https://lake.example.com/routing-events", Settings::httpUri)
                    .from("DATA_LAKE_WEBHOOK_URL").address(),
            Setting.of("bridge.datalake.authorization", null, "Bearer abc123", Settings::headerValue)
                    .from("DATA_LAKE_AUTHORIZATION").secret(),
            Setting.of("bridge.datalake.timeout", "5s", "5s", duration(1)),
            Setting.of("bridge.idempotency.ttl", "1h", "1h", duration(1)),
            Setting.of("bridge.idempotency.max.entries", "1000000", "1000000", number(1, 100_000_000)),
            Setting.of("bridge.ordering.policy", "reject", "reject", oneOf("reject", "flag", "off")),
            Setting.of("bridge.ordering.key", "/routingContext/queueId", "/routingContext/queueId", Settings::pointer)
                    .emptyIsAValue(),
            Setting.of("bridge.ordering.tolerance", "10s", "10s", duration(0)),
            Setting.of("bridge.ordering.max.future.skew", "60s", "60s", duration(0)),
            Setting.of("bridge.ordering.window", "0ms", "200ms", duration(0)),
            Setting.of("bridge.oversize.policy", "trim", "trim", oneOf("trim", "chunk", "reject")),
            Setting.of("bridge.data.dir", "data", "data", Settings::path),
            Setting.of("bridge.log.dir", "logs", "logs", Settings::path),
            Setting.of("bridge.log.format", "text", "json", oneOf("text", "json")),
            Setting.of("bridge.ops.token", null, "the output of: openssl rand -hex 32", Settings::token).secret(),
            Setting.of("bridge.ops.hosts", null, "bridge.example.com, 192.0.2.7", Settings::hosts),
            Setting.of("bridge.shutdown.delay", "0s", "10s", duration(0)));

    private final Map<String, Object> values;

    private Settings(Map<String, Object> values) {
        this.values = values;
    }

    /**
     * Reads and checks what the process was given.
     *
     * @throws InvalidSettings with one line for each setting that is wrong or missing
     */
    public static Settings load() {
        return read(new SettingsSource());
    }

    static Settings read(SettingsSource source) {
        List<String> problems = new ArrayList<>();
        source.givenKeys().stream().filter(key -> !TABLE.containsKey(key))
                .forEach(key -> problems.add(key + ": " + unknown(key)));
        return parse(source::getProperty, problems);
    }

    /**
     * Reads some of them alone, whether or not the others are there and right; these alone can be asked for.
     *
     * @throws InvalidSettings with one line for each of these that is wrong
     */
    static Settings loadSome(String... keys) {
        List<String> problems = new ArrayList<>();
        Settings some = new Settings(values(new SettingsSource()::getProperty,
                Arrays.stream(keys).map(TABLE::get).toList(), problems));
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
        return some;
    }

    /** What is said of a {@code bridge.} key that is none, with the name that was probably meant. */
    static String unknown(String key) {
        return "is not a setting of the bridge" + Slips.nearest(key, TABLE.keySet())
                .map(near -> "; did you mean " + near + "?").orElse("; remove it, or see the table of settings in"
                        + " README.md for the name that was meant");
    }

    private static Map<String, Object> values(UnaryOperator<String> lookup, Collection<Setting> wanted,
                                              List<String> problems) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Setting setting : wanted) {
            String text = setting.textOf(lookup.apply(setting.key()));
            // the token URL follows from the base URL, and would only repeat what is wrong with that
            boolean followsFromWrong = setting.key().equals(CXONE_TOKEN_URL) && !values.containsKey(CXONE_BASE_URL);
            if (text == null || followsFromWrong) {
                continue;
            }
            try {
                values.put(setting.key(), setting.parser().apply(text));
            } catch (IllegalArgumentException e) {
                problems.add(setting.name() + ": must " + e.getMessage() + "; example: " + setting.example());
            }
        }
        return values;
    }

    private static Settings parse(UnaryOperator<String> lookup, List<String> problems) {
        Settings settings = new Settings(values(lookup, TABLE.values(), problems));
        for (String key : settings.required()) {
            Setting setting = TABLE.get(key);
            if (setting.textOf(lookup.apply(key)) == null) {
                problems.add(setting.name() + ": is required and missing or empty; example: " + setting.example());
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettings(problems);
        }
        return settings;
    }

    private List<String> required() {
        List<String> keys = new ArrayList<>(
                List.of("bridge.webhook.secret", "bridge.aws.region", "bridge.eventbridge.bus"));
        if (!Boolean.FALSE.equals(values.get("bridge.registration.enabled"))) {
            keys.addAll(List.of("bridge.cxone.client.id", "bridge.cxone.client.secret", "bridge.public.url"));
        }
        return keys;
    }

    /** What was given and nobody reads, a line each; others share the environment, so that it is no reason to stop. */
    public static List<String> warnings() {
        return new SettingsSource().warnings();
    }

    /** Every setting by its property's name, as others may see it: of secrets only whether they are set. */
    public static Map<String, String> shown() {
        return shown(new SettingsSource());
    }

    static Map<String, String> shown(SettingsSource source) {
        Map<String, String> shown = new LinkedHashMap<>();
        TABLE.values().forEach(setting -> shown.put(setting.key(), setting.shown(source.getProperty(setting.key()))));
        return shown;
    }

    /** The names under which an operator sets this key, for messages about it. */
    public static String nameOf(String key) {
        return TABLE.get(key).name();
    }

    public int port() {
        return integer("bridge.port");
    }

    public int managementPort() {
        return integer("bridge.management.port");
    }

    public String managementHost() {
        return text("bridge.management.host");
    }

    /** The secrets a delivery may carry: the one in force and, while it is being rotated, the one before. */
    public List<String> webhookSecrets() {
        String previous = text("bridge.webhook.secret.previous");
        return previous == null ? List.of(webhookSecret()) : List.of(webhookSecret(), previous);
    }

    public String webhookSecret() {
        return text("bridge.webhook.secret");
    }

    /** The key of the body's signature; null where deliveries are not signed. */
    public String hmacSecret() {
        return text("bridge.webhook.hmac.secret");
    }

    public int maxBodyBytes() {
        return integer("bridge.webhook.max.body.bytes");
    }

    public int maxInflight() {
        return integer("bridge.webhook.max.inflight");
    }

    public int maxConnections() {
        return integer("bridge.webhook.max.connections");
    }

    public String awsRegion() {
        return text("bridge.aws.region");
    }

    /** An emulator or a VPC endpoint; null means AWS's own. */
    public URI eventBridgeEndpoint() {
        return (URI) values.get("bridge.eventbridge.endpoint");
    }

    public String eventBus() {
        return text("bridge.eventbridge.bus");
    }

    public String eventSource() {
        return text("bridge.eventbridge.source");
    }

    /** Bytes, of one entry and of one request's entries together. */
    public int maxEntryBytes() {
        return integer("bridge.eventbridge.max.entry.bytes");
    }

    public Duration eventBridgeTimeout() {
        return duration("bridge.eventbridge.timeout");
    }

    public int eventBridgeConcurrency() {
        return integer("bridge.eventbridge.concurrency");
    }

    public Duration replyBudget() {
        return duration("bridge.delivery.reply.budget");
    }

    /** Whether every event goes by the outbox, and the reply waits only for the disk. */
    public boolean queuedDelivery() {
        return "queued".equals(text("bridge.delivery.mode"));
    }

    /** Whether several bridges share the store, which is a PostgreSQL then and else a file in the data directory. */
    public boolean sharedStore() {
        return !EMBEDDED.equals(storeUrl());
    }

    /** Where the store is: {@code embedded}, or {@code jdbc:postgresql://…}, which may hold a password. */
    public String storeUrl() {
        return text("bridge.store.url");
    }

    /** The same as others may see it. */
    public String shownStoreUrl() {
        return TABLE.get("bridge.store.url").shown(storeUrl());
    }

    /** The user in PostgreSQL; null where the URL says, or the machine's own is meant. */
    public String storeUser() {
        return text("bridge.store.user");
    }

    /** That user's password; null where there is none, or the URL says. */
    public String storePassword() {
        return text("bridge.store.password");
    }

    public long outboxMaxBytes() {
        return (Long) values.get("bridge.outbox.max.bytes");
    }

    public Duration outboxMaxAge() {
        return duration("bridge.outbox.max.age");
    }

    /** The longest pause between tries while EventBridge is down. */
    public Duration outboxRetryMaxDelay() {
        return duration("bridge.outbox.retry.max.delay");
    }

    public String cxoneClientId() {
        return text("bridge.cxone.client.id");
    }

    public String cxoneClientSecret() {
        return text("bridge.cxone.client.secret");
    }

    /** Without a slash at its end. */
    public URI cxoneBaseUrl() {
        return (URI) values.get(CXONE_BASE_URL);
    }

    public URI cxoneTokenUrl() {
        return (URI) values.get(CXONE_TOKEN_URL);
    }

    /** Whether the token is asked for by CXone's access-key flow, rather than by client credentials. */
    public boolean cxoneAccessKey() {
        return "access-key".equals(text("bridge.cxone.auth"));
    }

    public String cxoneScopes() {
        return text("bridge.cxone.scopes");
    }

    public String publicUrl() {
        return text("bridge.public.url");
    }

    public boolean registrationEnabled() {
        return (Boolean) values.get("bridge.registration.enabled");
    }

    /** Where the data lake takes notifications; null means that there are none. */
    public URI dataLakeUrl() {
        return (URI) values.get("bridge.datalake.url");
    }

    /** How long one call of the data lake may take. */
    public Duration dataLakeTimeout() {
        return duration("bridge.datalake.timeout");
    }

    /** Value of the {@code Authorization} header towards the data lake, or null. */
    public String dataLakeAuthorization() {
        return text("bridge.datalake.authorization");
    }

    public Duration idempotencyTtl() {
        return duration("bridge.idempotency.ttl");
    }

    public long idempotencyMaxEntries() {
        return (Long) values.get("bridge.idempotency.max.entries");
    }

    public OrderingPolicy orderingPolicy() {
        return OrderingPolicy.valueOf(constant("bridge.ordering.policy"));
    }

    /** Where an event's ordering key stands; empty: one key for all. */
    public JsonPointer orderingKey() {
        return (JsonPointer) values.get("bridge.ordering.key");
    }

    public Duration orderingTolerance() {
        return duration("bridge.ordering.tolerance");
    }

    public Duration orderingMaxFutureSkew() {
        return duration("bridge.ordering.max.future.skew");
    }

    /** How long the events of a key wait for older ones; zero: not at all. */
    public Duration orderingWindow() {
        return duration("bridge.ordering.window");
    }

    public OversizePolicy oversizePolicy() {
        return OversizePolicy.valueOf(constant("bridge.oversize.policy"));
    }

    public Path dataDirectory() {
        return (Path) values.get("bridge.data.dir");
    }

    public Path logDirectory() {
        return (Path) values.get("bridge.log.dir");
    }

    /** What an operator shows to be let in under {@code /ops}; null where nobody is asked. */
    public String operatorsToken() {
        return text("bridge.ops.token");
    }

    /** Names and addresses, beside loopback's, under which the management port may be addressed. */
    @SuppressWarnings("unchecked")
    public List<String> operationsHosts() {
        return (List<String>) values.getOrDefault("bridge.ops.hosts", List.of());
    }

    /** How long a bridge that was told to stop goes on serving, not ready; zero: not at all. */
    public Duration shutdownDelay() {
        return duration("bridge.shutdown.delay");
    }

    @Override
    public String toString() {
        return "Settings[" + String.join(", ", values.keySet()) + "]";
    }

    private String text(String key) {
        return (String) values.get(key);
    }

    private String constant(String key) {
        return text(key).toUpperCase(java.util.Locale.ROOT).replace('-', '_');
    }

    private int integer(String key) {
        return ((Long) values.get(key)).intValue();
    }

    private Duration duration(String key) {
        return (Duration) values.get(key);
    }

    private static Map<String, Setting> table(Setting... settings) {
        Map<String, Setting> table = new LinkedHashMap<>();
        Arrays.stream(settings).forEach(setting -> table.put(setting.key(), setting));
        return table;
    }

    private static Function<String, Object> number(long least, long most) {
        return text -> {
            try {
                long number = Long.parseLong(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // the sentence below is for both
            }
            throw new IllegalArgumentException("be a whole number from " + least + " to " + most);
        };
    }

    private static Object port(String text) {
        return number(1, 65_535).apply(text);
    }

    private static Function<String, Object> duration(long leastMillis) {
        return text -> {
            if (text.length() > LONGEST_DURATION || !DURATION.matcher(text).matches() && !text.matches("\\d+")) {
                throw new IllegalArgumentException("be a duration such as 500ms, 10s, 5m or 1h");
            }
            long millis = TimeUtils.toMilliSeconds(text);
            if (millis < leastMillis) {
                throw new IllegalArgumentException("be longer than 0");
            }
            return Duration.ofMillis(millis);
        };
    }

    private static Object secret(String text) {
        if (text.length() < 16) {
            throw new IllegalArgumentException("be at least 16 characters long");
        }
        return headerValue(text);
    }

    private static Object token(String text) {
        headerValue(text);
        return secret(text);
    }

    private static Object hosts(String text) {
        List<String> hosts = Arrays.stream(text.split(",")).map(String::strip).filter(host -> !host.isEmpty()).toList();
        if (!hosts.stream().allMatch(host -> HOST.matcher(host).matches())) {
            throw new IllegalArgumentException("be host names or addresses without a port, with commas between them");
        }
        return hosts;
    }

    private static Object storeUrl(String text) {
        if (!text.equals(EMBEDDED) && !POSTGRESQL.matcher(text).matches()) {
            throw new IllegalArgumentException("be " + EMBEDDED + ", or the address of a database in PostgreSQL");
        }
        return text;
    }

    private static Object httpUri(String text) {
        try {
            URI uri = URI.create(text);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // the sentence below is for both
        }
        throw new IllegalArgumentException("be an http or https URL");
    }

    private static Object publicUrl(String text) {
        httpUri(text);
        return text;
    }

    /** What every sender and receiver understands as a header's value (RFC 9110, section 5.5). */
    private static Object headerValue(String text) {
        if (text.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new IllegalArgumentException("be one line of visible ASCII characters");
        }
        return text;
    }

    /** A line break within it would have been pasted along, and be found by nothing but refusals later. */
    private static Object oneLine(String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("be one line");
        }
        return text;
    }

    private static Object bool(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("be true or false");
        }
        return Boolean.valueOf(text);
    }

    private static Object pointer(String text) {
        try {
            return JsonPointer.compile(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("be a JSON Pointer, which begins with /");
        }
    }

    private static Object path(String text) {
        try {
            return Path.of(text);
        } catch (java.nio.file.InvalidPathException e) {
            throw new IllegalArgumentException("be a directory's path");
        }
    }

    private static Function<String, Object> matching(Pattern pattern, String must) {
        return text -> {
            if (!pattern.matcher(text).matches()) {
                throw new IllegalArgumentException(must);
            }
            return text;
        };
    }

    private static Function<String, Object> oneOf(String... choices) {
        return text -> {
            if (!Arrays.asList(choices).contains(text)) {
                throw new IllegalArgumentException("be " + (choices.length == 1 ? choices[0]
                        : "one of " + String.join(", ", choices)));
            }
            return text;
        };
    }
}
