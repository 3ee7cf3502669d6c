package org.routingbridge.simulator;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The trouble an HTTP party is to make, set by a test while it runs: what was asked for the next requests goes first,
 * one each; then what was asked for always.
 */
public final class Trouble {

    private final Deque<Kind> next = new ArrayDeque<>();
    private Kind always;

    /** What goes wrong with one request. */
    sealed interface Kind permits Status, Hang, Reset, HeadOnly, Endless {
    }

    record Status(int code) implements Kind {
    }

    record Hang() implements Kind {
    }

    record Reset() implements Kind {
    }

    record HeadOnly() implements Kind {
    }

    record Endless() implements Kind {
    }

    /** The next requests are answered with this status, and nothing else happens. */
    public Trouble next(int times, int status) {
        return queue(times, new Status(status));
    }

    /** The next requests get no answer until they are released. */
    public Trouble nextHang(int times) {
        return queue(times, new Hang());
    }

    /** The next requests' connections are reset. */
    public Trouble nextReset(int times) {
        return queue(times, new Reset());
    }

    /** All requests are answered with this status. */
    public Trouble always(int status) {
        return standing(new Status(status));
    }

    /** No request gets an answer until it is released. */
    public Trouble alwaysHang() {
        return standing(new Hang());
    }

    /** Every answer is a head that promises a body, and no more. */
    public Trouble alwaysHeadOnly() {
        return standing(new HeadOnly());
    }

    /** All requests get a 200 whose body goes on and on. */
    public Trouble alwaysEndless() {
        return standing(new Endless());
    }

    /** All requests' connections are reset. */
    public Trouble alwaysReset() {
        return standing(new Reset());
    }

    /** No more trouble, neither for the next requests nor for all. */
    public synchronized Trouble none() {
        next.clear();
        always = null;
        return this;
    }

    /** The trouble for the request at hand, null for none. */
    synchronized Kind take() {
        Kind queued = next.poll();
        return queued != null ? queued : always;
    }

    private synchronized Trouble queue(int times, Kind kind) {
        for (int i = 0; i < times; i++) {
            next.add(kind);
        }
        return this;
    }

    private synchronized Trouble standing(Kind kind) {
        always = kind;
        return this;
    }
}
