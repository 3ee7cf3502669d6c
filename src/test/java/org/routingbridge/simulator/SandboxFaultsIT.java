package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.routingbridge.it.BridgeSite;

/** The sandbox with the packaged bridge while its EventBridge does wrong, as a newcomer starts it. */
class SandboxFaultsIT {

    private final BridgeSite site = new BridgeSite();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @AfterEach
    void close() {
        site.close();
    }

    private int run(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--rate", "10", "--seed", "7",
                "--port", Integer.toString(site.port()), "--management-port", Integer.toString(site.managementPort())));
        arguments.addAll(List.of(more));
        SandboxOptions options = SandboxOptions.parse(site.path(""), arguments.toArray(String[]::new));
        return new SandboxRun(options, new PrintStream(output, true, StandardCharsets.UTF_8)).run();
    }

    private List<String> said() {
        return output.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private List<String> told() {
        return said().stream().filter(line -> line.matches("[\\d:.]{12}  -- .*"))
                .map(line -> line.replaceFirst("^.{12}  -- ", "")).toList();
    }

    @Test
    void theOutboxADeadLetterAndAReplayAreShownAndTheBooksBalance() {
        // When
        int status = run("--events", "100", "--refuse", "2", "--throttle", "1s", "--outage", "3s");

        // Then
        assertThat(said()).endsWith("The books balance.");
        assertThat(status).isZero();
        assertThat(said()).filteredOn(line -> line.contains("202 dead_lettered")
                && line.endsWith("among the dead letters")).hasSize(2);
        assertThat(said()).filteredOn(line -> line.contains("202 queued")).isNotEmpty();
        assertThat(said()).filteredOn(line -> line.matches("replayed +2 .*")).hasSize(1);
        assertThat(told()).filteredOn(line -> line.startsWith("An operator puts it back: curl -X POST http://127.0.0.1:"
                + site.managementPort() + "/ops/dead-letters/")).hasSize(2);
        assertThat(told()).filteredOn(line -> !line.contains("curl")).extracting(line -> line
                        .replaceFirst("\\d+ waits? in", "N wait in").replaceFirst("[0-9.]+ s (later|after)", "N s $1"))
                .containsExactly(
                        "The bridge is ready and its webhook is registered at CXone, N s after its start",
                        "EventBridge refuses the next 2 events for good: answered 202 dead_lettered, and kept for an"
                                + " operator",
                        "2 events replayed, and on the bus",
                        "EventBridge throttles every call for 1.0 s: an event is tried again as it directs, and goes to"
                                + " the outbox where that takes too long",
                        "EventBridge takes events again; N wait in the outbox, and leave it in their order",
                        "The outbox is empty, N s later",
                        "EventBridge is away for 3.0 s: what comes now is answered 202 queued, and waits in the outbox"
                                + " on disk",
                        "EventBridge takes events again; N wait in the outbox, and leave it in their order",
                        "The outbox is empty, N s later");
    }
}
