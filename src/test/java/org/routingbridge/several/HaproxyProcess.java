package org.routingbridge.several;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.routingbridge.it.BridgeSite;
import org.routingbridge.simulator.FreePorts;

/** HAProxy before the bridges, with the configuration that is shipped, names, ports and Docker's resolver aside. */
final class HaproxyProcess implements AutoCloseable {

    private static final Path SHIPPED = Path.of("docker", "haproxy.cfg");
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String OF_DOCKER = " resolvers docker init-addr last,libc,none";

    private final int port;
    private final int statePort;
    private final int bridges;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;

    HaproxyProcess(Bridges bridges) throws IOException {
        int[] ports = FreePorts.choose(2);
        this.bridges = bridges.count();
        port = ports[0];
        statePort = ports[1];
        Path directory = Files.createDirectories(Path.of("target", "haproxy", UUID.randomUUID().toString()));
        Path configuration = directory.resolve("haproxy.cfg");
        Files.writeString(configuration, configuration(bridges));
        process = new ProcessBuilder("haproxy", "-f", configuration.toString()).redirectErrorStream(true)
                .redirectOutput(directory.resolve("haproxy.log").toFile()).start();
    }

    private String configuration(Bridges bridges) throws IOException {
        String shipped = Files.readString(SHIPPED);
        if (!shipped.contains("bind :3000") || !shipped.contains(" port 9876") || !shipped.contains(OF_DOCKER)) {
            throw new IllegalStateException(SHIPPED + " is not as it was");
        }
        String first = "    server bridge-1 bridge-1:3000\n";
        String servers = IntStream.range(0, bridges.count()).mapToObj(i -> "    server bridge-" + (i + 1)
                + " 127.0.0.1:" + bridges.site(i).port() + " port " + bridges.site(i).managementPort() + "\n")
                .collect(Collectors.joining());
        String states = IntStream.rangeClosed(1, bridges.count()).mapToObj(i ->
                "    http-request return status 200 if { path /" + i + " } { srv_is_up(bridges/bridge-" + i + ") }\n")
                .collect(Collectors.joining());
        return shipped.replace("bind :3000", "bind 127.0.0.1:" + port).replace(" port 9876", "")
                .replace(OF_DOCKER, "").replace(first + "    server bridge-2 bridge-2:3000\n", servers)
                + "\nfrontend state\n    bind 127.0.0.1:" + statePort + "\n" + states
                + "    http-request return status 404\n";
    }

    /** Where CXone posts. */
    URI webhook() {
        return URI.create("http://127.0.0.1:" + port + BridgeSite.PATH);
    }

    /** Returns once it leads requests to a bridge. */
    void awaitUp(int bridge) {
        await("bridge " + bridge + " behind HAProxy").atMost(PATIENCE).ignoreExceptions()
                .pollInterval(Duration.ofMillis(100)).until(() -> isUp(bridge));
    }

    /** Returns once it takes none of them for ready. */
    void awaitNoneUp() {
        await("no bridge that is ready").atMost(PATIENCE).ignoreExceptions().pollInterval(Duration.ofMillis(100))
                .until(() -> IntStream.range(0, bridges).noneMatch(this::isUp));
    }

    private boolean isUp(int bridge) {
        return client.sendAsync(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + statePort + "/" + (bridge + 1))).timeout(PATIENCE).build(),
                BodyHandlers.discarding()).join().statusCode() == 200;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
