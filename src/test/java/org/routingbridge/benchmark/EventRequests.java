package org.routingbridge.benchmark;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

import io.netty.buffer.ByteBuf;

/**
 * Whole requests with unique valid events of one size, dated now. They are made in advance but for the id, the
 * timestamp and the queue, so that one costs little more than copying it. For one thread.
 */
final class EventRequests {

    private static final List<String> TYPES = List.of("routing:queue:member:added", "routing:queue:member:removed",
            "routing:conversation:queued");
    private static final int QUEUES = 500;
    private static final String NO_ID = "00000000-0000-4000-8000-000000000000";
    private static final String NO_TIME = "2026-01-01T00:00:00.000Z";
    private static final String NO_QUEUE = "queue-000";
    private static final String FILLING = "Caller wants to change the delivery address of an order. ";
    private static final byte[] HEX = Ascii.bytes("0123456789abcdef");
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

    private record Template(byte[] request, int id, int time, int queue) {
    }

    private final Template[] templates;
    private final SplittableRandom random;
    private final byte[] idBytes = Ascii.bytes(NO_ID);
    private long timeMillis;
    private byte[] timeBytes = Ascii.bytes(NO_TIME);
    private int next;

    /**
     * @param bodyBytes size of an event
     * @throws IllegalArgumentException where an event cannot be that small
     */
    EventRequests(String path, Map<String, String> headers, int bodyBytes, long seed) {
        random = new SplittableRandom(seed);
        templates = TYPES.stream().map(type -> template(path, headers, type, bodyBytes)).toArray(Template[]::new);
    }

    private static Template template(String path, Map<String, String> headers, String type, int bodyBytes) {
        String start = "{\"id\":\"" + NO_ID + "\",\"eventType\":\"" + type + "\",\"timestamp\":\"" + NO_TIME
                + "\",\"schemaVersion\":\"v1.0\",\"routingContext\":{\"queueId\":\"" + NO_QUEUE
                + "\",\"skillId\":\"skill-112\",\"agentId\":\"agent-1407\",\"waitTimeMs\":48210,"
                + "\"mediaType\":\"voice\",\"contactId\":\"400331872\",\"position\":7,"
                + "\"attributes\":{\"customerTier\":\"gold\",\"callback\":false},"
                + "\"note\":\"";
        String end = "\"},\"retryDirective\":{\"maxAttempts\":3,\"backoffMs\":250}}";
        int missing = bodyBytes - start.length() - end.length();
        if (missing < 0) {
            throw new IllegalArgumentException("An event has " + (bodyBytes - missing) + " bytes at least");
        }
        String body = start + FILLING.repeat(missing / FILLING.length() + 1).substring(0, missing) + end;
        StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + bodyBytes + "\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        String request = head + "\r\n" + body;
        return new Template(Ascii.bytes(request), request.indexOf(NO_ID), request.indexOf(NO_TIME),
                request.indexOf(NO_QUEUE) + NO_QUEUE.indexOf('0'));
    }

    /** Bytes of the longest request. */
    int longest() {
        int longest = 0;
        for (Template template : templates) {
            longest = Math.max(longest, template.request.length);
        }
        return longest;
    }

    /** Appends the next event's request. */
    void write(ByteBuf to) {
        Template template = templates[next % templates.length];
        int queue = next % QUEUES;
        next++;
        int at = to.writerIndex();
        to.writeBytes(template.request);
        newId();
        to.setBytes(at + template.id, idBytes);
        to.setBytes(at + template.time, now());
        to.setByte(at + template.queue, '0' + queue / 100);
        to.setByte(at + template.queue + 1, '0' + queue / 10 % 10);
        to.setByte(at + template.queue + 2, '0' + queue % 10);
    }

    /** A random UUID, of which version and variant stay as they are. */
    private void newId() {
        long high = random.nextLong();
        long low = random.nextLong();
        for (int i = 0; i < idBytes.length; i++) {
            if (i == 18) {
                high = low;
            }
            if (i != 8 && i != 13 && i != 14 && i != 18 && i != 19 && i != 23) {
                idBytes[i] = HEX[(int) high & 0xF];
                high >>>= 4;
            }
        }
    }

    private byte[] now() {
        long millis = System.currentTimeMillis();
        if (millis != timeMillis) {
            timeMillis = millis;
            timeBytes = Ascii.bytes(MILLIS.format(Instant.ofEpochMilli(millis)));
        }
        return timeBytes;
    }
}
