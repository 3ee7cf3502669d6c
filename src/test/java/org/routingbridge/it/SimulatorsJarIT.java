package org.routingbridge.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The artifact with the simulators has all that they need beside the bridge's declared dependencies, and nothing of the
 * bridge: a program that knows no more than that is compiled and run on it.
 */
class SimulatorsJarIT {

    private static final Path JAR = Path.of("target/cxone-routing-bridge-simulators.jar").toAbsolutePath();
    private static final Path LIBRARIES = Path.of("target/lib").toAbsolutePath();

    /** What a user's test would do, without a bridge: each simulator is called once and tells what it was sent. */
    private static final String PROGRAM = """
            import java.net.URI;
            import java.net.http.HttpClient;
            import java.net.http.HttpRequest;
            import java.net.http.HttpResponse.BodyHandlers;
            import java.util.Base64;

            import org.routingbridge.simulator.CxoneSimulator;
            import org.routingbridge.simulator.DataLakeSimulator;
            import org.routingbridge.simulator.EventBridgeSimulator;
            import org.routingbridge.simulator.EventFactory;
            import org.routingbridge.simulator.SampleEvent;

            class UsersTest {

                private static final HttpClient CLIENT = HttpClient.newHttpClient();

                private static int post(URI to, String name, String value, String type, String body) throws Exception {
                    return CLIENT.send(HttpRequest.newBuilder(to).header(name, value).header("Content-Type", type)
                            .POST(HttpRequest.BodyPublishers.ofString(body)).build(), BodyHandlers.ofString())
                            .statusCode();
                }

                public static void main(String[] arguments) throws Exception {
                    SampleEvent event = new EventFactory().validEvent();
                    try (CxoneSimulator cxone = new CxoneSimulator(); DataLakeSimulator lake = new DataLakeSimulator();
                            EventBridgeSimulator bus = new EventBridgeSimulator()) {
                        cxone.start();
                        lake.start();
                        bus.start();
                        bus.createBus("bus");
                        bus.checkSignatures(false);
                        String basic = "Basic " + Base64.getEncoder().encodeToString(
                                (cxone.clientId() + ":" + cxone.clientSecret()).getBytes("UTF-8"));
                        post(cxone.endpoint().resolve("/oauth2/token"), "Authorization", basic,
                                "application/x-www-form-urlencoded", "grant_type=client_credentials");
                        post(lake.endpoint(), "X-From", "a test", "application/json", "{\\"eventId\\":\\"e1\\"}");
                        post(bus.endpoint(), "X-Amz-Target", "AWSEvents.PutEvents", "application/x-amz-json-1.1",
                                "{\\"Entries\\":[{\\"Source\\":\\"s\\",\\"DetailType\\":\\"t\\",\\"EventBusName\\":"
                                + "\\"bus\\","
                                + "\\"Detail\\":\\"{\\\\\\"id\\\\\\":\\\\\\"" + event.id() + "\\\\\\"}\\"}]}");
                        System.out.println("tokens " + cxone.tokenRequests() + ", notifications "
                                + lake.notifications().size() + ", on the bus " + bus.timesDelivered(event.id()));
                    }
                }
            }
            """;

    @TempDir
    private Path directory;

    @Test
    void itNeedsNothingButTheDeclaredDependencies() throws Exception {
        // Given
        Path program = Files.writeString(directory.resolve("UsersTest.java"), PROGRAM);
        Path output = directory.resolve("output");

        // When
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
                JAR + File.pathSeparator + LIBRARIES + File.separator + "*", program.toString())
                .redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();

        // Then
        String said = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as(said).isTrue();
        assertThat(said).contains("tokens 1, notifications 1, on the bus 1");
        assertThat(process.exitValue()).as(said).isZero();
    }

    @Test
    void itHoldsTheSimulatorsAlone() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            List<String> classes = jar.stream().map(entry -> entry.getName()).filter(name -> name.endsWith(".class"))
                    .toList();

            assertThat(classes).contains("org/routingbridge/simulator/EventBridgeSimulator.class")
                    .allMatch(name -> name.startsWith("org/routingbridge/simulator/"))
                    .noneMatch(name -> name.endsWith("Test.class"));
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class")).isNull();
        }
    }
}
