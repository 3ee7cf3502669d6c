package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.routingbridge.Projects;
import org.routingbridge.RouteBeans;
import org.routingbridge.settings.SettingsFile;

/** What Camel lets pass without a word in a route file, and what would then show only when an event gets lost. */
class RoutesLintTest {

    private static final Pattern KEBAB = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern GENERATED = Pattern.compile(
            "(route|to|bean|choice|when|otherwise|log|process|filter|set-?body|set-?header|from)-?\\d+");
    private static final Pattern COMPACT_ENDPOINT = Pattern.compile("(direct|seda):(?://)?([^?]+).*");
    private static final Pattern BEAN_REFERENCE = Pattern.compile("#(?:bean:)?([A-Za-z][A-Za-z0-9]*)");
    /** Steps after which an event may go one way or another, and the policies that do so after a failure. */
    private static final Set<String> DECIDING = Set.of("choice", "filter", "doTry", "loop", "idempotentConsumer",
            "onException");
    /** The one policy that no route names, as Camel has it: of all routes that name none. */
    private static final String DEFAULT_POLICY = "*";
    /** A method of a bean that is asked when the routes are read. */
    private static final Pattern PLACEHOLDER_CALL = Pattern.compile("\\{\\{bean:(\\w+)\\.(\\w+)}}");
    /** Members whose value is a bean's name. */
    private static final Set<String> REFERENCES = Set.of("ref", "onRedeliveryRef", "idempotentRepository",
            "onPrepareRef", "executorService", "redeliveryPolicyRef", "aggregationStrategy",
            "aggregationRepository", "processorRef");

    @Test
    void thereAreRoutes() {
        // When
        List<JsonNode> routes = RouteFiles.routes();

        // Then
        assertThat(routes).hasSizeGreaterThan(5);
    }

    @Test
    void theCheckOfEveryStartFindsNothingAndRemarksNothing() {
        // Given
        Project shipped = Projects.of(RouteFiles.DIRECTORY, SettingsFile.alone(Path.of(Project.PROPERTIES)));

        // When
        List<Finding> findings = shipped.findings();

        // Then
        assertThat(findings).isEmpty();
    }

    @Test
    void everyRouteAndEveryPolicyIsNamedByAPersonAndSaysWhatItDoes() {
        // When
        List<JsonNode> named = Stream.concat(RouteFiles.routes().stream(),
                RouteFiles.all("routeConfiguration").stream()).toList();

        // Then
        assertThat(named).allSatisfy(node -> {
            assertThat(node.path("id").asText()).satisfiesAnyOf(RoutesLintTest::isNamedByAPerson,
                    id -> assertThat(id).isEqualTo(DEFAULT_POLICY));
            assertThat(node.path("description").asText()).as(node.path("id").asText()).isNotBlank();
        });
    }

    private static void isNamedByAPerson(String id) {
        assertThat(id).matches(KEBAB).doesNotMatch(GENERATED);
    }

    @Test
    void everyStepThatDecidesSaysWhatAbout() {
        // Given
        List<JsonNode> deciding = new ArrayList<>();

        // When
        RouteFiles.visitMembers((name, value) -> {
            if (DECIDING.contains(name) && value.isObject()) {
                deciding.add(value);
            }
        });

        // Then
        assertThat(deciding).hasSizeGreaterThan(20).allSatisfy(step ->
                assertThat(step.path("description").asText()).as(step.path("id").asText()).isNotBlank());
    }

    @Test
    void aRouteThatNamesNoPolicyFollowsTheDefault() {
        // When
        List<JsonNode> defaults = RouteFiles.all("routeConfiguration").stream()
                .filter(policy -> policy.path("id").asText().equals(DEFAULT_POLICY)).toList();

        // Then
        assertThat(defaults).singleElement().satisfies(policy ->
                assertThat(policy.path("errorHandler").has("noErrorHandler")).isTrue());
        assertThat(RouteFiles.routes()).noneMatch(route -> route.has("errorHandler"));
    }

