package org.routingbridge.simulator;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Amazon EventBridge as the bridge sees it: {@code PutEvents} and {@code DescribeEventBus} in AWS JSON 1.1, with signed
 * requests, AWS's own limits, and every fault on demand. What reached a bus can be read back.
 *
 * <p>Facts: <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html">PutEvents</a>,
 * <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html">DescribeEventBus</a>,
 * <a href="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html">quotas</a>.
 * PutEvents to a bus that does not exist answers with success, as AWS does, and delivers nothing.
 */
public final class EventBridgeSimulator extends HttpSimulator {

    /** The one key pair it knows. */
    public static final String ACCESS_KEY_ID = "sandbox";
    /** The secret that goes with {@link #ACCESS_KEY_ID}. */
    public static final String SECRET_ACCESS_KEY = "sandbox-secret";

    private static final String CONTENT_TYPE = "application/x-amz-json-1.1";
    private static final int MOST_ENTRIES = 10;
    private static final String ARN_PREFIX = "arn:aws:events:eu-central-1:123456789012:event-bus/";

    private final SignatureCheck signatures = new SignatureCheck(Map.of(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
    private final Faults faults = new Faults();
    private final Faults describeFaults = new Faults();
    private final Set<String> buses = ConcurrentHashMap.newKeySet();
    private final List<DeliveredEntry> delivered = new ArrayList<>();
    private final List<PutCall> calls = new ArrayList<>();
    private final Map<String, Integer> timesDelivered = new ConcurrentHashMap<>();
    private final AtomicInteger describeCalls = new AtomicInteger();
    private final AtomicInteger concurrentCalls = new AtomicInteger();
    private final AtomicInteger maxConcurrentCalls = new AtomicInteger();
    private final AtomicInteger callNumbers = new AtomicInteger();
    private volatile boolean signaturesChecked = true;
    private volatile boolean detailsKept = true;
    private volatile long maxRequestBytes = 262_144;
    private final AtomicInteger strangersAnswers = new AtomicInteger();
    private volatile Stranger stranger;
    private volatile Duration clockAhead = Duration.ZERO;

    /**
     * Something that answers in EventBridge's place, such as a proxy before it.
     *
     * @param location where it redirects to, null for nowhere
     */
    private record Stranger(int status, String contentType, String body, URI location) {

        void answer(Call call) {
            Map<String, String> headers = new LinkedHashMap<>(Map.of("Content-Type", contentType));
            if (location != null) {
                headers.put("Location", location.toString());
            }
            call.answer(status, headers, body.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Without any bus; {@link #createBus} makes one. */
    public EventBridgeSimulator() {
        super("EventBridge simulator");
    }

    /** Makes a bus; it goes by its name and by any ARN that ends in it. */
    public void createBus(String name) {
        buses.add(name);
    }

    /** Removes a bus; from now on its entries get lost, as with AWS. */
    public void deleteBus(String name) {
        buses.remove(name);
    }

    /** The faults of PutEvents. */
    public Faults faults() {
        return faults;
    }

    /** The faults of DescribeEventBus; those of an entry have no meaning there. */
    public Faults describeFaults() {
        return describeFaults;
    }

    /** By how much its clock, which its answers tell, is ahead of this machine's. */
    public void clockAhead(Duration howMuch) {
        clockAhead = howMuch;
    }

    /** Whether a request's signature is checked; it is unless told otherwise. */
    public void checkSignatures(boolean on) {
        signaturesChecked = on;
    }

    /** The most bytes that the entries of a request may have together; 262,144 unless told otherwise. */
    public void maxRequestBytes(long bytes) {
        maxRequestBytes = bytes;
    }

    /** Whether delivered entries keep their detail; off saves memory in long runs. */
    public void keepDetails(boolean on) {
        detailsKept = on;
    }

    /** From now on every request has this answer and nothing is taken, as by a proxy that keeps it to itself. */
    public void strangerAnswers(int status, String contentType, String body) {
        stranger = new Stranger(status, contentType, body, null);
    }

    /** From now on every request is sent elsewhere. */
    public void strangerRedirects(int status, URI location) {
        stranger = new Stranger(status, "text/html", "<html>Moved</html>", location);
    }

    /** From now on EventBridge answers by itself. */
    public void noStranger() {
        stranger = null;
    }

    /** How many requests were answered in its place. */
    public int strangersAnswers() {
        return strangersAnswers.get();
    }

    /** What reached a bus, in the order it did. */
    public List<DeliveredEntry> delivered() {
        synchronized (delivered) {
            return List.copyOf(delivered);
        }
    }

    /** How many entries reached a bus. */
    public int deliveredCount() {
        synchronized (delivered) {
            return delivered.size();
        }
    }

    /** How often an event, by its {@code detail.id}, reached a bus. */
    public int timesDelivered(String eventId) {
        return timesDelivered.getOrDefault(eventId, 0);
    }

    /** How often each event reached a bus, by {@code detail.id}; entries without one are under the empty string. */
    public Map<String, Integer> timesDelivered() {
        return Map.copyOf(timesDelivered);
    }

    /** All PutEvents calls, those that failed too. */
    public List<PutCall> calls() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    /** How many times DescribeEventBus was called. */
    public int describeCalls() {
        return describeCalls.get();
    }

    /**
     * The most PutEvents calls that were ever open at one time, from their last byte to their answer; without a
     * {@link #latency} or a fault that hangs this is 1, since they are handled one after the other.
     */
    public int maxConcurrentCalls() {
        return maxConcurrentCalls.get();
    }

    /** Forgets what was delivered and called; buses and faults stay. */
    public void clear() {
        synchronized (delivered) {
            delivered.clear();
            timesDelivered.clear();
        }
        synchronized (calls) {
            calls.clear();
            callNumbers.set(0);
        }
        describeCalls.set(0);
        strangersAnswers.set(0);
        maxConcurrentCalls.set(concurrentCalls.get());
    }

    @Override
    void handle(Call call) {
        Stranger before = stranger;
        if (before != null) {
            strangersAnswers.incrementAndGet();
            before.answer(call);
            return;
        }
        String target = call.request().header("X-Amz-Target").orElse("");
        if (!call.request().method().equals("POST")) {
            refuse(call, 404, "UnknownOperationException", "Only POST is served here.");
        } else if (target.equals("AWSEvents.PutEvents")) {
            receivePutEvents(call);
        } else if (target.equals("AWSEvents.DescribeEventBus")) {
            describeCalls.incrementAndGet();
            strike(call, describeFaults.plan(List.of()).call(), () -> { }, () -> describeEventBus(call));
        } else {
            refuse(call, 400, "UnknownOperationException", "Unknown target '" + target + "'.");
        }
    }

    private void receivePutEvents(Call call) {
        countConcurrency(call);
        Optional<List<PutEntry>> entries = readEntries(call);
        List<PutEntry> known = entries.orElse(List.of());
        List<String> eventIds = known.stream().map(PutEntry::id).toList();
        Faults.Plan plan = faults.plan(eventIds);
        PutCall record;
        synchronized (calls) {
            record = new PutCall(callNumbers.incrementAndGet(), known.size(),
                    known.stream().mapToLong(PutEntry::size).sum(), call.request().at(), System.nanoTime(),
                    entries.isPresent(), eventIds, plan.call());
            calls.add(record);
        }
        strike(call, plan.call(),
                () -> take(known, plan.entries(), record.number()),
                () -> putEvents(call, entries, plan.entries(), record));
    }

    /** Makes the fault happen; {@code taking} is what the call would have done, {@code normally} does and answers. */
    private void strike(Call call, Fault fault, Runnable taking, Runnable normally) {
        if (fault == null || fault.strikesEntry()) {
            normally.run();
        } else if (fault.answersRequest()) {
            refuse(call, fault.status(), fault.code(), fault.message());
        } else if (fault == Fault.HANG) {
            hold(call, normally);
        } else {
            if (fault == Fault.RESET_AFTER) {
                taking.run();
            }
            call.reset();
        }
    }

    private void putEvents(Call call, Optional<List<PutEntry>> entries, Fault[] faultsOfEntries, PutCall record) {
        if (refusedForSignature(call)) {
            return;
        }
        if (entries.isEmpty()) {
            refuse(call, 400, "SerializationException", "The request body cannot be read.");
        } else if (record.entries() == 0 || record.entries() > MOST_ENTRIES) {
            refuse(call, 400, "ValidationException", "1 validation error detected: Value at 'entries' failed to satisfy"
                    + " constraint: Member must have length between 1 and " + MOST_ENTRIES);
        } else if (record.bytes() > maxRequestBytes) {
            refuse(call, 400, "ValidationException", "Total size of the entries in the request is over the limit.");
        } else {
            answer(call, 200, take(entries.get(), faultsOfEntries, record.number()));
        }
    }

    private ObjectNode take(List<PutEntry> entries, Fault[] faultsOfEntries, int callNumber) {
        ObjectNode answer = Json.object();
        ArrayNode results = Json.array();
        int failed = 0;
        for (int i = 0; i < entries.size(); i++) {
            PutEntry entry = entries.get(i);
            Optional<PutEntry.Refusal> refusal = entry.refusal().or(faultAsRefusal(faultsOfEntries[i]));
            if (refusal.isPresent()) {
                failed++;
                results.addObject().put("ErrorCode", refusal.get().code()).put("ErrorMessage", refusal.get().message());
            } else {
                String eventId = UUID.randomUUID().toString();
                results.addObject().put("EventId", eventId);
                deliver(entry, eventId, callNumber);
            }
        }
        answer.put("FailedEntryCount", failed).set("Entries", results);
        return answer;
    }

    private static Supplier<Optional<PutEntry.Refusal>> faultAsRefusal(Fault fault) {
        return () -> Optional.ofNullable(fault).map(f -> new PutEntry.Refusal(f.code(), f.message()));
    }

    private void deliver(PutEntry entry, String eventId, int callNumber) {
        if (!buses.contains(entry.bus())) {
            return;
        }
        synchronized (delivered) {
            delivered.add(new DeliveredEntry(entry.bus(), entry.source(), entry.detailType(), entry.time(),
                    detailsKept ? entry.detail() : "", entry.resources(), entry.traceHeader(), eventId,
                    callNumber, Instant.now()));
            timesDelivered.merge(entry.id(), 1, Integer::sum);
        }
    }

    private void describeEventBus(Call call) {
        if (refusedForSignature(call)) {
            return;
        }
        Optional<ObjectNode> body = Json.readObject(call.bytes());
        if (body.isEmpty()) {
            refuse(call, 400, "SerializationException", "The request body cannot be read.");
            return;
        }
        String bus = PutEntry.busName(body.get().path("Name").textValue());
        if (buses.contains(bus)) {
            answer(call, 200, Json.object().put("Name", bus).put("Arn", ARN_PREFIX + bus));
        } else {
            refuse(call, 400, "ResourceNotFoundException", "Event bus " + bus + " does not exist.");
        }
    }

    private boolean refusedForSignature(Call call) {
        if (!signaturesChecked) {
            return false;
        }
        Optional<SignatureCheck.Refused> refused = signatures.check(call.request(), call.bytes());
        refused.ifPresent(reason -> refuse(call, 403, reason.code(), reason.message()));
        return refused.isPresent();
    }

    private static Optional<List<PutEntry>> readEntries(Call call) {
        return Json.readObject(call.bytes())
                .map(body -> body.path("Entries"))
                .filter(JsonNode::isArray)
                .map(array -> {
                    List<PutEntry> entries = new ArrayList<>(array.size());
                    array.forEach(entry -> entries.add(PutEntry.read(entry)));
                    return entries;
                });
    }

    private void countConcurrency(Call call) {
        int open = concurrentCalls.incrementAndGet();
        maxConcurrentCalls.accumulateAndGet(open, Math::max);
        call.whenGone(concurrentCalls::decrementAndGet);
    }

    private void refuse(Call call, int status, String type, String message) {
        answer(call, status, Json.object().put("__type", type).put("message", message));
    }

    private void answer(Call call, int status, ObjectNode body) {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plus(clockAhead));
        call.answer(status, Map.of("Content-Type", CONTENT_TYPE, "Date", date), Json.bytes(body));
    }
}
