package org.routingbridge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.routingbridge.Projects;
import org.routingbridge.routes.RouteFault;

/** What {@code check} says of a copy of the shipped project, edited as people edit. */
class CheckCommandTest {

    private static final String PROPERTIES = "application.properties";
    private static final String RECEIVE = "routes/receive-routing-events.camel.yaml";

    @TempDir
    Path project;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void copyProject() throws IOException {
        Files.copy(Path.of(PROPERTIES), project.resolve(PROPERTIES));
        Files.createDirectory(project.resolve("routes"));
        try (Stream<Path> routes = Files.list(Path.of("routes"))) {
            for (Path route : routes.toList()) {
                Files.copy(route, project.resolve(route));
            }
        }
    }

    private void edit(String file, String before, String after) throws IOException {
        String text = Files.readString(project.resolve(file));
        assertThat(text).contains(before);
        int at = text.indexOf(before);
        Files.writeString(project.resolve(file),
                text.substring(0, at) + after + text.substring(at + before.length()));
    }

    private int check(String... arguments) {
        return new CheckCommand(Projects::of).run(Arrays.asList(arguments), stream(out), stream(err));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private List<String> said() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void nothingIsWrongWithTheShippedProject() throws IOException {
        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().startsWith("Nothing is wrong with ");
        assertThat(exit).isZero();
        try (Stream<Path> left = Files.list(project)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder(PROPERTIES,
                    "routes");
        }
    }

    @Test
    void theDirectoryItIsStartedInIsTheProjectsRoot() {
        // When
        int exit = check();

        // Then
        assertThat(said()).containsExactly("Nothing is wrong with routes and application.properties");
        assertThat(exit).isZero();
    }

    @ParameterizedTest
    @EnumSource(RouteFault.class)
    void aFaultIsALineWithFileAndLine(RouteFault fault) throws IOException {
        // Given
        edit("routes/" + fault.file(), fault.before(), fault.after());

        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().contains(fault.said())
                .startsWith(project.resolve("routes").resolve(fault.file()) + ":").containsPattern("yaml:\\d+: ");
        assertThat(exit).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bridge.port=3000 | bridge.prot=3000 | :8: bridge.prot: is not a setting of the bridge; did you mean"
                + " bridge.port?",
        "bridge.webhook.max.inflight=1024 | bridge.webhook.max.inflight=many | : bridge.webhook.max.inflight: must be"
                + " a whole number from 1 to 100000; example: 1024",
        "camel.main.name= | camel.main.nam= | : camel.main.nam: Camel has no such setting; did you mean"
                + " camel.main.name?",
        "camel.main.jmxEnabled=false | camel.main.jmxEnabled=no | : camel.main.jmxEnabled: is no, and has to be true"
                + " or false",
        "camel.component.http.connectTimeout | camel.component.http.conectTimeout | :"
                + " camel.component.http.conectTimeout: Camel has no such setting; did you mean"
                + " camel.component.http.connectTimeout?",
        "camel.component.properties.systemPropertiesMode | camel.component.properties.systemPropertyMode | :"
                + " camel.component.properties.systemPropertyMode: Camel has no such setting; did you mean"
                + " camel.component.properties.systemPropertiesMode?",
        "bridge.port=3000 | brigde.port=3000 | :8: brigde.port: nobody reads it; did you mean bridge.port?",
        "bridge.data.dir=data | bridge.data.dir={{my.dir}} | : bridge.data.dir: there is no property my.dir"})
    void aPropertyThatIsWrongOrThatNobodyReadsIsALineToo(String before, String after, String told)
            throws IOException {
        // Given
        edit(PROPERTIES, before, after);

        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().startsWith(PROPERTIES + ":").endsWith(told);
        assertThat(exit).isEqualTo(1);
    }

    @Test
    void aPropertyThatStandsTwiceIsRemarked() throws IOException {
        // Given
        edit(PROPERTIES, "bridge.port=3000\n", "bridge.port=3000\nbridge.port=3001\n");

        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).containsExactly(
                PROPERTIES + ":9: bridge.port: stands in line 8 too, which does not count");
        assertThat(exit).isEqualTo(1);
    }

    @Test
    void aPropertyThatARouteOrAnotherPropertyReadsIsWell() throws IOException {
        // Given
        edit(PROPERTIES, "bridge.port=3000\n", "bridge.port=3000\nmy.path={{my.root}}/here\nmy.root=/webhook\n");
        edit(RECEIVE, "path: /webhook/routing-events", "path: \"{{my.path}}\"");

        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().startsWith("Nothing is wrong");
        assertThat(exit).isZero();
    }

    @Test
    void aStepWithoutAnIdIsRemarked() throws IOException {
        // Given
        edit(RECEIVE, "            id: read-json\n", "");

        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().contains("step bean: has no id of its own");
        assertThat(exit).isEqualTo(1);
    }

    @Test
    void anOptionThatStandsTwiceIsAnError() throws IOException {
        // Given
        edit(RECEIVE, "            ref: jsonReader\n", "            ref: jsonReader\n            ref: jsonReader\n");

        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().endsWith(
                "ref stands twice in the same place, and only one would count");
        assertThat(exit).isEqualTo(1);
    }

    @Test
    void aParameterThatIsNearlyAnOptionIsRemarked() throws IOException {
        // Given
        edit(RECEIVE, """
                    uri: direct
                    parameters:
                      name: accept-routing-event
                """.indent(8), """
                    uri: http://agents.example.com/now?httpMethd=GET&queue=1
                """.indent(8));

        // When
        int exit = check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().endsWith("step accept: httpMethd is no option of http and"
                + " becomes a parameter of the address; did you mean httpMethod?");
        assertThat(exit).isEqualTo(1);
    }

    @Test
    void beansOfARouteFilesOwnAreKnownAndNoneIsMade() throws IOException {
        // Given
        Files.writeString(project.resolve("routes/ours.camel.yaml"), """
                - beans:
                    - name: isKept
                      type: org.routingbridge.outbox.HasToQueue
                      constructors:
                        0: "#bean:outbox"
                - route:
                    id: ours
                    from:
                      uri: direct:ours
                      steps:
                        - filter:
                            id: what-is-kept
                            expression:
                              ref:
                                expression: isKept
                            steps:
                              - bean:
                                  id: no-such-method
                                  ref: isKept
                                  method: matchs
                """);

        // When
        check(project.toString());

        // Then
        assertThat(said()).singleElement().asString().endsWith("step no-such-method: the bean isKept has no method"
                + " matchs; did you mean matches?");
    }

    @Test
    void severalFindingsAreInTheOrderOfFilesAndLines() throws IOException {
        // Given
        edit(RECEIVE, "method: verifySignature", "method: verifySignatur");
        edit(RECEIVE, "method: verifySecret", "method: verifySecrets");
        edit("routes/check-routing-events.camel.yaml", "ref: eventEntries", "ref: eventEntris");

        // When
        check(project.toString());

        // Then
        assertThat(said()).hasSize(3).satisfiesExactly(
                first -> assertThat(first).contains("check-routing-events"),
                second -> assertThat(second).contains("verifySecrets"),
                third -> assertThat(third).contains("verifySignatur;"));
    }

    @Test
    void whoUsesItWronglyIsTold() {
        // When
        List<Integer> exits = List.of(check(project.resolve("routes").toString()),
                check(project.resolve("nowhere").toString()));

        // Then
        assertThat(exits).containsOnly(2);
        assertThat(said()).isEmpty();
        assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("no project's root"));
        assertThatThrownBy(() -> check("one", "two")).isInstanceOf(WrongUse.class)
                .hasMessageContaining("one directory at most");
    }
}
