package org.routingbridge;

import java.util.ArrayDeque;
import java.util.Deque;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends what has begun, the last first. */
public final class Ending implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    private record Part(String name, AutoCloseable end) {
    }

    private final Deque<Part> begun = new ArrayDeque<>();

    /** Something that has begun or is about to; it ends before all that began earlier. */
    void with(String name, AutoCloseable end) {
        begun.push(new Part(name, end));
    }

    /** Also the others where one of them does not end as it should. */
    @Override
    public void close() {
        while (!begun.isEmpty()) {
            Part part = begun.pop();
            try {
                part.end().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("The bridge's {} did not close in order reason={}", part.name(), e.getMessage());
            }
        }
    }
}
