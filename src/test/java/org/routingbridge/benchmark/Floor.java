package org.routingbridge.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import org.routingbridge.audit.AuditLog;
import org.routingbridge.datalake.DataLakeNotification;
import org.routingbridge.event.EventTokens;
import org.routingbridge.event.RetryDirective;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.EntryQueue;
import org.routingbridge.eventbridge.EntrySize;
import org.routingbridge.eventbridge.EventBridgeClients;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.history.EventHistory;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.Settings;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequest;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;

/**
 * What the bridge cannot be cheaper than: its job on its own stack with no Camel and nothing that can fail. Vert.x
 * takes the event, Jackson parses it, the token goes in before the last brace, events leave together in PutEvents
 * requests by the bridge's own queue and client, and the sender has the bridge's reply. It neither checks nor retries
 * nor remembers anything. With the arguments {@code audit} and {@code lake} it also writes the bridge's own audit log,
 * and tells the data lake: where that cannot keep up, the senders wait for it, so that no work is left for after the
 * measurement.
 */
public final class Floor {

    private static final int LAKE_CALLS = 256;
    private static final int LAKE_WAITING = 1000;
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);
    private static final RetryDirective DIRECTIVE = new RetryDirective(3, Duration.ofSeconds(1));

    private final JsonMapper json = new JsonMapper();
    private final Semaphore lakeRoom = new Semaphore(LAKE_CALLS + LAKE_WAITING);
    private final Settings settings;
    private final EntryQueue<Waiting> queue;
    private final EventBridgeClient client;
    private final AuditLog audit;
    private final RequestOptions lake;
    private final ExecutorService senders;
    private HttpClient lakeClient;

    private Floor(Settings settings, boolean withAudit, boolean withLake) {
        this.settings = settings;
        lake = !withLake ? null : new RequestOptions().setMethod(HttpMethod.POST)
                .setAbsoluteURI(settings.dataLakeUrl().toString()).putHeader("Content-Type", "application/json");
        client = EventBridgeClients.create(settings);
        audit = withAudit ? new AuditLog(settings, new BridgeMetrics(), new EventHistory()) : null;
        senders = Executors.newFixedThreadPool(settings.eventBridgeConcurrency());
        queue = new EntryQueue<>(Waiting::bytes, settings.maxEntryBytes(), settings::eventBridgeConcurrency);
    }

    /** Serves until it is killed. */
    public static void main(String[] arguments) {
        Set<String> jobs = Set.of(arguments);
        new Floor(Settings.load(), jobs.contains("audit"), jobs.contains("lake")).start();
    }

    private record Waiting(RoutingEvent event, PutEventsRequestEntry entry, int bytes, HttpServerRequest request,
                           Context context) {
    }

    private record Accepted(String status, String eventId, String idempotencyToken) {
    }

    private void start() {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true)
                .setEventLoopPoolSize(Runtime.getRuntime().availableProcessors()));
        lakeClient = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(LAKE_CALLS));
        HttpServerOptions options = new HttpServerOptions().setPort(settings.port()).setTcpNoDelay(true)
                .setHttp2ClearTextEnabled(false);
        vertx.deployVerticle(() -> new AbstractVerticle() {
            @Override
            public void start() {
                vertx.createHttpServer(options).requestHandler(request -> take(request, context)).listen();
            }
        }, new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()));
    }

    private void take(HttpServerRequest request, Context context) {
        Instant now = Instant.now();
        request.body().onSuccess(body -> {
            try {
                enqueue(waiting(request, context, body.getBytes(), now));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private Waiting waiting(HttpServerRequest request, Context context, byte[] body, Instant now) throws IOException {
        String text = new String(body, StandardCharsets.UTF_8);
        JsonNode tree = json.readTree(text);
        String id = tree.get("id").textValue();
        RoutingEvent event = new RoutingEvent(text, body.length, id, tree.get("eventType").textValue(),
                Instant.parse(tree.get("timestamp").textValue()), tree.at("/routingContext/queueId").textValue(),
                tree.at("/routingContext/queueId").textValue(), DIRECTIVE, EventTokens.ofEvent(id), now, null,
                RoutingEvent.Marks.NONE);
        int lastBrace = text.lastIndexOf('}');
        String detail = text.substring(0, lastBrace) + ",\"bridge\":{\"idempotencyToken\":\"" + event.idempotencyToken()
                + "\",\"receivedAt\":\"" + MILLIS.format(now) + "\"}" + text.substring(lastBrace);
        return new Waiting(event, PutEventsRequestEntry.builder()
                .eventBusName(settings.eventBus()).source(settings.eventSource()).detailType(event.eventType())
                .time(event.timestamp()).detail(detail).build(),
                EntrySize.of(settings.eventSource(), event.eventType(), body.length + detail.length() - text.length()),
                request, context);
    }

    private void enqueue(Waiting waiting) {
        if (queue.add(List.of(waiting))) {
            waiting.context().runOnContext(nothing -> senders.execute(this::send));
        }
    }

    private void send() {
        queue.senderCame();
        for (List<Waiting> batch = take(); !batch.isEmpty(); batch = take()) {
            try {
                publish(batch);
            } catch (Exception e) {
                batch.forEach(waiting -> waiting.context().runOnContext(nothing ->
                        reply(waiting, 503, Buffer.buffer("{\"error\":\"overloaded\"}"))));
            }
        }
    }

    private List<Waiting> take() {
        return queue.take(waiting -> true);
    }

    private void publish(List<Waiting> batch) {
        if (lake != null) {
            lakeRoom.acquireUninterruptibly(batch.size());
        }
        long began = System.nanoTime();
        PutEventsResponse response = client.putEvents(PutEventsRequest.builder()
                .entries(batch.stream().map(Waiting::entry).toList()).build());
        Duration latency = Duration.ofNanos(System.nanoTime() - began);
        Instant now = Instant.now();
        for (int i = 0; i < batch.size(); i++) {
            Waiting waiting = batch.get(i);
            PublishAttempt attempt = new PublishAttempt(waiting.event(), 1, List.of(new PutResult(
                    PutResult.Kind.ACCEPTED, null, response.entries().get(i).eventId(), latency, false)), 0, 0, now);
            waiting.context().runOnContext(nothing -> published(waiting, attempt));
        }
    }

    private void published(Waiting waiting, PublishAttempt attempt) {
        RoutingEvent event = waiting.event();
        if (audit != null) {
            audit.attempted(attempt);
        }
        reply(waiting, 200, json(new Accepted("processed", event.id(), event.idempotencyToken())));
        if (lake != null) {
            tellTheLake(notification(attempt));
        }
    }

    private static void reply(Waiting waiting, int status, Buffer body) {
        waiting.request().response().setStatusCode(status).putHeader("Content-Type", "application/json").end(body);
    }

    private static Buffer notification(PublishAttempt attempt) {
        RoutingEvent event = attempt.event();
        try {
            return Buffer.buffer(new DataLakeNotification("eventbridge-bridge", event.eventType(), event.id(),
                    MILLIS.format(attempt.endedAt()), attempt.result().latency().toMillis())
                    .with(event.routingContext()));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void tellTheLake(Buffer notification) {
        lakeClient.request(lake).compose(request -> request.send(notification)).compose(HttpClientResponse::end)
                .onComplete(told -> {
                    lakeRoom.release();
                    if (told.failed()) {
                        System.err.println("The data lake could not be told: " + told.cause().getMessage());
                    }
                });
    }

    private Buffer json(Object value) {
        try {
            return Buffer.buffer(json.writeValueAsBytes(value));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
