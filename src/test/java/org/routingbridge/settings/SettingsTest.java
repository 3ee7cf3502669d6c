package org.routingbridge.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    private final Properties system = new Properties();
    private final Map<String, String> environment = new HashMap<>();
    private final Properties file = SettingsForTests.required();

    private SettingsSource source() {
        return new SettingsSource(system, environment, file);
    }

    private Settings read() {
        return Settings.read(source());
    }

    private List<String> problems() {
        return catchThrowableOfType(InvalidSettings.class, this::read).problems();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "bridge.port                        | PORT                          | 3000",
        "bridge.management.port             | MANAGEMENT_PORT               | 9876",
        "bridge.management.host             | BRIDGE_MANAGEMENT_HOST        | 127.0.0.1",
        "bridge.webhook.secret              | WEBHOOK_SECRET                | -",
        "bridge.webhook.secret.previous     | WEBHOOK_SECRET_PREVIOUS       | -",
        "bridge.webhook.hmac.secret         | WEBHOOK_HMAC_SECRET           | -",
        "bridge.webhook.max.body.bytes      | BRIDGE_WEBHOOK_MAX_BODY_BYTES | 307200",
        "bridge.webhook.max.inflight        | BRIDGE_WEBHOOK_MAX_INFLIGHT   | 1024",
        "bridge.webhook.max.connections     | BRIDGE_WEBHOOK_MAX_CONNECTIONS | 4096",
        "bridge.aws.region                  | AWS_REGION                    | -",
        "bridge.eventbridge.endpoint        | AWS_ENDPOINT_URL_EVENTBRIDGE  | -",
        "bridge.eventbridge.bus             | EVENTBUS_NAME                 | -",
        "bridge.eventbridge.source          | BRIDGE_EVENTBRIDGE_SOURCE     | nice.cxone.routing",
        "bridge.eventbridge.max.entry.bytes | BRIDGE_EVENTBRIDGE_MAX_ENTRY_BYTES | 262144",
        "bridge.eventbridge.timeout         | BRIDGE_EVENTBRIDGE_TIMEOUT    | 5s",
        "bridge.eventbridge.concurrency     | BRIDGE_EVENTBRIDGE_CONCURRENCY | 32",
        "bridge.delivery.mode               | BRIDGE_DELIVERY_MODE          | direct",
        "bridge.delivery.reply.budget       | BRIDGE_DELIVERY_REPLY_BUDGET  | 2s",
        "bridge.store.url                   | BRIDGE_STORE_URL              | embedded",
        "bridge.store.user                  | BRIDGE_STORE_USER             | -",
        "bridge.store.password              | BRIDGE_STORE_PASSWORD         | -",
        "bridge.outbox.max.bytes            | BRIDGE_OUTBOX_MAX_BYTES       | 1073741824",
        "bridge.outbox.max.age              | BRIDGE_OUTBOX_MAX_AGE         | 24h",
        "bridge.outbox.retry.max.delay      | BRIDGE_OUTBOX_RETRY_MAX_DELAY | 15s",
        "bridge.cxone.client.id             | CXONE_CLIENT_ID               | -",
        "bridge.cxone.client.secret         | CXONE_CLIENT_SECRET           | -",
        "bridge.cxone.base.url              | CXONE_BASE_URL                | https://api.mynicecx.com",
        "bridge.cxone.token.url             | CXONE_TOKEN_URL               | https://api.mynicecx.com/oauth2/token",
        "bridge.cxone.auth                  | BRIDGE_CXONE_AUTH             | client-credentials",
        "bridge.cxone.scopes                | BRIDGE_CXONE_SCOPES           | webhook:read:write routing:read api:read",
        "bridge.public.url                  | BRIDGE_PUBLIC_URL             | -",
        "bridge.registration.enabled        | BRIDGE_REGISTRATION_ENABLED   | true",
        "bridge.registration.period         | BRIDGE_REGISTRATION_PERIOD    | 5m",
        "bridge.datalake.url                | DATA_LAKE_WEBHOOK_URL         | -",
        "bridge.datalake.authorization      | DATA_LAKE_AUTHORIZATION       | -",
        "bridge.datalake.timeout            | BRIDGE_DATALAKE_TIMEOUT       | 5s",
        "bridge.idempotency.ttl             | BRIDGE_IDEMPOTENCY_TTL        | 1h",
        "bridge.idempotency.max.entries     | BRIDGE_IDEMPOTENCY_MAX_ENTRIES | 1000000",
        "bridge.ordering.policy             | BRIDGE_ORDERING_POLICY        | reject",
        "bridge.ordering.key                | BRIDGE_ORDERING_KEY           | /routingContext/queueId",
        "bridge.ordering.tolerance          | BRIDGE_ORDERING_TOLERANCE     | 10s",
        "bridge.ordering.max.future.skew    | BRIDGE_ORDERING_MAX_FUTURE_SKEW | 60s",
        "bridge.ordering.window             | BRIDGE_ORDERING_WINDOW        | 0ms",
        "bridge.oversize.policy             | BRIDGE_OVERSIZE_POLICY        | trim",
        "bridge.data.dir                    | BRIDGE_DATA_DIR               | data",
        "bridge.ops.token                   | BRIDGE_OPS_TOKEN              | -",
        "bridge.ops.hosts                   | BRIDGE_OPS_HOSTS              | -",
        "bridge.log.dir                     | BRIDGE_LOG_DIR                | logs",
        "bridge.log.format                  | BRIDGE_LOG_FORMAT             | text",
        "bridge.shutdown.delay              | BRIDGE_SHUTDOWN_DELAY         | 0s"})
    void eachSettingHasTheContractsVariableAndDefault(String key, String variable, String defaultValue) {
        // Given
        Setting setting = Settings.TABLE.get(key);
        file.clear();

        // When
        String value = source().getProperty(key);

        // Then
        assertThat(setting.environment()).isEqualTo(variable);
        assertThat(value).isEqualTo(defaultValue);
    }

    @Test
    void defaultsAreWhatTheContractSays() {
        // When
        Settings settings = read();

        // Then
        assertThat(settings.port()).isEqualTo(3000);
        assertThat(settings.replyBudget()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.idempotencyTtl()).isEqualTo(Duration.ofHours(1));
        assertThat(settings.orderingKey()).hasToString("/routingContext/queueId");
        assertThat(settings.orderingPolicy()).isEqualTo(Settings.OrderingPolicy.REJECT);
        assertThat(settings.oversizePolicy()).isEqualTo(Settings.OversizePolicy.TRIM);
        assertThat(settings.registrationEnabled()).isTrue();
        assertThat(settings.eventBridgeEndpoint()).isNull();
        assertThat(settings.hmacSecret()).isNull();
    }

    @Test
    void aSystemPropertyGoesBeforeTheEnvironment() {
        // Given
        system.setProperty("bridge.port", "3001");
        environment.put("PORT", "3002");
        file.setProperty("bridge.port", "3003");

        // When, Then
        assertThat(read().port()).isEqualTo(3001);
    }

    @Test
    void theEnvironmentGoesBeforeTheFile() {
        // Given
        environment.put("PORT", "3002");
        file.setProperty("bridge.port", "3003");

        // When, Then
        assertThat(read().port()).isEqualTo(3002);
    }

    @Test
    void theFileGoesBeforeTheDefault() {
        // Given
        file.setProperty("bridge.port", "3003");

        // When, Then
        assertThat(read().port()).isEqualTo(3003);
    }

    @Test
    void aVariableIsNamedAfterItsPropertyWhereItHasNoNameOfItsOwn() {
        // Given
        environment.put("BRIDGE_ORDERING_POLICY", "flag");

        // When, Then
        assertThat(read().orderingPolicy()).isEqualTo(Settings.OrderingPolicy.FLAG);
    }

    @Test
    void aPropertyThatHasAVariableOfItsOwnIsNotReadFromItsOwnNameInCapitals() {
        // Given
        environment.put("BRIDGE_PORT", "4000");

        // When, Then
        assertThat(read().port()).isEqualTo(3000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void anEmptyValueIsAMissingOneAtEveryLevel(String empty) {
        // Given
        system.setProperty("bridge.port", empty);
        environment.put("PORT", empty);
        file.setProperty("bridge.port", empty);

        // When, Then
        assertThat(read().port()).isEqualTo(3000);
    }

    @Test
    void anEmptyVariableLeavesTheFilesValueStanding() {
        // Given
        environment.put("PORT", "");
        file.setProperty("bridge.port", "3003");

        // When, Then
        assertThat(read().port()).isEqualTo(3003);
    }

    @Test
    void anEmptyRequiredVariableIsMissing() {
        // Given
        file.remove("bridge.webhook.secret");
        environment.put("WEBHOOK_SECRET", " ");

        // When, Then
        assertThat(problems()).singleElement().asString()
                .startsWith("WEBHOOK_SECRET (bridge.webhook.secret): is required and missing or empty; example: ");
    }

    @Test
    void anEmptyOrderingKeyInTheFileMeansOneKeyForAll() {
        // Given
        file.setProperty("bridge.ordering.key", "");

        // When, Then
        assertThat(read().orderingKey().matches()).isTrue();
    }

    @Test
    void anEmptyOrderingKeyGivenAsSystemPropertyMeansOneKeyForAll() {
        // Given
        system.setProperty("bridge.ordering.key", "");
        file.setProperty("bridge.ordering.key", "/routingContext/skillId");

        // When, Then
        assertThat(read().orderingKey().matches()).isTrue();
    }

    @Test
    void everythingRequiredIsMissedAtOnce() {
        // Given
        file.clear();

        // When
        List<String> problems = problems();

        // Then
        assertThat(problems).hasSize(6)
                .allSatisfy(problem -> assertThat(problem).contains(": is required and missing or empty; example: "));
        assertThat(problems).extracting(problem -> problem.substring(0, problem.indexOf(':')))
                .containsExactlyInAnyOrder(
                "WEBHOOK_SECRET (bridge.webhook.secret)", "AWS_REGION (bridge.aws.region)",
                "EVENTBUS_NAME (bridge.eventbridge.bus)", "CXONE_CLIENT_ID (bridge.cxone.client.id)",
                "CXONE_CLIENT_SECRET (bridge.cxone.client.secret)", "BRIDGE_PUBLIC_URL (bridge.public.url)");
    }

    @Test
    void registrationsSettingsAreNotRequiredWhileItIsOff() {
        // Given
        file.keySet().removeAll(Set.of("bridge.cxone.client.id", "bridge.cxone.client.secret", "bridge.public.url"));
        file.setProperty("bridge.registration.enabled", "false");

        // When, Then
        assertThatCode(this::read).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bridge.port                        | PORT (bridge.port)                       | 0",
        "bridge.port                        | PORT (bridge.port)                       | 65536",
        "bridge.port                        | PORT (bridge.port)                       | http",
        "bridge.management.port             | MANAGEMENT_PORT (bridge.management.port) | -1",
        "bridge.webhook.secret              | WEBHOOK_SECRET (bridge.webhook.secret)   | fifteen-charact",
        "bridge.webhook.secret.previous     | WEBHOOK_SECRET_PREVIOUS (bridge.webhook.secret.previous) | short",
        "bridge.webhook.max.body.bytes | BRIDGE_WEBHOOK_MAX_BODY_BYTES (bridge.webhook.max.body.bytes) | 300k",
        "bridge.webhook.max.inflight | BRIDGE_WEBHOOK_MAX_INFLIGHT (bridge.webhook.max.inflight) | 0",
        "bridge.webhook.max.connections | BRIDGE_WEBHOOK_MAX_CONNECTIONS (bridge.webhook.max.connections) | 0",
        "bridge.aws.region                  | AWS_REGION (bridge.aws.region)           | Frankfurt",
        "bridge.eventbridge.endpoint | AWS_ENDPOINT_URL_EVENTBRIDGE (bridge.eventbridge.endpoint) | localhost:5000",
        "bridge.eventbridge.endpoint        | AWS_ENDPOINT_URL_EVENTBRIDGE (bridge.eventbridge.endpoint) | http://",
        "bridge.eventbridge.bus             | EVENTBUS_NAME (bridge.eventbridge.bus)   | a bus",
        "bridge.eventbridge.bus             | EVENTBUS_NAME (bridge.eventbridge.bus)   | arn:aws:sqs:eu-central-1:1:q",
        "bridge.eventbridge.source | BRIDGE_EVENTBRIDGE_SOURCE (bridge.eventbridge.source) | aws.events",
        "bridge.eventbridge.max.entry.bytes | BRIDGE_EVENTBRIDGE_MAX_ENTRY_BYTES (bridge.eventbridge.max.entry.bytes)"
            + " | 1000001",
        "bridge.eventbridge.max.entry.bytes | BRIDGE_EVENTBRIDGE_MAX_ENTRY_BYTES (bridge.eventbridge.max.entry.bytes)"
            + " | 99999999999999999999",
        "bridge.eventbridge.timeout | BRIDGE_EVENTBRIDGE_TIMEOUT (bridge.eventbridge.timeout) | 0s",
        "bridge.eventbridge.timeout | BRIDGE_EVENTBRIDGE_TIMEOUT (bridge.eventbridge.timeout) | soon",
        "bridge.eventbridge.timeout | BRIDGE_EVENTBRIDGE_TIMEOUT (bridge.eventbridge.timeout) | -5s",
        "bridge.eventbridge.timeout | BRIDGE_EVENTBRIDGE_TIMEOUT (bridge.eventbridge.timeout) | 99999999999999999999s",
        "bridge.eventbridge.concurrency | BRIDGE_EVENTBRIDGE_CONCURRENCY (bridge.eventbridge.concurrency) | 0",
        "bridge.delivery.mode | BRIDGE_DELIVERY_MODE (bridge.delivery.mode) | fast",
        "bridge.delivery.reply.budget | BRIDGE_DELIVERY_REPLY_BUDGET (bridge.delivery.reply.budget) | 2 s",
        "bridge.outbox.max.bytes | BRIDGE_OUTBOX_MAX_BYTES (bridge.outbox.max.bytes) | 1 GB",
        "bridge.outbox.max.age | BRIDGE_OUTBOX_MAX_AGE (bridge.outbox.max.age) | 1 day",
        "bridge.outbox.retry.max.delay | BRIDGE_OUTBOX_RETRY_MAX_DELAY (bridge.outbox.retry.max.delay) | 0s",
        "bridge.cxone.base.url              | CXONE_BASE_URL (bridge.cxone.base.url)   | ftp://api.mynicecx.com",
        "bridge.cxone.token.url             | CXONE_TOKEN_URL (bridge.cxone.token.url) | /oauth2/token",
        "bridge.cxone.auth | BRIDGE_CXONE_AUTH (bridge.cxone.auth) | basic",
        "bridge.public.url | BRIDGE_PUBLIC_URL (bridge.public.url) | bridge.example.com",
        "bridge.registration.enabled | BRIDGE_REGISTRATION_ENABLED (bridge.registration.enabled) | yes",
        "bridge.registration.period | BRIDGE_REGISTRATION_PERIOD (bridge.registration.period) | 5 minutes",
        "bridge.datalake.url                | DATA_LAKE_WEBHOOK_URL (bridge.datalake.url) | lake",
        "bridge.idempotency.ttl | BRIDGE_IDEMPOTENCY_TTL (bridge.idempotency.ttl) | 0",
        "bridge.idempotency.max.entries | BRIDGE_IDEMPOTENCY_MAX_ENTRIES (bridge.idempotency.max.entries) | 0",
        "bridge.ordering.policy | BRIDGE_ORDERING_POLICY (bridge.ordering.policy) | strict",
        "bridge.ordering.key | BRIDGE_ORDERING_KEY (bridge.ordering.key) | routingContext.queueId",
        "bridge.ordering.tolerance | BRIDGE_ORDERING_TOLERANCE (bridge.ordering.tolerance) | ten",
        "bridge.ordering.max.future.skew | BRIDGE_ORDERING_MAX_FUTURE_SKEW (bridge.ordering.max.future.skew) | 1x",
        "bridge.ordering.window | BRIDGE_ORDERING_WINDOW (bridge.ordering.window) | ms",
        "bridge.ops.token | BRIDGE_OPS_TOKEN (bridge.ops.token) | fifteen-charact",
        "bridge.ops.hosts | BRIDGE_OPS_HOSTS (bridge.ops.hosts) | bridge.example.com:9876",
        "bridge.ops.hosts | BRIDGE_OPS_HOSTS (bridge.ops.hosts) | http://bridge.example.com",
        "bridge.ops.hosts | BRIDGE_OPS_HOSTS (bridge.ops.hosts) | bridge example",
        "bridge.ops.hosts | BRIDGE_OPS_HOSTS (bridge.ops.hosts) | 2001:db8::7",
        "bridge.oversize.policy | BRIDGE_OVERSIZE_POLICY (bridge.oversize.policy) | split",
        "bridge.shutdown.delay | BRIDGE_SHUTDOWN_DELAY (bridge.shutdown.delay) | -1s"})
    void aWrongValueIsOneLineWithNameProblemAndExample(String key, String name, String value) {
        // Given
        system.setProperty(key, value);

        // When
        List<String> problems = problems();

        // Then
        assertThat(problems).singleElement().asString()
                .startsWith(name + ": must ").endsWith("; example: " + Settings.TABLE.get(key).example())
                .doesNotContain("For input", "java").doesNotContainPattern("[\n\r]");
    }

    @ParameterizedTest
    @CsvSource({
        "bridge.webhook.secret, be one line of visible ASCII characters",
        "bridge.webhook.secret.previous, be one line of visible ASCII characters",
        "bridge.datalake.authorization, be one line of visible ASCII characters",
        "bridge.webhook.hmac.secret, be one line",
        "bridge.cxone.client.id, be one line",
        "bridge.cxone.client.secret, be one line"})
    void aSecretOfMoreThanOneLineIsRefusedAndNotQuoted(String key, String must) {
        // Given
        system.setProperty(key, "the-first-line-of-it\nand-the-second");

        // When, Then
        assertThat(problems()).singleElement().asString()
                .startsWith(Settings.nameOf(key) + ": must " + must + "; ")
                .doesNotContain("first-line", "second", "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a-secret-with-a-tab\tinside", "a-secret-with-\u0000-inside", "a-secret-with-ü-in-it",
        "\uFEFFa-secret-after-a-mark", "a-secret-with\u00a0a-space", "a-secret-with\rreturn"})
    void aSecretThatNoHeaderCarriesIsRefused(String secret) {
        // Given
        system.setProperty("bridge.webhook.secret", secret);

        // When, Then
        assertThat(problems()).singleElement().asString().contains("visible ASCII characters").doesNotContain(secret);
    }

    @Test
    void aLineBreakAfterASecretIsNoPartOfIt() {
        // Given
        environment.put("WEBHOOK_SECRET", "a secret of sixteen or more\r\n");

        // When, Then
        assertThat(read().webhookSecret()).isEqualTo("a secret of sixteen or more");
    }

    @Test
    void aFormMayCarryAClientSecretOfAnyVisibleCharacters() {
        // Given
        system.setProperty("bridge.cxone.client.secret", "a b&c=d+e%f/é:ü\"");

        // When, Then
        assertThat(read().cxoneClientSecret()).isEqualTo("a b&c=d+e%f/é:ü\"");
    }

    @Test
    void aByteOrderMarkBeforeASettingIsSkipped(@TempDir Path directory) throws IOException {
        // Given
        Path marked = directory.resolve("application.properties");
        Files.writeString(marked, "\uFEFFbridge.port=3003\n# joined from two files\n\uFEFFbridge.log.dir=there\n");

        // When
        Properties read = SettingsSource.read(marked);

        // Then
        assertThat(read).containsOnly(Map.entry("bridge.port", "3003"), Map.entry("bridge.log.dir", "there"));
    }

    @ParameterizedTest
    @CsvSource({
        "BRIDGE_ORDERNG_POLICY, BRIDGE_ORDERING_POLICY",
        "BRIDGE_ORDERING_POLICYS, BRIDGE_ORDERING_POLICY",
        "bridge_ordering_policy, BRIDGE_ORDERING_POLICY",
        "BRIDGE_PORT, PORT",
        "BRIDGE_WEBHOOK_SECRET, WEBHOOK_SECRET",
        "BRIDGE_EVENTBRIDGE_BUS, EVENTBUS_NAME",
        "WEBHOOK_SECRET_PREVIUS, WEBHOOK_SECRET_PREVIOUS",
        "CXONE_CLIENTID, CXONE_CLIENT_ID"})
    void aVariableThatNobodyReadsIsNamedWithTheOneThatWasMeant(String variable, String meant) {
        // Given
        environment.put(variable, "a-secret-or-not");

        // When, Then
        assertThat(source().warnings()).singleElement().asString()
                .startsWith(variable + ": ").contains(" " + meant + " (bridge.")
                .doesNotContain("a-secret-or-not", "\n");
        assertThatCode(this::read).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BRIDGE_ORDERING_POLICY", "WEBHOOK_SECRET", "PORT", "HOST", "SPORT", "AWS_DEFAULT_REGION",
        "CXONE_TENANT", "HOME", "BRIDGE_SERVICE_HOST", "BRIDGE_SERVICE_PORT_OPS", "BRIDGE_PORT_9876_TCP_ADDR"})
    void variablesOfOthersAndThoseThatAreReadAreLeftAlone(String variable) {
        // Given
        environment.put(variable, "x");

        // When, Then
        assertThat(source().warnings()).isEmpty();
    }

    @Test
    void everyExampleWouldBeAccepted() {
        // When, Then
        assertThat(Settings.TABLE.values()).allSatisfy(setting ->
                assertThatCode(() -> setting.parser().apply(setting.example())).doesNotThrowAnyException());
    }

    @Test
    void everyDefaultWouldBeAccepted() {
        // When, Then
        assertThat(Settings.TABLE.values()).filteredOn(setting -> setting.defaultValue() != null)
                .isNotEmpty()
                .allSatisfy(setting ->
                        assertThatCode(() -> setting.parser().apply(setting.defaultValue()))
                                .doesNotThrowAnyException());
    }

    @Test
    void everyWrongSettingHasALine() {
        // Given
        system.setProperty("bridge.port", "x");
        system.setProperty("bridge.oversize.policy", "y");
        file.remove("bridge.aws.region");

        // When, Then
        assertThat(problems()).hasSize(3);
    }

    @Test
    void anUnknownSettingIsRefusedByItsName() {
        // Given
        file.setProperty("bridge.orderng.policy", "flag");

        // When, Then
        assertThat(problems()).singleElement().asString()
                .startsWith("bridge.orderng.policy: is not a setting of the bridge");
    }

    @Test
    void anUnknownSettingOnTheCommandLineIsRefusedToo() {
        // Given
        system.setProperty("bridge.prt", "3001");

        // When, Then
        assertThat(problems()).singleElement().asString().startsWith("bridge.prt: ");
    }

    @Test
    void propertiesOfOthersAreLeftAlone() {
        // Given
        file.setProperty("camel.main.name", "x");
        system.setProperty("java.version", "17");

        // When, Then
        assertThatCode(this::read).doesNotThrowAnyException();
        assertThat(source().getProperty("camel.main.name")).isNull();
    }

    @Test
    void theTokenUrlFollowsTheBaseUrl() {
        // Given
        environment.put("CXONE_BASE_URL", "https://cxone.example.com/");

        // When, Then
        assertThat(source().getProperty("bridge.cxone.token.url")).isEqualTo("https://cxone.example.com/oauth2/token");
        assertThat(source().getProperty("bridge.cxone.base.url")).isEqualTo("https://cxone.example.com");
    }

    @Test
    void theTokenUrlCanBeAnother() {
        // Given
        environment.put("CXONE_TOKEN_URL", "https://login.example.com/token");

        // When, Then
        assertThat(source().getProperty("bridge.cxone.token.url")).isEqualTo("https://login.example.com/token");
    }

    @Test
    void noSecretIsInAnyToString() {
        // Given
        system.setProperty("bridge.webhook.secret.previous", "the-previous-secret-value");
        system.setProperty("bridge.webhook.hmac.secret", "the-hmac-secret-value");
        system.setProperty("bridge.datalake.authorization", "Bearer lake-token-value");
        system.setProperty("bridge.ops.token", "the-operators-token-value");

        // When
        Settings settings = read();

        // Then
        assertThat(settings.toString()).doesNotContain(SettingsForTests.SECRET, "the-previous-secret-value",
                "the-hmac-secret-value", "client-secret\"", "=client-secret", "lake-token-value",
                "the-operators-token-value");
        assertThat(settings.operatorsToken()).isEqualTo("the-operators-token-value");
        assertThat(settings.webhookSecrets()).containsExactly(SettingsForTests.SECRET, "the-previous-secret-value");
    }

    @Test
    void noSecretIsInTheMessageAboutAWrongOne() {
        // Given
        system.setProperty("bridge.webhook.secret", "tooshort");
        system.setProperty("bridge.datalake.authorization", "Bearer lake\ntoken");
        system.setProperty("bridge.ops.token", "the-operators\ntoken-value");

        // When, Then
        assertThatThrownBy(this::read).isInstanceOf(InvalidSettings.class)
                .message().doesNotContain("tooshort", "Bearer lake", "token\n", "the-operators", "token-value");
    }

    @Test
    void theOperationsHostsAreGivenWithCommasBetweenThem() {
        // Given
        environment.put("BRIDGE_OPS_HOSTS", "bridge.example.com, 192.0.2.7 ,[2001:db8::7],");

        // When, Then
        assertThat(read().operationsHosts()).containsExactly("bridge.example.com", "192.0.2.7", "[2001:db8::7]");
    }

    @Test
    void aBusMayBeGivenByItsArn() {
        // Given
        String arn = "arn:aws:events:eu-central-1:123456789012:event-bus/contact-centre";
        environment.put("EVENTBUS_NAME", arn);

        // When, Then
        assertThat(read().eventBus()).isEqualTo(arn);
    }

    @ParameterizedTest
    @CsvSource({"500ms, 500", "10s, 10000", "5m, 300000", "1h, 3600000", "1h30m, 5400000", "250, 250"})
    void durationsAreReadAsCamelReadsThem(String text, long millis) {
        // Given
        system.setProperty("bridge.eventbridge.timeout", text);

        // When, Then
        assertThat(read().eventBridgeTimeout()).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1000000", "1024"})
    void anEntryMayBeAsLargeAsAwsAllows(String bytes) {
        // Given
        system.setProperty("bridge.eventbridge.max.entry.bytes", bytes);

        // When, Then
        assertThat(read().maxEntryBytes()).isEqualTo(Integer.parseInt(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "jdbc:mysql://db/bridge", "jdbc:postgresql://",
        "jdbc:postgresql://db.example.com", "jdbc:postgresql://me:secret-of-mine@db.example.com/bridge"})
    void aStoreIsEmbeddedOrAPostgresql(String wrong) {
        // Given
        environment.put("BRIDGE_STORE_URL", wrong);

        // When, Then
        assertThat(problems()).singleElement(STRING).startsWith("BRIDGE_STORE_URL (bridge.store.url): must be embedded")
                .contains("example: jdbc:postgresql://db.example.com:5432/bridge").doesNotContain("secret-of-mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:postgresql://db.example.com/bridge", "jdbc:postgresql://[::1]:5432/bridge?ssl=true",
        "jdbc:postgresql://a.example.com:5432,b.example.com:5432/bridge?targetServerType=primary"})
    void aPostgresqlIsShared(String url) {
        // Given
        environment.put("BRIDGE_STORE_URL", url);

        // When, Then
        assertThat(read().sharedStore()).isTrue();
        assertThat(read().storeUrl()).isEqualTo(url);
    }
}
