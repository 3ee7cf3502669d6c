package org.routingbridge.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The customer's data lake: takes a JSON document posted to any path and remembers it. The bridge's notification has no
 * published standard; the members it must have are in the project's contract.
 */
public final class DataLakeSimulator extends HttpSimulator {

    private final Trouble trouble = new Trouble();
    private final List<ReceivedRequest> requests = new ArrayList<>();
    private final List<JsonNode> notifications = new ArrayList<>();
    private final Map<String, Integer> timesNotified = new ConcurrentHashMap<>();
    private volatile boolean requestsKept = true;

    /** Takes everything until told otherwise. */
    public DataLakeSimulator() {
        super("data lake simulator");
    }

    /** The trouble it is to make. */
    public Trouble trouble() {
        return trouble;
    }

    /** Whether requests and notifications are kept; off, they are only counted, which saves memory in long runs. */
    public void keepRequests(boolean on) {
        requestsKept = on;
    }

    /** All requests, those that were refused too. */
    public List<ReceivedRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** The documents that were answered with 200. */
    public List<JsonNode> notifications() {
        synchronized (requests) {
            return List.copyOf(notifications);
        }
    }

    /** How often it took a notification of an event, by {@code eventId}. */
    public int timesNotified(String eventId) {
        return timesNotified.getOrDefault(eventId, 0);
    }

    /** How often it took a notification of each event, by {@code eventId}. */
    public Map<String, Integer> timesNotified() {
        return Map.copyOf(timesNotified);
    }

    /** Forgets requests and notifications; trouble stays. */
    public void clear() {
        synchronized (requests) {
            requests.clear();
            notifications.clear();
            timesNotified.clear();
        }
    }

    @Override
    void handle(Call call) {
        if (requestsKept) {
            synchronized (requests) {
                requests.add(call.request());
            }
        }
        troubled(trouble, call, () -> take(call));
    }

    private void take(Call call) {
        if (!call.request().method().equals("POST")) {
            call.answer(405, Json.object().put("error", "method_not_allowed"));
            return;
        }
        Json.readObject(call.bytes()).ifPresentOrElse(notification -> {
            synchronized (requests) {
                if (requestsKept) {
                    notifications.add(notification);
                }
                timesNotified.merge(notification.path("eventId").asText(), 1, Integer::sum);
            }
            call.answer(200, Json.object().put("status", "stored"));
        }, () -> call.answer(400, Json.object().put("error", "not a JSON object")));
    }
}
