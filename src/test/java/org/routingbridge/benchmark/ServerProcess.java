package org.routingbridge.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/** A server under test as a process of its own, whose output goes to a file. */
final class ServerProcess implements AutoCloseable {

    private static final Duration UNTIL_READY = Duration.ofSeconds(90);
    private static final Duration UNTIL_STOPPED = Duration.ofSeconds(15);
    private static final int LOOK_MILLIS = 5;
    private static final int REPLY_MILLIS = 10_000;
    private static final int LAST_LINES = 20;
    private static final List<String> INHERITED = List.of("PATH", "HOME", "LANG", "TMPDIR", "SystemRoot", "TEMP",
            "TMP");

    private final Process process;
    private final Path log;
    private final long startedAt;
    private final Thread killer = new Thread(this::kill, "benchmark-stop");

    private ServerProcess(Process process, Path log, long startedAt) {
        this.process = process;
        this.log = log;
        this.startedAt = startedAt;
        Runtime.getRuntime().addShutdownHook(killer);
    }

    static ServerProcess start(Contender contender, Path log) throws IOException {
        Files.createDirectories(log.toAbsolutePath().getParent());
        ProcessBuilder builder = new ProcessBuilder(contender.command())
                .directory(contender.directory().toAbsolutePath().toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File(
                        System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null")))
                .redirectOutput(log.toFile());
        if (!contender.inherits()) {
            builder.environment().keySet().retainAll(INHERITED);
        }
        builder.environment().putAll(contender.environment());
        long now = System.nanoTime();
        return new ServerProcess(builder.start(), log, now);
    }

    /**
     * Posts an event over and over until one is accepted.
     *
     * @return from the start of the process until then
     * @throws IllegalStateException where it ends before, or takes too long
     */
    Duration awaitFirstAccepted(int port, String path, Map<String, String> headers)
            throws InterruptedException, IOException {
        EventRequests requests = new EventRequests(path, headers, Cell.SMALL, startedAt);
        int status = 0;
        while (System.nanoTime() - startedAt < UNTIL_READY.toNanos()) {
            if (!process.isAlive()) {
                throw new IllegalStateException("It ended with " + process.exitValue() + ":\n" + lastLines());
            }
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), REPLY_MILLIS);
                socket.setSoTimeout(REPLY_MILLIS);
                status = post(socket, requests);
                if (status / 100 == 2) {
                    return Duration.ofNanos(System.nanoTime() - startedAt);
                }
            } catch (IOException e) {
                // not there yet
            }
            Thread.sleep(LOOK_MILLIS);
        }
        throw new IllegalStateException("It accepted no event within " + UNTIL_READY.toSeconds()
                + " s; the last reply: "
                + status + "\n" + lastLines());
    }

    private static int post(Socket socket, EventRequests requests) throws IOException {
        ByteBuf request = Unpooled.buffer(requests.longest());
        requests.write(request);
        socket.getOutputStream().write(ByteBufUtil.getBytes(request));
        MessageReader reply = new MessageReader();
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[4096];
        for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
            if (reply.read(Unpooled.wrappedBuffer(bytes, 0, length))) {
                return reply.status();
            }
        }
        return 0;
    }

    /** Since its start. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    /** Waits until it ends by itself. */
    void awaitEnd() throws InterruptedException {
        process.waitFor();
    }

    Usage usage() {
        return Usage.of(process.toHandle());
    }

    double compilerSeconds() {
        return Usage.compilerSeconds(process.toHandle());
    }

    long pid() {
        return process.pid();
    }

    String lastLines() throws IOException {
        List<String> lines = Arrays.asList(Files.readString(log, StandardCharsets.ISO_8859_1).split("\\R"));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Asks it to end, and ends it where it does not. */
    @Override
    public void close() {
        try {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            if (!process.waitFor(UNTIL_STOPPED.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
                process.waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            kill();
        }
        Runtime.getRuntime().removeShutdownHook(killer);
    }
}
