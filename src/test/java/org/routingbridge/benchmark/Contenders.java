package org.routingbridge.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The servers that can be measured: the bridge, its yardsticks, and whatever else the user names. */
final class Contenders {

    static final String PATH = "/webhook/routing-events";
    static final Map<String, String> HEADERS = Map.of("X-Webhook-Secret", "a-secret-for-the-benchmark");
    static final String BRIDGE = "bridge";
    static final String BRIDGE_NO_LAKE = "bridge, no lake";
    static final String BRIDGE_QUEUED = "bridge, queued";
    static final String BRIDGE_SHARED = "bridge, PostgreSQL";
    static final String TWO_BRIDGES_SHARED = "two bridges, PostgreSQL";
    static final String FLOOR = "floor";
    static final String FLOOR_NO_JOBS = "floor, no audit, no lake";
    static final String BARE_ROUTE = "bare route";

    private static final Path ROOT = Path.of("");
    private static final String JAR = "target/cxone-routing-bridge.jar";
    /** The bridge's own logging: what else is in the tests' class path would log every message. */
    private static final String LOGGING = "-Dlog4j2.configurationFile=src/main/resources/log4j2.xml";
    private static final String LAKE_URL = "DATA_LAKE_WEBHOOK_URL";
    /** As the launcher sets it. */
    private static final Map<String, String> LAUNCHED = Map.of("MALLOC_ARENA_MAX", "2");

    private final BenchmarkOptions options;
    private final String sinkUrl;
    private final int port;
    private final int managementPort;
    private final Path work;

    /** @param work where the servers may keep their files */
    Contenders(BenchmarkOptions options, String sinkUrl, int port, int managementPort, Path work) {
        this.options = options;
        this.sinkUrl = sinkUrl;
        this.port = port;
        this.managementPort = managementPort;
        this.work = work;
    }

    Contender bridge() {
        return bridge(BRIDGE, Map.of(), true, false);
    }

    Contender bridgeWithoutLake() {
        return bridge(BRIDGE_NO_LAKE, Map.of(LAKE_URL, ""), false, false);
    }

    Contender bridgeQueued() {
        return bridge(BRIDGE_QUEUED, Map.of("BRIDGE_DELIVERY_MODE", "queued"), true, true);
    }

    Contender bridgeShared(Map<String, String> store) {
        return bridge(BRIDGE_SHARED, store, true, false);
    }

    /** Two bridges on one store, as one server: the shell that started them. */
    Contender twoBridgesShared(Map<String, String> store, int otherPort, int otherManagementPort) {
        Map<String, String> environment = environmentOfJava();
        environment.putAll(store);
        String bridge = command("-jar", JAR).stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        Path other = work.resolve("other").toAbsolutePath();
        return new Contender(TWO_BRIDGES_SHARED, List.of("/bin/sh", "-c", bridge + " & PORT=" + otherPort
                + " MANAGEMENT_PORT=" + otherManagementPort + " BRIDGE_DATA_DIR='" + other.resolve("data")
                + "' BRIDGE_LOG_DIR='" + other.resolve("logs") + "' " + bridge + " & wait"), ROOT, environment, false,
                true, true, false);
    }

    private Contender bridge(String name, Map<String, String> own, boolean notifies, boolean queues) {
        Map<String, String> environment = environmentOfJava();
        environment.putAll(own);
        return new Contender(name, command("-jar", JAR), ROOT, environment, false, true, notifies, queues);
    }

    Contender floor() {
        return new Contender(FLOOR, program(Floor.class, "audit", "lake"), ROOT, environmentOfJava(), false, true, true,
                false);
    }

    Contender floorWithoutJobs() {
        return new Contender(FLOOR_NO_JOBS, program(Floor.class), ROOT, environmentOfJava(), false, true, false, false);
    }

    Contender bareRoute() {
        return new Contender(BARE_ROUTE, program(BareRoute.class), ROOT, environmentOfJava(), false, false, false,
                false);
    }

    Contender storeRate(long warmUpSeconds, long seconds) {
        return new Contender("store", program(StoreRate.class, Long.toString(warmUpSeconds), Long.toString(seconds)),
                ROOT, environmentOfJava(), false, false, false, false);
    }

    Contender clientCost(long warmUpSeconds, long seconds) {
        return new Contender("client", program(ClientCost.class, Long.toString(warmUpSeconds), Long.toString(seconds)),
                ROOT, environmentOfJava(), false, false, false, false);
    }

    /** @param line of shell */
    Contender other(String name, String line) {
        return new Contender(name, List.of("/bin/sh", "-c", line), ROOT, environment(), true, true, true, false);
    }

    private List<String> program(Class<?> main, String... arguments) {
        List<String> command = command(LOGGING, "-cp", System.getProperty("java.class.path"), main.getName());
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private List<String> command(String... rest) {
        List<String> command = new ArrayList<>(options.javaCommand());
        command.addAll(Arrays.asList(rest));
        return command;
    }

    private Map<String, String> environmentOfJava() {
        Map<String, String> environment = environment();
        environment.putAll(LAUNCHED);
        return environment;
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PORT", Integer.toString(port));
        environment.put("MANAGEMENT_PORT", Integer.toString(managementPort));
        environment.put("SINK", sinkUrl);
        environment.put("WEBHOOK_SECRET", HEADERS.get("X-Webhook-Secret"));
        environment.put("AWS_REGION", "eu-central-1");
        environment.put("AWS_ACCESS_KEY_ID", "benchmark");
        environment.put("AWS_SECRET_ACCESS_KEY", "benchmark");
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_ENDPOINT_URL_EVENTBRIDGE", sinkUrl);
        environment.put("EVENTBUS_NAME", "benchmark");
        environment.put(LAKE_URL, sinkUrl + Sink.DATA_LAKE);
        environment.put("CXONE_BASE_URL", sinkUrl);
        environment.put("CXONE_CLIENT_ID", "benchmark");
        environment.put("CXONE_CLIENT_SECRET", "benchmark");
        environment.put("BRIDGE_REGISTRATION_ENABLED", "false");
        environment.put("BRIDGE_DATA_DIR", work.resolve("data").toAbsolutePath().toString());
        environment.put("BRIDGE_LOG_DIR", work.resolve("logs").toAbsolutePath().toString());
        return environment;
    }
}