    @Test
    void everyIdIsInKebabCaseAndNoneIsGenerated() {
        // Given
        List<String> ids = new ArrayList<>();

        // When
        RouteFiles.visitMembers((name, value) -> {
            if (name.equals("id") && value.isTextual()) {
                ids.add(value.textValue());
            }
        });

        // Then
        ids.remove(DEFAULT_POLICY);
        assertThat(ids).isNotEmpty().allSatisfy(RoutesLintTest::isNamedByAPerson);
    }

    @Test
    void everyPolicyThatARouteNamesExistsAndEveryPolicyIsNamed() {
        // Given
        List<String> policies = RouteFiles.ids("routeConfiguration").stream()
                .filter(id -> !id.equals(DEFAULT_POLICY)).toList();

        // When
        Set<String> named = new HashSet<>();
        RouteFiles.routes().forEach(route -> {
            if (route.has("routeConfigurationId")) {
                Arrays.stream(route.get("routeConfigurationId").asText().split(",")).map(String::strip)
                        .forEach(named::add);
            }
        });

        // Then
        assertThat(named).containsExactlyInAnyOrderElementsOf(policies);
    }

    @Test
    void everyInternalRouteIsCalledByARouteOrByABean() throws IOException {
        // Given
        Set<String> called = new HashSet<>(endpointsInJava());
        RouteFiles.routes().forEach(route -> callees(route.path("from").path("steps"), called));
        RouteFiles.all("routeConfiguration").forEach(policy -> callees(policy, called));

        // When
        Set<String> consumed = new HashSet<>();
        RouteFiles.routes().forEach(route -> endpoint(route.path("from")).ifPresent(consumed::add));

        // Then
        assertThat(called).containsAll(consumed);
    }

    @Test
    void aRouteThatABeanAloneCallsNamesTheStepThatDoesSo() {
        // Given
        Set<String> called = new HashSet<>();
        RouteFiles.routes().forEach(route -> callees(route.path("from").path("steps"), called));
        RouteFiles.all("routeConfiguration").forEach(policy -> callees(policy, called));
        List<String> steps = new ArrayList<>();
        RouteFiles.visitMembers((name, value) -> {
            if (name.equals("process") || name.equals("bean")) {
                steps.add(value.path("id").asText());
            }
        });

        // When
        List<JsonNode> calledByABean = RouteFiles.routes().stream().filter(route -> endpoint(route.path("from"))
                .filter(name -> !called.contains(name)).isPresent()).toList();

        // Then
        assertThat(calledByABean).isNotEmpty().allSatisfy(route ->
                assertThat(route.path("description").asText().split(" ")).containsAnyElementsOf(steps));
    }

    @Test
    void aDirectEndpointIsNamedLikeTheRouteItLeadsTo() {
        // When
        List<JsonNode> internal = RouteFiles.routes().stream()
                .filter(route -> endpoint(route.path("from")).filter(name -> name.startsWith("direct:")).isPresent())
                .toList();

        // Then
        assertThat(internal).isNotEmpty().allSatisfy(route ->
                assertThat(endpoint(route.path("from"))).contains("direct:" + route.path("id").asText()));
    }

    private static void callees(JsonNode steps, Set<String> into) {
        RouteFiles.visitMembers(steps, (name, value) -> {
            if (value.isObject() && value.has("uri")) {
                endpoint(value).ifPresent(into::add);
            } else if (value.isTextual()) {
                endpoint(value.textValue()).ifPresent(into::add);
            }
        });
    }

    private static Optional<String> endpoint(JsonNode node) {
        String uri = node.path("uri").asText();
        if (uri.equals("direct") || uri.equals("seda")) {
            return Optional.of(uri + ":" + node.path("parameters").path("name").asText());
        }
        return endpoint(uri);
    }

