package org.routingbridge.simulator;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One run of the sandbox: simulators, bridge, a stream of events, and the books at the end.
 *
 * <p>{@link #run()} does all of it in the calling thread; {@link #stop()} may be called by another one, as a shutdown
 * hook does.
 */
public final class SandboxRun {

    private static final Duration UNTIL_READY = Duration.ofSeconds(60);
    private static final Duration UNTIL_REGISTERED = Duration.ofSeconds(30);
    private static final Duration UNTIL_ANSWERED = Duration.ofSeconds(10);
    private static final Duration UNTIL_DELIVERED = Duration.ofSeconds(3);
    private static final Duration UNTIL_DRAINED = Duration.ofSeconds(30);
    private static final Duration UNTIL_TOLD = Duration.ofSeconds(5);
    private static final Duration UNTIL_STOPPED = Duration.ofSeconds(15);
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final String OPERATOR = "OPERATOR_";
    private static final String REPLAY = "OPERATOR_REPLAY";
    private static final int LINES_OF_TAIL = 20;
    static final int USUAL_PORT = 3000;
    static final int USUAL_MANAGEMENT_PORT = 9876;

    private final SandboxOptions options;
    private final PrintStream out;
    private final Narrator narrator;
    private final Path directory;
    private final Queue<EventFate> fates = new ConcurrentLinkedQueue<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CompletableFuture<Integer> status = new CompletableFuture<>();

    /** A run that has not begun; everything it says goes to {@code out}. */
    public SandboxRun(SandboxOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
        this.narrator = new Narrator(out);
        this.directory = options.root().resolve(SandboxEnvironment.DIRECTORY);
    }

    /** Runs to the end, and says the exit status: 0 when the books balance. */
    public int run() {
        int result = 1;
        try {
            result = runInOwnDirectory();
        } catch (IOException | IllegalStateException e) {
            out.println("The sandbox failed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            out.flush();
            status.complete(result);
        }
        return result;
    }

    /** Asks the run to end, and waits for its exit status. */
    public int stop() {
        stopping.countDown();
        return status.join();
    }

    private int runInOwnDirectory() throws IOException, InterruptedException {
        if (options.lacksJar()) {
            out.println(SandboxOptions.JAR + " is not there. Build it first: mvn -B package");
            return 1;
        }
        Files.createDirectories(directory);
        try (FileChannel channel = FileChannel.open(directory.resolve("sandbox.lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE); FileLock lock = lock(channel)) {
            if (lock == null) {
                out.println("Another sandbox is running in " + SandboxEnvironment.DIRECTORY + ".");
                return 1;
            }
            // The bridge remembers events over restarts, and a seed brings the same ones again.
            delete(directory.resolve("data"));
            delete(directory.resolve("logs"));
            return runWithSimulators();
        }
    }

    private int runWithSimulators() throws IOException, InterruptedException {
        try (EventBridgeSimulator eventBridge = new EventBridgeSimulator();
                CxoneSimulator cxone = new CxoneSimulator();
                DataLakeSimulator dataLake = new DataLakeSimulator()) {
            boolean alone = options.simulatorsOnly();
            eventBridge.keepDetails(false);
            eventBridge.createBus(SandboxEnvironment.BUS);
            eventBridge.start(alone ? options.simulatorPort() : 0);
            cxone.start(alone ? options.simulatorPort() + 1 : 0);
            dataLake.start(alone ? options.simulatorPort() + 2 : 0);
            Parties parties = new Parties(eventBridge, cxone, dataLake,
                    new FatePrinter(eventBridge, dataLake, out));
            return alone ? runWithoutBridge(parties) : runWithBridge(parties);
        }
    }

    private int runWithoutBridge(Parties parties) throws IOException, InterruptedException {
        int managementPort = options.managementPort() == 0 ? USUAL_MANAGEMENT_PORT : options.managementPort();
        SandboxEnvironment environment = parties.environment(
                options.port() == 0 ? USUAL_PORT : options.port(), managementPort);
        Path file = directory.resolve("sandbox.env");
        environment.write(file);
        out.println("Simulators of CXone, EventBridge and the data lake are running. For the bridge:");
        out.println();
        environment.openLines().forEach(out::println);
        out.println();
        out.println("These and the secrets are in a file: . " + SandboxEnvironment.DIRECTORY + "/sandbox.env");
        out.println("Events come as soon as the bridge has registered its webhook; " + pace());
        out.println();
        EventStream stream = startStream(parties);
        FaultShow show = startFaults(parties, stream, new Operator(managementPort));
        awaitEnd(() -> ended(stream) && show.hasEnded());
        show.stop();
        finish(parties, stream);
        return close(parties, stream, OptionalLong.empty(), false, "");
    }

    private int runWithBridge(Parties parties) throws IOException, InterruptedException {
        int port = options.port() == 0 ? freePort(USUAL_PORT, 0) : options.port();
        int managementPort = options.managementPort() == 0
                ? freePort(USUAL_MANAGEMENT_PORT, port) : options.managementPort();
        SandboxEnvironment environment = parties.environment(port, managementPort);
        environment.write(directory.resolve("sandbox.env"));
        printHeader(environment);
        long started = System.nanoTime();
        BridgeProcess bridge = BridgeProcess.start(options.bridgeCommand(), options.root(), environment,
                directory.resolve("bridge.log"));
        try {
            if (!bridge.awaitReady(UNTIL_READY, this::isStopping)) {
                return failure(bridge, "The bridge did not become ready");
            }
            if (!await(UNTIL_REGISTERED, () -> isStopping() || !parties.cxone().webhooks().isEmpty())) {
                return failure(bridge, "The bridge registered no webhook");
            }
            narrator.say("The bridge is ready and its webhook is registered at CXone, "
                    + Narrator.seconds(Duration.ofNanos(System.nanoTime() - started)) + " after its start");
            Operator operator = new Operator(managementPort);
            EventStream stream = startStream(parties);
            FaultShow show = startFaults(parties, stream, operator);
            awaitEnd(() -> ended(stream) && show.hasEnded() || !bridge.alive());
            show.stop();
            if (!bridge.alive()) {
                stream.close();
                return failure(bridge, "The bridge ended by itself, exit code " + bridge.exitCode());
            }
            finish(parties, stream);
            OptionalLong received = operator.received();
            long asked = System.nanoTime();
            boolean ended = bridge.stop(UNTIL_STOPPED);
            String end = ended ? String.format(Locale.ROOT, "stopped with exit code %d after %.1f s", bridge.exitCode(),
                    (System.nanoTime() - asked) / 1e9) : "had to be killed";
            return close(parties, stream, received, true, end) == 0 && ended ? 0 : 1;
        } finally {
            bridge.stop(UNTIL_STOPPED);
        }
    }

    private void printHeader(SandboxEnvironment environment) {
        out.println("The bridge between a simulated CXone, EventBridge and data lake, all on this machine.");
        out.println();
        header("webhook", environment.get("BRIDGE_PUBLIC_URL"));
        header("health, metrics", "http://127.0.0.1:" + environment.get("MANAGEMENT_PORT") + "/observe/health");
        header("EventBridge", environment.get("AWS_ENDPOINT_URL_EVENTBRIDGE") + " bus " + SandboxEnvironment.BUS);
        header("CXone", environment.get("CXONE_BASE_URL"));
        header("data lake", environment.get("DATA_LAKE_WEBHOOK_URL"));
        header("its settings", SandboxEnvironment.DIRECTORY + "/sandbox.env");
        header("bridge's output", SandboxEnvironment.DIRECTORY + "/bridge.log");
        header("audit log", SandboxEnvironment.DIRECTORY + "/logs/audit.jsonl");
        header("events", pace());
        out.println();
        out.flush();
    }

    private void header(String name, String value) {
        out.println(String.format(Locale.ROOT, "  %-16s %s", name, value));
    }

    private String pace() {
        return String.format(Locale.ROOT, "%s a second, %s, seed %d",
                BigDecimal.valueOf(options.rate()).stripTrailingZeros().toPlainString(),
                options.events() == 0 ? "until Ctrl-C" : options.events() + " in all", options.seed());
    }

    private EventStream startStream(Parties parties) {
        EventStream stream = new EventStream(parties.cxone(),
                new EventStream.Options(options.rate(), options.events(), options.seed()), fate -> {
                    fates.add(fate);
                    parties.printer().print(fate);
                });
        stream.start();
        return stream;
    }

    private FaultShow startFaults(Parties parties, EventStream stream, Operator operator) {
        FaultShow show = new FaultShow(options.faults(), parties.eventBridge(), operator,
                () -> ended(stream), narrator);
        show.start();
        return show;
    }

    /** Lets the last answers come in, and what was accepted arrive. */
    private void finish(Parties parties, EventStream stream) throws InterruptedException {
        stream.stop(UNTIL_ANSWERED);
        boolean someQueued = fates.stream().anyMatch(fate -> fate.word().equals("queued"));
        await(someQueued ? UNTIL_DRAINED : UNTIL_DELIVERED,
                () -> soFar(parties, stream).missing().isEmpty());
        await(UNTIL_TOLD, () -> soFar(parties, stream).untold().isEmpty());
        parties.printer().close();
    }

    private int close(Parties parties, EventStream stream, OptionalLong received, boolean strict, String bridgeEnd) {
        Path auditLog = directory.resolve("logs/audit.jsonl");
        Books books = books(parties, stream, readAudit(auditLog), readReplayed(auditLog), received, strict);
        out.println();
        books.summary().forEach(out::println);
        if (!bridgeEnd.isEmpty()) {
            out.println("bridge           " + bridgeEnd);
        }
        out.println(books.verdict());
        out.flush();
        return books.errors().isEmpty() ? 0 : 1;
    }

    private Books soFar(Parties parties, EventStream stream) {
        return books(parties, stream, Optional.empty(), Set.of(), OptionalLong.empty(), false);
    }

    private Books books(Parties parties, EventStream stream, Optional<Map<String, Long>> audit, Set<String> replayed,
                        OptionalLong received, boolean strict) {
        return new Books(stream.sent(), List.copyOf(fates), parties.eventBridge().timesDelivered(),
                parties.dataLake().timesNotified(), audit, replayed, received, strict);
    }

    private int failure(BridgeProcess bridge, String what) throws IOException {
        if (isStopping() && bridge.alive()) {
            out.println("Stopped before the first event.");
            return 1;
        }
        out.println(what + ". The end of its output, " + SandboxEnvironment.DIRECTORY + "/bridge.log:");
        bridge.tail(LINES_OF_TAIL).forEach(line -> out.println("  " + line));
        out.println("The books do NOT balance: " + what.toLowerCase(Locale.ROOT));
        return 1;
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void awaitEnd(BooleanSupplier ended) throws InterruptedException {
        while (!ended.getAsBoolean() && !stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            out.flush();
        }
    }

    private static boolean ended(EventStream stream) {
        try {
            return stream.awaitEnd(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static boolean await(Duration patience, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() >= deadline) {
                return false;
            }
            TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
        }
        return true;
    }

    static Optional<Map<String, Long>> readAudit(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Map<String, Long> counts = new TreeMap<>();
        try (Stream<String> lines = Files.lines(file)) {
            lines.filter(line -> !line.isBlank())
                    .forEach(line -> counts.merge(statusOf(line), 1L, Long::sum));
            return Optional.of(counts);
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** The ids of events that an operator put back one by one. */
    static Set<String> readReplayed(Path file) {
        if (!Files.isRegularFile(file)) {
            return Set.of();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> statusOf(line).equals(REPLAY))
                    .map(line -> Json.read(line).path("eventId").asText()).collect(Collectors.toSet());
        } catch (IOException | UncheckedIOException e) {
            return Set.of();
        }
    }

    /** What an operator does is told apart by its action. */
    private static String statusOf(String line) {
        try {
            JsonNode read = Json.read(line);
            String action = read.path("action").asText();
            return action.startsWith(OPERATOR) ? action : read.path("status").asText("(no status)");
        } catch (IllegalArgumentException e) {
            return "(not JSON)";
        }
    }

    static int freePort(int wanted, int taken) throws IOException {
        if (wanted != taken) {
            try (ServerSocket socket = new ServerSocket(wanted)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Somebody else has it, which the header will show.
            }
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return socket.getLocalPort();
        }
    }

    static FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void delete(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(tree)) {
            walk.sorted(Comparator.reverseOrder()).forEach(files::add);
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }

    /** The three simulators, and the printer that reads them. */
    private record Parties(EventBridgeSimulator eventBridge, CxoneSimulator cxone, DataLakeSimulator dataLake,
                           FatePrinter printer) {

        SandboxEnvironment environment(int port, int managementPort) {
            return new SandboxEnvironment(port, managementPort, eventBridge, cxone, dataLake);
        }
    }
}
