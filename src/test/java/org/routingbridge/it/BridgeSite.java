package org.routingbridge.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.routingbridge.simulator.CxoneSimulator;
import org.routingbridge.simulator.DataLakeSimulator;
import org.routingbridge.simulator.EventBridgeSimulator;
import org.routingbridge.simulator.FreePorts;
import org.routingbridge.simulator.SandboxOptions;

/**
 * A place where the bridge runs as a process of its own: a project's root with copies of the route files and of
 * {@code application.properties} and what the build has made, the environment it is given, and the three simulators
 * around it.
 */
public final class BridgeSite implements AutoCloseable {

    /** What the sender has to know. */
    public static final String WEBHOOK_SECRET = "logged-output-must-not-contain-this-secret";
    /** What CXone has to know. */
    public static final String CLIENT_SECRET = "logged-output-must-not-contain-this-client-secret";
    /** The bus that exists. */
    public static final String BUS = "bus-of-the-site";
    /** Where the webhook is, unless a test edits it. */
    public static final String PATH = "/webhook/routing-events";

    private static final String JAR = "target/cxone-routing-bridge.jar";
    private static final String OPTIONS = SandboxOptions.jvmOptions(Runtime.version().feature());
    private static final String LAUNCHER = "target/cxone-routing-bridge";
    /** Of processes that live for seconds; none where they are to run as they are shipped. */
    private static final String SHORT_LIVED = System.getProperty("bridges.jvm", "");
    private static final List<String> JVM_OPTIONS = Stream.of(SHORT_LIVED.split(" "))
            .filter(option -> !option.isBlank()).toList();