    private static Optional<String> endpoint(String uri) {
        Matcher compact = COMPACT_ENDPOINT.matcher(uri);
        return compact.matches() ? Optional.of(compact.group(1) + ":" + compact.group(2))
                : Optional.empty();
    }

    private static Set<String> endpointsInJava() throws IOException {
        Set<String> endpoints = new HashSet<>();
        Pattern literal = Pattern.compile("\"((?:direct|seda):[a-z-]+)");
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                literal.matcher(Files.readString(file)).results()
                        .forEach(match -> endpoints.add(match.group(1)));
            }
        }
        return endpoints;
    }

    @Test
    void everyBeanThatIsThereForRoutesIsUsedByOne() {
        // Given
        Set<String> referred = referredBeans();

        // When
        List<String> names = RouteBeans.all().stream().map(RouteBeans.Entry::name).toList();

        // Then
        assertThat(names).isNotEmpty().doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(name).matches("[a-z][A-Za-z0-9]*"));
        assertThat(referred).containsAll(names);
    }

    @Test
    void theMethodsThatAreListedAreThereAndAreThoseThatStepsCall() {
        // Given
        Map<String, Set<String>> called = new TreeMap<>();
        RouteFiles.visitMembers((name, value) -> {
            if (value.has("ref") && value.has("method")) {
                called.computeIfAbsent(value.get("ref").asText(), bean -> new TreeSet<>()).add(methodName(value));
            }
            if (value.isTextual()) {
                PLACEHOLDER_CALL.matcher(value.textValue()).results().forEach(call ->
                        called.computeIfAbsent(call.group(1), bean -> new TreeSet<>()).add(call.group(2)));
            }
        });

        // When
        Map<String, Set<String>> listed = new TreeMap<>();
        RouteBeans.all().stream().filter(bean -> !bean.methods().isEmpty())
                .forEach(bean -> listed.put(bean.name(), new TreeSet<>(bean.methods())));

        // Then
        assertThat(listed).isEqualTo(called);
        assertThat(RouteBeans.all()).allSatisfy(bean -> assertThat(bean.methods()).allSatisfy(method ->
                assertThat(bean.type().getMethods()).extracting(Method::getName).contains(method)));
    }

    @Test
    void everyBeanIsListedWithItsPurposeAndAUse() {
        // When
        List<RouteBeans.Entry> beans = RouteBeans.all();

        // Then
        assertThat(beans).allSatisfy(bean -> {
            assertThat(bean.purpose()).isNotBlank().hasSizeLessThan(100);
            assertThat(bean.uses()).as(bean.name()).isNotEmpty();
        });
    }

    /** Without the arguments that a step may give it. */
    private static String methodName(JsonNode step) {
        return step.get("method").asText().replaceFirst("\\(.*", "");
    }

    @Test
    void policiesStandInTheirOwnFile() {
        // When
        Map<String, String> files = RouteFiles.texts();

        // Then
        files.forEach((file, text) -> RouteFiles.parse(text).forEach(item -> {
            String kind = item.fieldNames().next();
            assertThat(kind).as(file).isEqualTo(
                    file.equals("error-handling.camel.yaml") ? "routeConfiguration" : "route");
        }));
    }

    private static Set<String> referredBeans() {
        Set<String> referred = new HashSet<>();
        RouteFiles.visitMembers((name, value) -> {
            if (name.equals("ref") && value.has("expression")) {
                referred.add(value.get("expression").asText());
            }
            if (!value.isTextual()) {
                return;
            }
            Matcher reference = BEAN_REFERENCE.matcher(value.textValue());
            if (reference.matches()) {
                referred.add(reference.group(1));
            } else if (REFERENCES.contains(name)) {
                referred.add(value.textValue());
            }
            PLACEHOLDER_CALL.matcher(value.textValue()).results().forEach(call -> referred.add(call.group(1)));
        });
        return referred;
    }
}
