package org.routingbridge.benchmark;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An operations page that somebody looks at, with the list of events open, which asks most: the requests of
 * {@code main.js}, at its pace.
 */
final class PageReader {

    /** From the end of one round to the next. */
    static final int EVERY_MILLIS = 2000;
    /** Asked for at once. */
    static final List<String> OVERVIEW = List.of("ops/accounting", "observe/health", "observe/metrics",
            "ops/events?limit=1");
    /** Asked for after that. */
    static final String VIEW = "ops/events?limit=51";
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "page");
        made.setDaemon(true);
        return made;
    });
    private final URI root;
    private volatile String failure;

    /** Opens it. */
    PageReader(int managementPort) {
        root = URI.create("http://127.0.0.1:" + managementPort + "/");
        thread.scheduleWithFixedDelay(this::ask, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void ask() {
        try {
            OVERVIEW.stream().map(this::get).toList().forEach(CompletableFuture::join);
            get(VIEW).join();
        } catch (RuntimeException e) {
            failure = e.getMessage();
        }
    }

    private CompletableFuture<Void> get(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(root.resolve(path)).timeout(PATIENCE)
                .header("Accept-Encoding", "gzip, deflate, br, zstd");
        if (path.endsWith("metrics")) {
            request.header("Accept", "text/plain");
        }
        return client.sendAsync(request.build(), BodyHandlers.discarding())
                .thenAccept(answer -> check(path, answer));
    }

    private void check(String path, HttpResponse<?> answer) {
        if (answer.statusCode() != 200) {
            failure = path + " was answered " + answer.statusCode();
        }
    }

    /**
     * Closes it.
     *
     * @throws IllegalStateException where it was not answered as it should have been
     */
    void leave() throws InterruptedException {
        thread.shutdown();
        if (!thread.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            failure = "it took too long";
        }
        if (failure != null) {
            throw new IllegalStateException("The page was not answered: " + failure);
        }
    }
}
