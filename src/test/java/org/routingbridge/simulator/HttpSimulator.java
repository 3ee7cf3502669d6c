package org.routingbridge.simulator;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * A party on the far side of the bridge, as an HTTP server on the loopback interface that can be slow, hang, cut
 * connections and go away. What it answers is the subclass's business.
 *
 * <p>Vert.x serves it because the JDK's own server can neither reset a connection nor hold thousands of requests
 * without a thread each. All requests of one simulator are handled on one event loop, one after the other.
 */
public abstract class HttpSimulator implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";
    private static final long PATIENCE_SECONDS = 10;

    private final String name;
    private final Vertx vertx;
    private final Set<Call> held = ConcurrentHashMap.newKeySet();
    private HttpServer server;
    private int port;
    private volatile Duration latency = Duration.ZERO;

    HttpSimulator(String name) {
        this.name = name;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setUseDaemonThread(true)
                .setBlockedThreadCheckInterval(TimeUnit.HOURS.toMillis(1))
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
    }

    /** Answers one request whose body is complete; called on the event loop, so it must not block. */
    abstract void handle(Call call);

    /** Listens on a free loopback port. */
    public void start() {
        start(0);
    }

    /**
     * Listens on a loopback port.
     *
     * @param wantedPort the port, 0 for any free one
     * @throws IllegalStateException when the port is taken
     */
    public synchronized void start(int wantedPort) {
        if (server != null) {
            throw new IllegalStateException(name + " is already listening on port " + port);
        }
        HttpServer started = vertx.createHttpServer(new HttpServerOptions()
                .setHost(LOOPBACK)
                // not one that a client's connection may have got by the time it comes back
                .setPort(wantedPort == 0 ? FreePorts.choose(1)[0] : wantedPort)
                .setAcceptBacklog(1024)
                .setHandle100ContinueAutomatically(true));
        started.requestHandler(this::receive);
        // Bytes that are no HTTP, or a peer that vanishes, are not worth a stack trace in a test's output.
        started.exceptionHandler(ignored -> { });
        await(started.listen().toCompletionStage().toCompletableFuture(), "listen on port " + wantedPort);
        server = started;
        port = started.actualPort();
    }

    /** Where it listens, without a path; stays the same while it is away. */
    public synchronized URI endpoint() {
        if (port == 0) {
            throw new IllegalStateException(name + " was never started");
        }
        return URI.create("http://" + LOOPBACK + ":" + port);
    }

    /** Cuts all connections and refuses new ones. */
    public synchronized void goAway() {
        if (server != null) {
            HttpServer leaving = server;
            server = null;
            await(leaving.close().toCompletionStage().toCompletableFuture(), "stop listening");
            held.clear();
        }
    }

    /** Listens again, on the port it had. */
    public synchronized void comeBack() {
        start(port);
    }

    /** How long every answer is held back, from the moment its request was complete. */
    public void latency(Duration howLong) {
        latency = howLong;
    }

    /** How many requests hang just now. */
    public int hanging() {
        return held.size();
    }

    /** Lets the requests that hang go on as if they had come just now; those whose caller has left are dropped. */
    public void releaseHanging() {
        vertx.runOnContext(ignored -> Set.copyOf(held).forEach(call -> {
            if (held.remove(call)) {
                call.release();
            }
        }));
    }

    /** Cuts all connections, the hanging ones too, and ends the server's threads. */
    @Override
    public synchronized void close() {
        goAway();
        await(vertx.close().toCompletionStage().toCompletableFuture(), "end");
    }

    /** Answers as {@code trouble} wants for this request, or normally where it wants nothing. */
    void troubled(Trouble trouble, Call call, Runnable normally) {
        Trouble.Kind kind = trouble.take();
        if (kind == null) {
            normally.run();
        } else if (kind instanceof Trouble.Hang) {
            hold(call, normally);
        } else if (kind instanceof Trouble.Reset) {
            call.reset();
        } else if (kind instanceof Trouble.HeadOnly) {
            call.answerHeadOnly();
        } else if (kind instanceof Trouble.Endless) {
            call.answerWithoutEnd();
        } else if (kind instanceof Trouble.Status status) {
            call.answer(status.code(), Json.object().put("message", "told to answer " + status.code()));
        }
    }

    /** Answers a byte a second. */
    void drip(Call call) {
        call.answerByDrops(vertx);
    }

    /** Leaves the request without an answer until {@link #releaseHanging()}. */
    void hold(Call call, Runnable afterwards) {
        call.holdUntilReleased(afterwards);
        held.add(call);
        call.whenGone(() -> held.remove(call));
    }

    private void receive(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            Call call = new Call(request, body, this::later);
            try {
                handle(call);
            } catch (RuntimeException e) {
                // A mistake of the simulator's own must be seen by the test that provoked it.
                call.answer(599, Json.object().put("message", name + " failed: " + e));
            }
        });
    }

    private void later(Runnable action) {
        long millis = latency.toMillis();
        if (millis > 0) {
            vertx.setTimer(millis, ignored -> action.run());
        } else {
            action.run();
        }
    }

    private void await(Future<?> what, String doing) {
        try {
            what.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(name + " was interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(name + " could not " + doing + ": " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(name + " took too long to " + doing, e);
        }
    }

    /** One request and the ways to end it; latency comes before any of them. */
    static final class Call {

        private final HttpServerRequest request;
        private final Buffer body;
        private final Consumer<Runnable> later;
        private final ReceivedRequest received;
        private final List<Runnable> goneActions = new ArrayList<>(2);
        private Runnable afterRelease = () -> { };

        private Call(HttpServerRequest request, Buffer body, Consumer<Runnable> later) {
            this.request = request;
            this.body = body;
            this.later = later;
            this.received = ReceivedRequest.of(request, body);
            request.response().endHandler(ignored -> gone());
            request.response().closeHandler(ignored -> gone());
        }

        ReceivedRequest request() {
            return received;
        }

        byte[] bytes() {
            return body.getBytes();
        }

        void answer(int status, Object json) {
            answer(status, "application/json", Json.bytes(json));
        }

        void answer(int status, String contentType, byte[] content) {
            answer(status, Map.of("Content-Type", contentType), content);
        }

        void answer(int status, Map<String, String> headers, byte[] content) {
            later.accept(() -> {
                if (!request.response().closed()) {
                    headers.forEach(request.response()::putHeader);
                    request.response().setStatusCode(status).end(Buffer.buffer(content));
                }
            });
        }

        /** Answers 200 with JSON's white space that goes on for as long as the caller reads it. */
        void answerHeadOnly() {
            request.response().putHeader("Content-Type", "application/json").putHeader("Content-Length", "2")
                    .writeHead();
        }

        void answerWithoutEnd() {
            HttpServerResponse response = request.response().setChunked(true)
                    .putHeader("Content-Type", "application/json");
            Buffer spaces = Buffer.buffer(" ".repeat(64 * 1024));
            response.drainHandler(ignored -> pour(response, spaces));
            pour(response, spaces);
        }

        private static void pour(HttpServerResponse response, Buffer part) {
            while (!response.closed() && !response.writeQueueFull()) {
                response.write(part);
            }
        }

        /** Answers 200 with JSON's white space, a byte a second. */
        void answerByDrops(Vertx vertx) {
            HttpServerResponse response = request.response().setChunked(true)
                    .putHeader("Content-Type", "application/json");
            response.write(" ");
            long drops = vertx.setPeriodic(1000, ignored -> response.write(" "));
            whenGone(() -> vertx.cancelTimer(drops));
        }

        /** Ends the connection by a TCP reset, as a crashed peer or a firewall would. */
        void reset() {
            later.accept(() -> Connections.reset(request.connection()));
        }

        /** Runs {@code action} once the request is answered, or its connection is gone. */
        void whenGone(Runnable action) {
            goneActions.add(action);
        }

        /** Vert.x may report the end and the close of the same request. */
        private void gone() {
            goneActions.forEach(Runnable::run);
            goneActions.clear();
        }

        private void holdUntilReleased(Runnable afterwards) {
            afterRelease = afterwards;
        }

        private void release() {
            if (!request.response().closed()) {
                afterRelease.run();
            }
        }
    }
}
