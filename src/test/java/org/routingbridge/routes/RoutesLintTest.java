package org.routingbridge.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.routingbridge.RouteBeans;

/** What Camel lets pass without a word in a route file, and what would then show only when an event gets lost. */
class RoutesLintTest {

    private static final Pattern KEBAB = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern GENERATED = Pattern.compile(
            "(route|to|bean|choice|when|otherwise|log|process|filter|set-?body|set-?header|from)-?\\d+");
    private static final Pattern COMPACT_ENDPOINT = Pattern.compile("(direct|seda):(?://)?([^?]+).*");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([^:}]*)[^}]*}}");
    private static final Pattern THREAD_POOL = Pattern.compile("camel\\.threadpool\\.config\\[(\\w+)]\\.id");
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
    void noIdIsThereTwice() {
        // Given
        List<String> ids = new ArrayList<>();

        // When
        RouteFiles.visitMembers((name, value) -> {
            if (name.equals("id") && value.isTextual()) {
                ids.add(value.textValue());
            }
        });

        // Then
        assertThat(ids.stream().filter(id -> Collections.frequency(ids, id) > 1).distinct()).isEmpty();
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
    void everyDirectAndSedaEndpointHasAConsumer() {
        // Given
        Set<String> consumed = new HashSet<>();
        RouteFiles.routes().forEach(route -> endpoint(route.path("from")).ifPresent(consumed::add));

        // When
        Set<String> called = new HashSet<>();
        RouteFiles.routes().forEach(route -> callees(route.path("from").path("steps"), called));
        RouteFiles.all("routeConfiguration").forEach(policy -> callees(policy, called));

        // Then
        assertThat(called).isNotEmpty();
        assertThat(consumed).containsAll(called);
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
    void everyBeanThatIsReferredToIsDeclared() {
        // Given
        Set<String> declared = declaredBeans();

        // When
        Set<String> referred = referredBeans();

        // Then
        assertThat(referred).isNotEmpty();
        assertThat(declared).containsAll(referred);
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

    /** The beans, and the thread pools that Camel is given by name. */
    private static Set<String> declaredBeans() {
        Set<String> declared = new HashSet<>();
        RouteBeans.all().forEach(bean -> declared.add(bean.name()));
        applicationProperties().forEach((key, value) -> {
            Matcher pool = THREAD_POOL.matcher((String) key);
            if (pool.matches()) {
                declared.add(pool.group(1));
            }
        });
        return declared;
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

    @TestFactory
    Stream<DynamicTest> everyStepIsOneThatCamelKnows() {
        JsonSchema schema = schema();
        return RouteFiles.texts().entrySet().stream().map(file -> DynamicTest.dynamicTest(file.getKey(),
                () -> assertThat(mistakes(schema, file.getValue())).isEmpty()));
    }

    @Test
    void aMisspeltStepIsFound() {
        // Given
        String text = RouteFiles.texts().get("receive-routing-events.camel.yaml").replaceFirst("- removeHeaders:",
                "- removeHeader5:");

        // When
        Set<ValidationMessage> mistakes = mistakes(schema(), text);

        // Then
        assertThat(mistakes).isNotEmpty();
    }

    @Test
    void aMisspeltOptionIsFound() {
        // Given
        String text = RouteFiles.texts().get("receive-routing-events.camel.yaml").replaceFirst("routeConfigurationId",
                "routeConfigurationID");

        // When
        Set<ValidationMessage> mistakes = mistakes(schema(), text);

        // Then
        assertThat(mistakes).isNotEmpty();
    }

    private static JsonSchema schema() {
        try (InputStream in = RoutesLintTest.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(in,
                    SchemaValidatorsConfig.builder().typeLoose(true).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<ValidationMessage> mistakes(JsonSchema schema, String yaml) {
        return schema.validate(asTexts(RouteFiles.parse(resolved(yaml))));
    }

    /** Placeholders as {@code application.properties} has them; a setting without a value is a word. */
    private static String resolved(String yaml) {
        Properties properties = applicationProperties();
        return PLACEHOLDER.matcher(yaml).replaceAll(match ->
                Matcher.quoteReplacement(properties.getProperty(match.group(1), "word")));
    }

    private static Properties applicationProperties() {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of("application.properties"))) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** Camel takes a number for a text; the validator is loose only the other way round. */
    private static JsonNode asTexts(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(member -> member.setValue(asTexts(member.getValue())));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, asTexts(array.get(i)));
            }
        } else if (node.isNumber() || node.isBoolean()) {
            return TextNode.valueOf(node.asText());
        }
        return node;
    }
}
