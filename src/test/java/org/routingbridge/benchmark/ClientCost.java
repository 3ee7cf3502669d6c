package org.routingbridge.benchmark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.ThreadMXBean;
import org.routingbridge.eventbridge.EventBridgeClients;
import org.routingbridge.settings.Settings;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequest;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;

/**
 * What a PutEvents call costs the thread that makes it: by the bridge's own client, by the least that is a PutEvents
 * call at all (its JSON, the SDK's signature and HTTP client, and the answer's JSON), and by that HTTP client alone.
 * The difference between the first two is what another client behind the same endpoint could win at most. A program of
 * its own, with the bridge's environment.
 */
public final class ClientCost {

    private static final int CALLERS = 4;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SEPARATOR = "\t";

    private final Settings settings;
    private final int entries;
    private final String detail;
    private final SdkHttpClient http = ApacheHttpClient.builder().maxConnections(CALLERS).build();

    private ClientCost(Settings settings, int entries, int detailBytes) {
        this.settings = settings;
        this.entries = entries;
        detail = detail(detailBytes);
    }

    /** Prints what each costs; the arguments are the seconds that each is warmed up and measured. */
    public static void main(String[] arguments) throws Exception {
        Duration warmUp = Duration.ofSeconds(Long.parseLong(arguments[0]));
        Duration measured = Duration.ofSeconds(Long.parseLong(arguments[1]));
        Settings settings = Settings.load();
        new ClientCost(settings, 10, 800).measure("10 entries of 800 B", warmUp, measured);
        new ClientCost(settings, 1, 65_536).measure("an entry of 64 KB", warmUp, measured);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private interface Call {

        /** @return the entries that were taken */
        int make() throws IOException;
    }

    private void measure(String what, Duration warmUp, Duration measured) throws Exception {
        EventBridgeClient client = EventBridgeClients.create(settings);
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("the bridge's client", () -> client.putEvents(request()).entries().size());
        byte[] body = body();
        calls.put("least client", this::leastCall);
        calls.put("HTTP alone", () -> send(unsigned(body), body));
        for (Call call : calls.values()) {
            cost(call, warmUp);
        }
        for (Map.Entry<String, Call> call : calls.entrySet()) {
            Cost cost = cost(call.getValue(), measured);
            String name = call.getKey() + ", " + what;
            print("CPU: " + name, cost.cpuMicros, "us");
            print("heap: " + name, cost.allocated / 1024, "KB");
        }
    }

    private static void print(String name, double value, String unit) {
        System.out.println(name + SEPARATOR + String.format(Locale.ROOT, "%.1f", value) + SEPARATOR + unit);
    }

    /** Reads what was printed. */
    static List<Figure> parse(int run, String output) {
        List<Figure> figures = output.lines().map(line -> line.split(SEPARATOR)).filter(parts -> parts.length == 3)
                .map(parts -> new Figure(parts[0], run, Double.parseDouble(parts[1]), parts[2])).toList();
        if (figures.isEmpty()) {
            throw new IllegalStateException("What a PutEvents call costs was not measured:\n" + output);
        }
        return figures;
    }

    /**
     * @param cpuMicros of the calling thread, for a call
     * @param allocated bytes of heap, the same
     */
    private record Cost(double cpuMicros, double allocated) {
    }

    private record Spent(long calls, long cpuNanos, long bytes) {

        Spent plus(Spent other) {
            return new Spent(calls + other.calls, cpuNanos + other.cpuNanos, bytes + other.bytes);
        }
    }

    private Cost cost(Call call, Duration measured) throws InterruptedException, ExecutionException {
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        try {
            List<Future<Spent>> futures = callers.invokeAll(Collections.nCopies(CALLERS, () -> spend(call, measured)));
            Spent all = new Spent(0, 0, 0);
            for (Future<Spent> future : futures) {
                all = all.plus(future.get());
            }
            return new Cost(all.cpuNanos / 1e3 / all.calls, (double) all.bytes / all.calls);
        } finally {
            callers.shutdown();
        }
    }

    private Spent spend(Call call, Duration measured) throws IOException {
        long end = System.nanoTime() + measured.toNanos();
        long cpu = THREADS.getCurrentThreadCpuTime();
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        long calls = 0;
        while (System.nanoTime() < end) {
            if (call.make() != entries) {
                throw new IllegalStateException("Not every entry was taken");
            }
            calls++;
        }
        return new Spent(calls, THREADS.getCurrentThreadCpuTime() - cpu,
                THREADS.getCurrentThreadAllocatedBytes() - bytes);
    }

    /** Members with quotes in between, as JSON in JSON has them. */
    private static String detail(int bytes) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; text.length() < bytes; i++) {
            text.append("\"member-").append(i).append("\":\"what stands in it\",");
        }
        return text.append("\"last\":true}").toString();
    }

    private PutEventsRequest request() {
        List<PutEventsRequestEntry> made = new ArrayList<>(entries);
        for (int i = 0; i < entries; i++) {
            made.add(PutEventsRequestEntry.builder().eventBusName(settings.eventBus()).source(settings.eventSource())
                    .detailType("benchmark").time(Instant.now()).detail(detail).build());
        }
        return PutEventsRequest.builder().entries(made).build();
    }

    private byte[] body() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(entries * (detail.length() * 5 / 4 + 200));
        try (JsonGenerator json = JSON.createGenerator(body)) {
            json.writeStartObject();
            json.writeArrayFieldStart("Entries");
            for (int i = 0; i < entries; i++) {
                json.writeStartObject();
                json.writeNumberField("Time", Instant.now().toEpochMilli() / 1e3);
                json.writeStringField("Source", settings.eventSource());
                json.writeStringField("DetailType", "benchmark");
                json.writeStringField("Detail", detail);
                json.writeStringField("EventBusName", settings.eventBus());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return body.toByteArray();
    }

    private SdkHttpRequest unsigned(byte[] body) {
        return SdkHttpRequest.builder().method(SdkHttpMethod.POST).uri(settings.eventBridgeEndpoint())
                .putHeader("X-Amz-Target", "AWSEvents.PutEvents")
                .putHeader("Content-Type", "application/x-amz-json-1.1")
                .putHeader("Content-Length", Integer.toString(body.length)).build();
    }

    private int leastCall() throws IOException {
        byte[] body = body();
        SdkHttpRequest signed = AwsV4HttpSigner.create().sign(sign -> sign
                .identity(AwsBasicCredentials.create("benchmark", "benchmark"))
                .request(unsigned(body)).payload(content(body))
                .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "events")
                .putProperty(AwsV4HttpSigner.REGION_NAME, settings.awsRegion())).request();
        return send(signed, body);
    }

    private static ContentStreamProvider content(byte[] body) {
        return () -> new ByteArrayInputStream(body);
    }

    private int send(SdkHttpRequest request, byte[] body) throws IOException {
        HttpExecuteResponse response = http.prepareRequest(HttpExecuteRequest.builder().request(request)
                .contentStreamProvider(content(body)).build()).call();
        try (InputStream answer = response.responseBody().orElseThrow()) {
            return JSON.readTree(answer).path("Entries").size();
        }
    }
}
