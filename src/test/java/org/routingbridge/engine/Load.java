package org.routingbridge.engine;

import java.lang.management.ManagementFactory;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.routingbridge.BridgeUnderTest;

/** Many senders at once, over real HTTP. */
final class Load {

    private static final Pattern WORD = Pattern.compile("^\\{\"(?:status|error)\":\"(\\w+)\"");

    private final BridgeUnderTest bridge;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Answer> answers = Collections.synchronizedList(new ArrayList<>());

    Load(BridgeUnderTest bridge) {
        this.bridge = bridge;
    }

    /** One reply: to which body, counted from 0, with what, such as {@code 200 processed}, after how long, and when. */
    record Answer(int number, String outcome, long nanos, Instant at) {
    }

    /** So many senders, each with its next event as soon as it has its reply; the bodies are numbered from 0. */
    List<Answer> closed(int senders, int events, IntFunction<String> body) {
        AtomicInteger next = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(senders);
        for (int i = 0; i < senders; i++) {
            sendNext(next, events, body, done);
        }
        await(done);
        return List.copyOf(answers);
    }

    private void sendNext(AtomicInteger next, int events, IntFunction<String> body, CountDownLatch done) {
        int number = next.getAndIncrement();
        if (number >= events) {
            done.countDown();
        } else {
            send(number, body.apply(number)).whenComplete((nothing, failure) -> sendNext(next, events, body, done));
        }
    }

    /** Events at this rate for so long, whether or not the bridge keeps up. */
    List<Answer> open(int perSecond, Duration howLong, IntFunction<String> body) {
        int events = (int) (perSecond * howLong.toMillis() / 1000);
        CountDownLatch done = new CountDownLatch(events);
        long began = System.nanoTime();
        for (int i = 0; i < events; i++) {
            long due = began + TimeUnit.SECONDS.toNanos(i) / perSecond;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            send(i, body.apply(i)).whenComplete((nothing, failure) -> done.countDown());
        }
        await(done);
        return List.copyOf(answers);
    }

    /** A request that got no reply has the failure as its outcome. */
    private CompletableFuture<Void> send(int number, String body) {
        long began = System.nanoTime();
        return client.sendAsync(bridge.request().POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString())
                .handle((response, failure) -> {
                    String outcome = failure != null ? failure.toString() : response.statusCode() + " "
                            + WORD.matcher(response.body()).results().map(match -> match.group(1))
                                    .findFirst().orElse("");
                    answers.add(new Answer(number, outcome, System.nanoTime() - began, Instant.now()));
                    return null;
                });
    }

    private static void await(CountDownLatch done) {
        try {
            if (!done.await(120, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not all requests were answered within two minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The value below which this share of them lies. */
    static long percentile(long[] values, double share) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    }

    /** The latencies of the replies with this outcome, in nanoseconds. */
    static long[] nanos(List<Answer> answers, String outcome) {
        return answers.stream().filter(answer -> answer.outcome().equals(outcome)).mapToLong(Answer::nanos).toArray();
    }

    /** How often each outcome came. */
    static Map<String, Long> outcomes(List<Answer> answers) {
        return answers.stream().collect(Collectors.groupingBy(Answer::outcome, TreeMap::new, Collectors.counting()));
    }

    /** Bytes in use once the collector has been through. */
    static long heapAfterGc() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    /** A figure for who reads the build's output. */
    static void print(String format, Object... figures) {
        System.out.println("[engine] " + String.format(Locale.ROOT, format, figures));
    }

    static double millis(long nanos) {
        return nanos / 1e6;
    }
}
