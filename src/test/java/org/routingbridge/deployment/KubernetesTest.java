package org.routingbridge.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import org.junit.jupiter.api.Test;

/**
 * The manifests in {@code kubernetes}: Kubernetes' own client for Java finds every property in its forms, and they
 * agree with each other and with the bridge.
 */
class KubernetesTest {

    private static final Path CONFIG_MAP = Path.of("kubernetes", "configmap.yaml");
    private static final Path DEPLOYMENT = Path.of("kubernetes", "deployment.yaml");
    private static final Path SECRET = Path.of("kubernetes", "example", "secret.yaml");
    private static final Duration TO_STOP = Duration.ofSeconds(10);
    private static final Gson GSON = new GsonBuilder().registerTypeAdapter(OffsetDateTime.class,
            (JsonDeserializer<OffsetDateTime>) (text, type, context) -> OffsetDateTime.parse(text.getAsString()))
            .create();

    /**
     * What Kubernetes takes of a kind.
     *
     * @param names refuses properties that the kind has not, and misses those that it requires
     */
    private record Form(Class<?> type, Names names) {

        void check(JsonElement manifest) throws IOException {
            names.check(manifest);
            Object read = GSON.fromJson(manifest, type);
            assertThat(read).isInstanceOf(type);
        }
    }

    private interface Names {

        void check(JsonElement manifest) throws IOException;
    }

    private static final Map<String, Form> FORMS = Map.of(
            "v1 ConfigMap", new Form(V1ConfigMap.class, V1ConfigMap::validateJsonElement),
            "v1 Secret", new Form(V1Secret.class, V1Secret::validateJsonElement),
            "v1 Service", new Form(V1Service.class, V1Service::validateJsonElement),
            "v1 ServiceAccount", new Form(V1ServiceAccount.class, V1ServiceAccount::validateJsonElement),
            "apps/v1 Deployment", new Form(V1Deployment.class, V1Deployment::validateJsonElement),
            "autoscaling/v2 HorizontalPodAutoscaler",
            new Form(V2HorizontalPodAutoscaler.class, V2HorizontalPodAutoscaler::validateJsonElement),
            "networking.k8s.io/v1 Ingress", new Form(V1Ingress.class, V1Ingress::validateJsonElement),
            "networking.k8s.io/v1 NetworkPolicy", new Form(V1NetworkPolicy.class, V1NetworkPolicy::validateJsonElement),
            "policy/v1 PodDisruptionBudget",
            new Form(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement));

    private static void check(String manifest) throws IOException {
        JsonElement tree = JsonParser.parseString(manifest);
        String form = tree.getAsJsonObject().get("apiVersion").getAsString() + " "
                + tree.getAsJsonObject().get("kind").getAsString();
        assertThat(FORMS).containsKey(form);
        FORMS.get(form).check(tree);
    }

    private static List<JsonNode> manifests() throws IOException {
        List<JsonNode> manifests = new ArrayList<>();
        for (Path file : YamlFiles.in("kubernetes")) {
            manifests.addAll(YamlFiles.documents(file));
        }
        return manifests;
    }

    private static JsonNode only(Path file) throws IOException {
        List<JsonNode> documents = YamlFiles.documents(file);
        assertThat(documents).hasSize(1);
        return documents.get(0);
    }