    private final EventBridgeSimulator bus = new EventBridgeSimulator();
    private final CxoneSimulator cxone = new CxoneSimulator();
    private final DataLakeSimulator dataLake = new DataLakeSimulator();
    private final Path directory = Path.of("target", "bridge-sites", UUID.randomUUID().toString()).toAbsolutePath();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<BridgeJvm> processes = new ArrayList<>();
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10)).build();

    /** With the simulators running and nothing else. */
    public BridgeSite() {
        bus.start();
        bus.createBus(BUS);
        cxone.credentials("client-of-the-site", CLIENT_SECRET);
        cxone.start();
        dataLake.start();
        copyProject();
        int[] ports = FreePorts.choose(2);
        with("PORT", ports[0]);
        with("MANAGEMENT_PORT", ports[1]);
        with("WEBHOOK_SECRET", WEBHOOK_SECRET);
        with("AWS_REGION", "eu-central-1");
        with("AWS_ACCESS_KEY_ID", EventBridgeSimulator.ACCESS_KEY_ID);
        with("AWS_SECRET_ACCESS_KEY", EventBridgeSimulator.SECRET_ACCESS_KEY);
        with("AWS_ENDPOINT_URL_EVENTBRIDGE", bus.endpoint());
        with("EVENTBUS_NAME", BUS);
        with("CXONE_CLIENT_ID", cxone.clientId());
        with("CXONE_CLIENT_SECRET", cxone.clientSecret());
        with("CXONE_BASE_URL", cxone.endpoint());
        with("BRIDGE_PUBLIC_URL", "https://bridge.example.com" + PATH);
        with("DATA_LAKE_WEBHOOK_URL", dataLake.endpoint() + "/routing-events");
    }

    private void copyProject() {
        Path built = Path.of("target").toAbsolutePath();
        try {
            Files.createDirectories(directory.resolve("routes"));
            Files.copy(Path.of("application.properties"), directory.resolve("application.properties"));
            // an archive of classes is for the jars under the very names they have from the project's root
            Path target = Files.createDirectory(directory.resolve("target"));
            try (DirectoryStream<Path> files = Files.newDirectoryStream(built, "{cxone-routing-bridge*,lib}")) {
                for (Path file : files) {
                    if (file.toString().endsWith(".options")) {
                        // a test may make others
                        Files.copy(file, target.resolve(file.getFileName()));
                    } else if (!file.endsWith(Path.of(LAUNCHER).getFileName())) {
                        Files.createSymbolicLink(target.resolve(file.getFileName()), file);
                    }
                }
            }
            if (Files.exists(Path.of(LAUNCHER))) {
                // a link would lead it to the root that it was built in
                Files.copy(Path.of(LAUNCHER), directory.resolve(LAUNCHER), StandardCopyOption.COPY_ATTRIBUTES);
            }
            try (DirectoryStream<Path> routes = Files.newDirectoryStream(Path.of("routes"), "*.camel.yaml")) {
                for (Path route : routes) {
                    Files.copy(route, directory.resolve(route));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An environment variable of the processes that are started from now on. */
    public BridgeSite with(String variable, Object value) {
        environment.put(variable, value.toString());
        return this;
    }

    /** A variable that they are not given. */
    public BridgeSite without(String variable) {
        environment.remove(variable);
        return this;
    }

    /** No variable at all. */
    public BridgeSite withoutAny() {
        environment.clear();
        return this;
    }

    /** Changes one of the copies, such as {@code routes/operate.camel.yaml}. */
    public BridgeSite edit(String file, UnaryOperator<String> change) {
        try {
            Path path = directory.resolve(file);
            String before = Files.readString(path);
            String after = change.apply(before);
            if (after.equals(before)) {
                throw new IllegalArgumentException("the change of " + file + " changes nothing");
            }
            save(path, after);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In one move, as editors do: whoever watches it sees one change and never half a file. */
    private void save(Path path, String text) throws IOException {
        Path saved = Files.writeString(directory.resolve(".saved"), text);
        Files.move(saved, path, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A file of the project's root, as it stands. */
    public String read(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a file in the project's root. */
    public BridgeSite write(String file, String text) {
        try {
            save(directory.resolve(file), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes one of the copies. */
    public BridgeSite remove(String file) {
        try {
            Files.delete(directory.resolve(file));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the packaged jar, with the options of the launcher where the build has made them. */
    public BridgeJvm start(String... systemProperties) {
        List<String> options = new ArrayList<>(List.of(systemProperties));
        if (Files.exists(directory.resolve(OPTIONS))) {
            options.add(0, "@" + OPTIONS);
        }
        return startJava(options.toArray(String[]::new), "-jar", JAR);
    }

    /** The same behind another command, which ends in becoming the one that follows it. */
    public BridgeJvm startIn(List<String> before, String... systemProperties) {
        List<String> command = new ArrayList<>(before);
        command.addAll(java(systemProperties, "-jar", JAR));
        return start(command, directory);
    }

    /**
     * Starts the launcher from another directory than the project's root, with the Java of this JVM where no
     * {@code JAVA_HOME} is given, and with options of a process that lives for seconds where no {@code JAVA_OPTS} are.
     */
    public BridgeJvm startLauncher(String... arguments) {
        environment.putIfAbsent("JAVA_HOME", System.getProperty("java.home"));
        environment.putIfAbsent("JAVA_OPTS", SHORT_LIVED);
        List<String> command = new ArrayList<>(List.of(directory.resolve(LAUNCHER).toString()));
        command.addAll(List.of(arguments));
        return start(command, directory.resolve("routes"));
    }

    /** The options that the launcher gives to the JVM. */
    public List<String> launcherOptions() throws IOException {
        return Files.readAllLines(directory.resolve(OPTIONS)).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
    }

    /** A file of the site, by its path from the project's root. */
    public Path path(String file) {
        return directory.resolve(file);
    }

    /** Starts a main class with this JVM's class path. */
    public BridgeJvm startMain(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return startJava(new String[0], command.toArray(String[]::new));
    }

    private BridgeJvm startJava(String[] systemProperties, String... rest) {
        return start(java(systemProperties, rest), directory);
    }

    private static List<String> java(String[] systemProperties, String... rest) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx384m"));
        command.addAll(JVM_OPTIONS);
        command.addAll(List.of(systemProperties));
        command.addAll(List.of(rest));
        return command;
    }

    private BridgeJvm start(List<String> command, Path workingDirectory) {
        BridgeJvm process = BridgeJvm.start(command, workingDirectory, environment,
                directory.resolve("output-" + processes.size() + ".log"));
        processes.add(process);
        return process;
    }

    /** EventBridge. */
    public EventBridgeSimulator bus() {
        return bus;
    }

    /** CXone's administration. */
    public CxoneSimulator cxone() {
        return cxone;
    }

    /** The customer's data lake. */
    public DataLakeSimulator dataLake() {
        return dataLake;
    }

    /** The webhook's port. */
    public int port() {
        return Integer.parseInt(environment.get("PORT"));
    }

    /** The management port. */
    public int managementPort() {
        return Integer.parseInt(environment.get("MANAGEMENT_PORT"));
    }

    /** Posts to the webhook as CXone does. */
    public HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return post(path, BodyPublishers.ofString(body));
    }

    /** Posts to the webhook in chunks, so that nothing tells how long the body is. */
    public HttpResponse<String> postChunked(String path, String body) throws IOException, InterruptedException {
        return post(path, BodyPublishers.fromPublisher(BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> post(String path, BodyPublisher body) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .header("X-Webhook-Secret", WEBHOOK_SECRET)
                .POST(body).build(), BodyHandlers.ofString());
    }

    /** A GET on the management port. */
    public HttpResponse<String> manage(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + environment.get("MANAGEMENT_PORT") + path))
                .timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
    }

    /** A POST on the management port, as an operator makes it, answered whenever all of it is done. */
    public CompletableFuture<HttpResponse<String>> operate(String path) {
        return client.sendAsync(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + environment.get("MANAGEMENT_PORT") + path))
                .POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    /** All that the bridge wrote: its output, its audit log, its data; the copies of the project are left out. */
    public String everythingWritten() {
        StringBuilder text = new StringBuilder();
        try (var files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path name = directory.relativize(file);
                if (!name.startsWith("routes") && !name.endsWith("application.properties")) {
                    text.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /** Ends the processes; the simulators go on. */
    public void stopAll() {
        processes.forEach(BridgeJvm::kill);
        processes.forEach(process -> process.awaitExit(Duration.ofSeconds(20)));
    }

    /** Ends the processes and the simulators. */
    @Override
    public void close() {
        processes.forEach(BridgeJvm::close);
        bus.close();
        cxone.close();
        dataLake.close();
    }

    /** Of replies by event id, the ids of those that were 2xx. */
    static Set<String> accepted(Map<String, Integer> replies) {
        return replies.entrySet().stream().filter(reply -> reply.getValue() / 100 == 2).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }
}
