package org.routingbridge.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The environment variables that lead a bridge to the simulators; the names are those of the project's contract. */
final class SandboxEnvironment {

    static final String DIRECTORY = "target/sandbox";
    static final String BUS = "sandbox-bus";

    private static final Set<String> SECRET = Set.of("WEBHOOK_SECRET", "AWS_SECRET_ACCESS_KEY", "CXONE_CLIENT_SECRET");
    /** What a developer's shell may hold for a real bridge must not reach the sandbox. */
    private static final List<String> NOT_INHERITED = List.of("AWS_", "BRIDGE_", "CXONE_", "DATA_LAKE_", "WEBHOOK_",
            "EVENTBUS_");

    private final Map<String, String> variables = new LinkedHashMap<>();

    SandboxEnvironment(int port, int managementPort, EventBridgeSimulator eventBridge, CxoneSimulator cxone,
                       DataLakeSimulator dataLake) {
        this(DIRECTORY, port, managementPort, eventBridge, cxone, dataLake);
    }

    /** With data and logs in another directory. */
    SandboxEnvironment(String directory, int port, int managementPort, EventBridgeSimulator eventBridge,
                       CxoneSimulator cxone, DataLakeSimulator dataLake) {
        variables.put("PORT", Integer.toString(port));
        variables.put("MANAGEMENT_PORT", Integer.toString(managementPort));
        variables.put("WEBHOOK_SECRET", newSecret());
        variables.put("AWS_REGION", "eu-central-1");
        variables.put("AWS_ENDPOINT_URL_EVENTBRIDGE", eventBridge.endpoint().toString());
        variables.put("AWS_ACCESS_KEY_ID", EventBridgeSimulator.ACCESS_KEY_ID);
        variables.put("AWS_SECRET_ACCESS_KEY", EventBridgeSimulator.SECRET_ACCESS_KEY);
        variables.put("EVENTBUS_NAME", BUS);
        variables.put("CXONE_CLIENT_ID", cxone.clientId());
        variables.put("CXONE_CLIENT_SECRET", cxone.clientSecret());
        variables.put("CXONE_BASE_URL", cxone.endpoint().toString());
        variables.put("BRIDGE_PUBLIC_URL", "http://127.0.0.1:" + port + "/webhook/routing-events");
        variables.put("DATA_LAKE_WEBHOOK_URL", dataLake.endpoint() + "/routing-events");
        variables.put("BRIDGE_DATA_DIR", directory + "/data");
        variables.put("BRIDGE_LOG_DIR", directory + "/logs");
    }

    String get(String name) {
        return variables.get(name);
    }

    /** Puts the variables into a process's environment, in place of any that would interfere. */
    void putInto(Map<String, String> environment) {
        environment.keySet().removeIf(name -> NOT_INHERITED.stream().anyMatch(name::startsWith));
        environment.putAll(variables);
    }

    /** Lines for a shell, without the secret ones. */
    Stream<String> openLines() {
        return variables.keySet().stream().filter(name -> !SECRET.contains(name)).map(this::line);
    }

    /** Writes lines for a shell, the secret ones too, to a file that its owner alone can read. */
    void write(Path file) throws IOException {
        Files.deleteIfExists(file);
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(file, variables.keySet().stream().map(this::line).toList());
    }

    private String line(String name) {
        return "export " + name + "='" + variables.get(name).replace("'", "'\\''") + "'";
    }

    private static String newSecret() {
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }
}
