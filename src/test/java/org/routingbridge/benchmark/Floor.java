package org.routingbridge.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.routingbridge.audit.AuditLog;
import org.routingbridge.datalake.DataLakeNotification;
import org.routingbridge.event.EventTokens;
import org.routingbridge.event.RetryDirective;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.eventbridge.EntrySize;
import org.routingbridge.eventbridge.EventBridgeClients;
import org.routingbridge.eventbridge.PublishAttempt;
import org.routingbridge.eventbridge.PutResult;
import org.routingbridge.settings.Settings;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequest;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;

/**
 * What the bridge cannot be cheaper than: its job on its own stack with no Camel and nothing that can fail. Vert.x
 * takes the event, Jackson parses it, the token goes in before the last brace, events leave together in PutEvents
 * requests by the bridge's own client, and the sender has the bridge's reply. It neither checks nor retries nor
 * remembers anything. With the arguments {@code audit} and {@code lake} it also writes the bridge's own audit log, and
 * tells the data lake: where that cannot keep up, the senders wait for it, so that no work is left for after the
 * measurement.
 */
public final class Floor {

    private static final int MAX_ENTRIES = 10;
    private static final int LAKE_QUEUE = 1000;
    private static final int LAKE_SENDERS = 4;
    private static final DateTimeFormatter MILLIS = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
    private static final RetryDirective DIRECTIVE = new RetryDirective(3, Duration.ofSeconds(1));

    private final JsonMapper json = new JsonMapper();
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final BlockingQueue<DataLakeNotification> lakeQueue = new ArrayBlockingQueue<>(LAKE_QUEUE);
    private final Settings settings;
    private final EventBridgeClient client;
    private final AuditLog audit;
    private final URI lake;
    private final ExecutorService senders;
    private int busySenders;

    private Floor(Settings settings, boolean withAudit, URI lake) {
        this.settings = settings;
        this.lake = lake;
        client = EventBridgeClients.create(settings);
        audit = withAudit ? new AuditLog(settings) : null;
        senders = Executors.newFixedThreadPool(settings.eventBridgeConcurrency());
    }

    /** Serves until it is killed. */
    public static void main(String[] arguments) {
        Set<String> jobs = Set.of(arguments);
        URI lake = jobs.contains("lake") ? URI.create(System.getenv("DATA_LAKE_WEBHOOK_URL")) : null;
        new Floor(Settings.load(), jobs.contains("audit"), lake).start();
    }

    private record Waiting(RoutingEvent event, PutEventsRequestEntry entry, int bytes, HttpServerRequest request,
                           Context context) {
    }

    private record Accepted(String status, String eventId, String idempotencyToken) {
    }

    private void start() {
        if (lake != null) {
            tellTheLake();
        }
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        HttpServerOptions options = new HttpServerOptions().setPort(settings.port()).setTcpNoDelay(true);
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
                DIRECTIVE,
                EventTokens.ofEvent(id), now, RoutingEvent.Marks.NONE);
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
        boolean startSender;
        synchronized (queue) {
            queue.add(waiting);
            startSender = busySenders < settings.eventBridgeConcurrency();
            busySenders += startSender ? 1 : 0;
        }
        if (startSender) {
            senders.execute(this::send);
        }
    }

    private void send() {
        for (List<Waiting> batch = take(); !batch.isEmpty(); batch = take()) {
            try {
                publish(batch);
            } catch (Exception e) {
                batch.forEach(waiting -> reply(waiting, 503, Buffer.buffer("{\"error\":\"overloaded\"}")));
            }
        }
    }

    private List<Waiting> take() {
        List<Waiting> batch = new ArrayList<>(MAX_ENTRIES);
        synchronized (queue) {
            int bytes = 0;
            while (batch.size() < MAX_ENTRIES && !queue.isEmpty()
                    && (batch.isEmpty() || bytes + queue.peek().bytes() <= settings.maxEntryBytes())) {
                Waiting next = queue.poll();
                bytes += next.bytes();
                batch.add(next);
            }
            busySenders -= batch.isEmpty() ? 1 : 0;
        }
        return batch;
    }

    private void publish(List<Waiting> batch) throws IOException, InterruptedException {
        long began = System.nanoTime();
        PutEventsResponse response = client.putEvents(PutEventsRequest.builder()
                .entries(batch.stream().map(Waiting::entry).toList()).build());
        Duration latency = Duration.ofNanos(System.nanoTime() - began);
        Instant now = Instant.now();
        for (int i = 0; i < batch.size(); i++) {
            Waiting waiting = batch.get(i);
            RoutingEvent event = waiting.event();
            if (audit != null) {
                audit.attempted(new PublishAttempt(event, 1, List.of(new PutResult(PutResult.Kind.ACCEPTED, null,
                        response.entries().get(i).eventId(), latency, false)), 0, now));
            }
            reply(waiting, 200, Buffer.buffer(
                    json.writeValueAsBytes(new Accepted("processed", event.id(), event.idempotencyToken()))));
        }
        if (lake != null) {
            for (Waiting waiting : batch) {
                RoutingEvent event = waiting.event();
                lakeQueue.put(new DataLakeNotification("eventbridge-bridge", event.eventType(), event.id(),
                        MILLIS.format(now), latency.toMillis(), event.routingContext()));
            }
        }
    }

    private static void reply(Waiting waiting, int status, Buffer body) {
        waiting.context().runOnContext(nothing -> waiting.request().response().setStatusCode(status)
                .putHeader("Content-Type", "application/json").end(body));
    }

    private void tellTheLake() {
        CloseableHttpClient http = HttpClients.custom().setConnectionManager(PoolingHttpClientConnectionManagerBuilder
                .create().setMaxConnTotal(LAKE_SENDERS).setMaxConnPerRoute(LAKE_SENDERS).build()).build();
        for (int i = 0; i < LAKE_SENDERS; i++) {
            Thread sender = new Thread(() -> tellTheLake(http), "lake-" + i);
            sender.setDaemon(true);
            sender.start();
        }
    }

    private void tellTheLake(CloseableHttpClient http) {
        while (true) {
            try {
                HttpPost post = new HttpPost(lake);
                post.setEntity(new ByteArrayEntity(json.writeValueAsBytes(lakeQueue.take()),
                        ContentType.APPLICATION_JSON));
                http.execute(post, answer -> {
                    EntityUtils.consume(answer.getEntity());
                    return null;
                });
            } catch (IOException e) {
                System.err.println("The data lake could not be told: " + e.getMessage());
            } catch (InterruptedException e) {
                return;
            }
        }
    }
}
