package org.routingbridge.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.InstalledPrograms;
import org.routingbridge.simulator.FreePorts;

/** The rules and the dashboard in {@code docker} speak of metrics that there are, and Prometheus understands both. */
class MonitoringFilesTest {

    private static final Path FILES = Path.of("docker");
    private static final Path RULES = FILES.resolve("prometheus-rules.yml");
    private static final Path DASHBOARD = FILES.resolve("grafana-dashboard.json");
    private static final Path RUNBOOK = Path.of("docs", "runbook.md");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern METRIC = Pattern.compile("\\b(?:bridge|jvm|process|system)_[a-z0-9_]+\\b");
    private static final Pattern ALERT = Pattern.compile("- alert: (\\S+)");
    private static final Pattern ANCHOR = Pattern.compile("runbook: docs/runbook\\.md#(\\S+)");
    private static final Pattern HEADING = Pattern.compile("(?m)^### (.+)$");

    private static BridgeUnderTest bridge;

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().withRegistration().start();
        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("200 processed");
        await().atMost(PATIENCE).until(() -> bridge.metric("bridge_registration_ok") == 1);
    }

    @AfterAll
    static void close() {
        bridge.close();
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(match -> match.group(match.groupCount())).toList();
    }

    private static List<String> queries() throws IOException {
        List<String> queries = new ArrayList<>();
        JSON.readTree(DASHBOARD.toFile()).path("panels").forEach(panel ->
                panel.path("targets").forEach(target -> queries.add(target.path("expr").asText())));
        return queries;
    }

    @Test
    void eachAlertHasItsPlaceInTheRunbook() throws IOException {
        // Given
        String rules = Files.readString(RULES);
        Set<String> headings = found(HEADING, Files.readString(RUNBOOK)).stream()
                .map(heading -> heading.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());

        // When
        List<String> alerts = found(ALERT, rules);
        List<String> anchors = found(ANCHOR, rules);

        // Then
        assertThat(alerts).hasSizeGreaterThan(12).doesNotHaveDuplicates();
        assertThat(anchors).isEqualTo(alerts.stream().map(alert -> alert.toLowerCase(Locale.ROOT)).toList());
        assertThat(headings).containsAll(anchors);
    }

    @Test
    void eachMetricOfTheRulesAndTheDashboardIsScraped() throws IOException {
        // Given
        Set<String> scraped = bridge.metrics().lines().filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[{ ]")[0]).collect(Collectors.toCollection(TreeSet::new));

        // When
        Set<String> named = Stream.concat(queries().stream(), Files.readAllLines(RULES).stream())
                .flatMap(text -> METRIC.matcher(text).results().map(MatchResult::group))
                .collect(Collectors.toCollection(TreeSet::new));

        // Then
        assertThat(named).hasSizeGreaterThan(15);
        assertThat(scraped).containsAll(named).contains("bridge_registration_ok", "bridge_token_expiry_seconds");
    }

    @Test
    void whatIsScrapedIsAsPrometheusWantsIt() throws Exception {
        // Given
        InstalledPrograms.assumeThereIs("promtool", "prometheus");
        Path scraped = Files.createDirectories(Path.of("target", "prometheus")).resolve("scraped.txt");
        Files.writeString(scraped, bridge.metrics());

        // When
        InstalledPrograms.Ended check = InstalledPrograms.run(scraped, List.of("promtool", "check", "metrics"));

        // Then
        assertThat(check).isEqualTo(new InstalledPrograms.Ended(0, ""));
    }

    @Test
    void theAlertsComeWhenTheyShouldAndNotBefore() throws Exception {
        // Given
        InstalledPrograms.assumeThereIs("promtool", "prometheus");
        String tests = Files.readString(FILES.resolve("prometheus-rules-test.yml"));

        // When
        InstalledPrograms.Ended test = InstalledPrograms.run(null, List.of("promtool", "test", "rules",
                FILES.resolve("prometheus-rules-test.yml").toString()));

        // Then
        assertThat(test.status()).as(test.output()).isZero();
        assertThat(found(ALERT, Files.readString(RULES)))
                .allSatisfy(alert -> assertThat(tests).contains("alertname: " + alert + "\n"));
    }

    @Test
    void theConfigurationIsValid() throws Exception {
        // Given
        InstalledPrograms.assumeThereIs("promtool", "prometheus");

        // When
        InstalledPrograms.Ended check = InstalledPrograms.run(null, List.of("promtool", "check", "config",
                FILES.resolve("prometheus.yml").toString()));

        // Then
        assertThat(check.status()).as(check.output()).isZero();
    }

    @Test
    void aPrometheusScrapesTheBridgeAndUnderstandsRulesAndDashboard() throws Exception {
        InstalledPrograms.assumeThereIs("prometheus", "prometheus");
        try (RunningPrometheus prometheus = new RunningPrometheus()) {
            // When
            await().atMost(PATIENCE).until(() -> prometheus.query("up == 1").size() == 1);

            // Then
            assertThat(prometheus.query("bridge_events_total{outcome=\"processed\"} >= 1")).hasSize(1);
            assertThat(prometheus.query("bridge_ready == 1 and bridge_books_balanced == 1")).hasSize(1);
            JsonNode target = prometheus.get("/api/v1/targets").at("/data/activeTargets/0");
            assertThat(target.path("health").asText()).isEqualTo("up");
            assertThat(target.path("lastError").asText()).isEmpty();
            await().atMost(PATIENCE).untilAsserted(() -> {
                JsonNode rules = prometheus.get("/api/v1/rules").at("/data/groups/0/rules");
                assertThat(rules).hasSameSizeAs(found(ALERT, Files.readString(RULES)));
                assertThat(rules).allSatisfy(rule -> assertThat(rule.path("health").asText()).isEqualTo("ok"));
                assertThat(rules).allSatisfy(rule -> assertThat(rule.path("state").asText())
                        .as(rule.path("name").asText()).isEqualTo("inactive"));
            });
            for (String query : queries()) {
                String plain = query.replace("$instance", ".*").replace("$__rate_interval", "1m");
                assertThat(prometheus.get("/api/v1/query?query=" + encoded(plain)).path("status").asText()).as(plain)
                        .isEqualTo("success");
                String bare = plain.replace(" > 0", "");
                if (!bare.contains("rate(") && !bare.contains("increase(")) {
                    assertThat(prometheus.query(bare)).as(bare).isNotEmpty();
                }
            }
        }
    }

    private static String encoded(String query) {
        return URLEncoder.encode(query, StandardCharsets.UTF_8);
    }

    /** A Prometheus with the configuration that is shipped, its target and its pace aside. */
    private static final class RunningPrometheus implements AutoCloseable {

        private final int port = FreePorts.choose(1)[0];
        private final HttpClient client = HttpClient.newHttpClient();
        private final Process process;

        RunningPrometheus() throws IOException {
            Path directory = Files.createDirectories(Path.of("target", "prometheus", UUID.randomUUID().toString()));
            String shipped = Files.readString(FILES.resolve("prometheus.yml"));
            assertThat(shipped).contains("[\"bridge:9876\"]", "_interval: 15s");
            Files.writeString(directory.resolve("prometheus.yml"), shipped
                    .replace("bridge:9876", "127.0.0.1:" + bridge.managementPort())
                    .replace("_interval: 15s", "_interval: 1s"));
            Files.copy(RULES, directory.resolve(RULES.getFileName()));
            process = new ProcessBuilder("prometheus", "--config.file=" + directory.resolve("prometheus.yml"),
                    "--storage.tsdb.path=" + directory.resolve("data"), "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true).redirectOutput(directory.resolve("prometheus.log").toFile()).start();
            await("Prometheus").atMost(PATIENCE).ignoreExceptions().until(() -> get("/api/v1/status/buildinfo")
                    .path("status").asText().equals("success"));
        }

        JsonNode get(String path) throws IOException, InterruptedException {
            return JSON.readTree(client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(PATIENCE).build(), BodyHandlers.ofString()).body());
        }

        JsonNode query(String query) throws IOException, InterruptedException {
            return get("/api/v1/query?query=" + encoded(query)).at("/data/result");
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
