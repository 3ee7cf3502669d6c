package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** No setting is used that the file does not show, and none is shown that nothing uses. */
class PropertiesLintTest {

    private static final Pattern DECLARED = Pattern.compile("(?m)^(#?)(bridge\\.[a-z.]+)=(.*)$");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??(bridge\\.[a-z.]+)(?::[^}]*)?}}");
    private static final Pattern ROW = Pattern.compile(
            "Setting\\.of\\((?:\"(bridge\\.[a-z.]+)\"|([A-Z_]+)),\\s*(?:\"([^\"]*)\"|null)");
    private static final Pattern CONSTANT = Pattern.compile("String ([A-Z_]+) = \"(bridge\\.[a-z.]+)\";");
    /** The table of the contract's section 2, which is fixed: key and default. */
    private static final Map<String, String> CONTRACT = contract();

    private static Map<String, String> contract() {
        Map<String, String> table = new TreeMap<>();
        """
                bridge.port=3000
                bridge.management.port=9876
                bridge.management.host=127.0.0.1
                bridge.webhook.secret
                bridge.webhook.secret.previous
                bridge.webhook.hmac.secret
                bridge.webhook.max.body.bytes=307200
                bridge.webhook.max.inflight=1024
                bridge.webhook.max.connections=4096
                bridge.aws.region
                bridge.eventbridge.endpoint
                bridge.eventbridge.bus
                bridge.eventbridge.source=nice.cxone.routing
                bridge.eventbridge.max.entry.bytes=262144
                bridge.eventbridge.timeout=5s
                bridge.eventbridge.concurrency=32
                bridge.delivery.mode=direct
                bridge.delivery.reply.budget=2s
                bridge.store.url=embedded
                bridge.store.user
                bridge.store.password
                bridge.outbox.max.bytes=1073741824
                bridge.outbox.max.age=24h
                bridge.outbox.retry.max.delay=15s
                bridge.cxone.client.id
                bridge.cxone.client.secret
                bridge.cxone.base.url=https://api.mynicecx.com
                bridge.cxone.token.url
                bridge.cxone.auth=client-credentials
                bridge.cxone.scopes=webhook:read:write routing:read api:read
                bridge.public.url
                bridge.registration.enabled=true
                bridge.registration.period=5m
                bridge.datalake.url
                bridge.datalake.authorization
                bridge.datalake.timeout=5s
                bridge.idempotency.ttl=1h
                bridge.idempotency.max.entries=1000000
                bridge.ordering.policy=reject
                bridge.ordering.key=/routingContext/queueId
                bridge.ordering.tolerance=10s
                bridge.ordering.max.future.skew=60s
                bridge.ordering.window=0ms
                bridge.oversize.policy=trim
                bridge.data.dir=data
                bridge.log.dir=logs
                bridge.log.format=text
                bridge.ops.token
                bridge.ops.hosts
                bridge.shutdown.delay=0s
                """.lines().forEach(line -> {
                    int equals = line.indexOf('=');
                    table.put(equals < 0 ? line : line.substring(0, equals),
                            equals < 0 ? "" : line.substring(equals + 1));
                });
        return table;
    }

    private static Map<String, String> declared() throws IOException {
        Map<String, String> declared = new TreeMap<>();
        Matcher matcher = DECLARED.matcher(Files.readString(Path.of("application.properties")));
        while (matcher.find()) {
            declared.put(matcher.group(2), matcher.group(1).isEmpty() ? matcher.group(3) : "");
        }
        return declared;
    }

    private static Map<String, String> settings() throws IOException {
        String source = Files.readString(Path.of("src/main/java/org/routingbridge/settings/Settings.java"));
        Map<String, String> constants = CONSTANT.matcher(source).results()
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2)));
        Map<String, String> table = new TreeMap<>();
        ROW.matcher(source).results().forEach(match -> table.put(
                match.group(1) != null ? match.group(1) : constants.get(match.group(2)),
                match.group(3) == null ? "" : match.group(3)));
        return table;
    }

    private static Set<String> placeholders() throws IOException {
        Set<String> used = new TreeSet<>();
        List<String> texts = new ArrayList<>(RouteFiles.texts().values());
        texts.add(Files.readString(Path.of("application.properties")));
        texts.forEach(text -> PLACEHOLDER.matcher(text).results().forEach(match -> used.add(match.group(1))));
        return used;
    }

    @Test
    void theFileShowsEverySettingTheBridgeReadsAndNoOther() throws IOException {
        // Given
        Set<String> settings = settings().keySet();

        // When
        Set<String> declared = declared().keySet();

        // Then
        assertThat(declared).containsExactlyInAnyOrderElementsOf(settings);
    }

    @Test
    void noSettingIsShownTwice() throws IOException {
        // When
        List<String> keys = DECLARED.matcher(Files.readString(Path.of("application.properties"))).results()
                .map(match -> match.group(2)).toList();

        // Then
        assertThat(keys).doesNotHaveDuplicates();
    }

    @Test
    void everySettingIsOneOfTheContracts() throws IOException {
        // When
        Set<String> settings = new TreeSet<>(settings().keySet());

        // Then
        assertThat(CONTRACT.keySet()).containsAll(settings);
    }

    @Test
    void everySettingOfTheContractIsThere() throws IOException {
        // When
        Set<String> settings = settings().keySet();

        // Then
        assertThat(settings).containsAll(CONTRACT.keySet());
    }

    @Test
    void theDefaultsAreTheContractsInTheFileAndInTheTable() throws IOException {
        // Given
        Map<String, String> expected = new TreeMap<>(CONTRACT);

        // When
        Map<String, String> inTable = settings();
        Map<String, String> inFile = declared();

        // Then
        expected.keySet().retainAll(inTable.keySet());
        assertThat(inTable).isEqualTo(expected);
        assertThat(inFile).isEqualTo(expected);
    }

    @Test
    void everySettingIsUsedByARouteAPropertyOrAnAccessor() throws IOException {
        // Given
        String source = Files.readString(Path.of("src/main/java/org/routingbridge/settings/Settings.java"));
        String accessors = source.substring(source.indexOf("private Settings("));
        StringBuilder others = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")
                    && !path.endsWith("Settings.java")).toList()) {
                others.append(Files.readString(file));
            }
        }
        Set<String> placeholders = placeholders();

        // When
        List<String> unused = settings().keySet().stream()
                .filter(key -> !placeholders.contains(key) && !isRead(key, accessors, others.toString())).toList();

        // Then
        assertThat(unused).isEmpty();
    }

    /** An accessor that names the key and is called from elsewhere. */
    private static boolean isRead(String key, String accessors, String others) {
        Matcher accessor = Pattern.compile("public \\S+ (\\w+)\\(\\) \\{(?:(?!\n    }).)*?\"" + Pattern.quote(key)
                + "\"", Pattern.DOTALL).matcher(accessors);
        String method = null;
        while (accessor.find()) {
            method = accessor.group(1);
            if (others.contains(method + "(")) {
                return true;
            }
        }
        return method == null && others.contains('"' + key + '"');
    }

    @Test
    void noSecretHasAValueInTheFile() throws IOException {
        // When
        Map<String, String> declared = declared();

        // Then
        declared.forEach((key, value) -> {
            if (key.contains("secret") || key.contains("authorization") || key.contains("token")
                    && !key.endsWith(".url") || key.endsWith("client.id")) {
                assertThat(value).as(key).isEmpty();
            }
        });
    }

    @Test
    void everySettingsUnitOrMeaningStandsInALineAboveIt() throws IOException {
        // Given
        List<String> lines = Files.readAllLines(Path.of("application.properties"));

        // When
        List<String> uncommentedGroups = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            if (DECLARED.matcher(lines.get(i)).matches() && lines.get(i - 1).isBlank()
                    && !lines.get(i - 2 < 0 ? 0 : i - 2).startsWith("# ---")) {
                uncommentedGroups.add(lines.get(i));
            }
        }

        // Then
        assertThat(uncommentedGroups).isEmpty();
    }

    @Test
    void theRoutesIncludePatternIsNotInTheFileWhereItWouldOverrideCamelJBangs() throws IOException {
        // When
        String text = Files.readString(Path.of("application.properties"));

        // Then
        assertThat(text).doesNotContainIgnoringCase("routes-include-pattern", "routesIncludePattern", "staticEnabled",
                "static-enabled");
    }
}