    private static JsonNode container() throws IOException {
        return only(DEPLOYMENT).at("/spec/template/spec/containers/0");
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void everyManifestHasTheFormThatKubernetesKnows() throws IOException {
        // Given
        List<JsonNode> manifests = manifests();

        // When
        for (JsonNode manifest : manifests) {
            check(manifest.toString());
        }

        // Then
        assertThat(manifests).extracting(manifest -> manifest.path("kind").asText()).contains("Deployment",
                "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy", "Service", "ConfigMap", "Secret");
    }

    @Test
    void aManifestOfAnotherFormIsFound() throws IOException {
        // Given
        String deployment = only(DEPLOYMENT).toString();

        // When, Then
        assertThatThrownBy(() -> check(deployment.replace("\"failureThreshold\"", "\"failureTreshold\"")))
                .hasMessageContaining("failureTreshold");
        assertThatThrownBy(() -> check(deployment.replace("\"template\"", "\"pod\""))).hasMessageContaining("pod");
        assertThatThrownBy(() -> check(deployment.replace("\"containerPort\":3000,", "")
                .replace(",\"containerPort\":3000", ""))).hasMessageContaining("containerPort");
        assertThatThrownBy(() -> check(deployment.replace("\"replicas\":2", "\"replicas\":\"two\"")))
                .hasMessageContaining("two");
    }

    @Test
    void eachSpeaksOfThePodsThatThereAre() throws IOException {
        // Given
        JsonNode labels = only(DEPLOYMENT).at("/spec/template/metadata/labels");

        // When
        List<JsonNode> selectors = new ArrayList<>();
        for (JsonNode manifest : manifests()) {
            for (String selector : List.of("/spec/selector/matchLabels", "/spec/podSelector/matchLabels",
                    "/spec/template/spec/topologySpreadConstraints/0/labelSelector/matchLabels")) {
                selectors.add(manifest.at(selector));
            }
            if (manifest.path("kind").asText().equals("Service")) {
                selectors.add(manifest.at("/spec/selector"));
            }
        }
        selectors.removeIf(JsonNode::isMissingNode);

        // Then
        assertThat(labels).isNotEmpty();
        assertThat(selectors).hasSize(5).allMatch(labels::equals);
    }

    @Test
    void theBridgeKnowsEveryVariable() throws IOException {
        // When
        Set<String> variables = names(only(CONFIG_MAP).path("data"));
        variables.addAll(names(only(SECRET).path("stringData")));

        // Then
        assertThat(SettingsOfTheReadme.variables()).containsAll(variables);
        assertThat(variables).contains("BRIDGE_STORE_URL", "WEBHOOK_SECRET");
    }

    @Test
    void noSecretStandsInAFile() throws IOException {
        // Given
        Set<String> secrets = names(only(SECRET).path("stringData"));

        // Then
        assertThat(only(SECRET).path("stringData")).allSatisfy(value -> assertThat(value.asText()).isEmpty());
        assertThat(names(only(CONFIG_MAP).path("data"))).doesNotContainAnyElementsOf(secrets)
                .noneMatch(name -> name.contains("SECRET") || name.contains("PASSWORD") || name.contains("TOKEN"));
    }

    @Test
    void aPodThatIsToldToStopHasTheTimeItTakes() throws IOException {
        // Given
        JsonNode config = only(CONFIG_MAP).path("data");
        Duration delay = Duration.parse("PT" + config.path("BRIDGE_SHUTDOWN_DELAY").asText());

        // When
        Duration grace = Duration.ofSeconds(
                only(DEPLOYMENT).at("/spec/template/spec/terminationGracePeriodSeconds").asLong());

        // Then
        assertThat(delay).isPositive();
        assertThat(grace).isGreaterThan(delay.plus(TO_STOP));
    }

    @Test
    void operatorsRoutesAreExposedToNobody() throws IOException {
        // Given
        assertThat(only(CONFIG_MAP).at("/data/BRIDGE_MANAGEMENT_HOST").asText()).isEqualTo("0.0.0.0");

        // Then
        assertThat(names(only(SECRET).path("stringData"))).contains("BRIDGE_OPS_TOKEN");
        for (JsonNode manifest : manifests()) {
            if (manifest.path("kind").asText().equals("Service")) {
                assertThat(manifest.at("/spec/ports")).extracting(port -> port.path("targetPort").asText())
                        .containsExactly("webhook");
            }
        }
    }

    @Test
    void probesAndServiceNamePortsOfTheContainer() throws IOException {
        // When
        JsonNode container = container();

        // Then
        assertThat(container.path("ports")).extracting(port -> port.path("name").asText() + " "
                + port.path("containerPort").asInt()).containsExactly("webhook 3000", "management 9876");
        assertThat(List.of("startupProbe", "livenessProbe", "readinessProbe")).allSatisfy(probe -> {
            assertThat(container.path(probe).at("/httpGet/port").asText()).isEqualTo("management");
            assertThat(container.path(probe).at("/httpGet/path").asText())
                    .isIn("/observe/health/live", "/observe/health/ready");
        });
    }
}
