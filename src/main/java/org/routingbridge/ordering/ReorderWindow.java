package org.routingbridge.ordering;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.support.SynchronizationAdapter;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.settings.Settings;

/**
 * Lets the events of an ordering key wait for {@code bridge.ordering.window} and go on sorted by their timestamp, the
 * next one only when the one before has its outcome: so there are never two requests of one key at once, and a retry
 * holds back what comes after it. No thread is held; as many events can wait as requests may be in flight. Without a
 * window every event goes on at once.
 */
public final class ReorderWindow extends AsyncProcessorSupport implements CamelContextAware {

    private final Duration window;
    private final Map<String, Lane> lanes = new HashMap<>();
    private CamelContext camelContext;
    private ScheduledExecutorService scheduler;
    private long arrivals;

    public ReorderWindow(Settings settings) {
        window = settings.orderingWindow();
    }

    /** One event that waits. */
    private static final class Waiting {

        private final Instant timestamp;
        private final long arrival;
        private final AsyncCallback callback;
        private boolean due;
        private boolean gone;

        Waiting(Instant timestamp, long arrival, AsyncCallback callback) {
            this.timestamp = timestamp;
            this.arrival = arrival;
            this.callback = callback;
        }
    }

    /** The events of one key. */
    private static final class Lane {

        private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(
                Comparator.<Waiting, Instant>comparing(event -> event.timestamp).thenComparing(event -> event.arrival));
        private int due;
        private boolean busy;

        boolean isIdle() {
            return waiting.isEmpty() && !busy;
        }
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        if (window.isZero()) {
            callback.done(true);
            return true;
        }
        RoutingEvent event = exchange.getMessage().getBody(RoutingEvent.class);
        String key = event.orderingKey();
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                outcomeKnown(key);
            }
        });
        Waiting waiting;
        synchronized (lanes) {
            waiting = new Waiting(event.timestamp(), arrivals++, callback);
            lanes.computeIfAbsent(key, any -> new Lane()).waiting.add(waiting);
        }
        scheduler.schedule(() -> waitIsOver(key, waiting), window.toMillis(), TimeUnit.MILLISECONDS);
        return false;
    }

    private void waitIsOver(String key, Waiting waiting) {
        Waiting next;
        synchronized (lanes) {
            if (waiting.gone) {
                return;
            }
            Lane lane = lanes.get(key);
            waiting.due = true;
            lane.due++;
            next = next(lane);
        }
        goOn(next);
    }

    private void outcomeKnown(String key) {
        Waiting next;
        synchronized (lanes) {
            Lane lane = lanes.get(key);
            lane.busy = false;
            next = next(lane);
            if (lane.isIdle()) {
                lanes.remove(key);
            }
        }
        goOn(next);
    }

    /**
     * The oldest event where one is due at all: an older one that came later goes before it, its own wait cut short.
     */
    private static Waiting next(Lane lane) {
        if (lane.busy || lane.due == 0) {
            return null;
        }
        Waiting next = lane.waiting.poll();
        next.gone = true;
        if (next.due) {
            lane.due--;
        }
        lane.busy = true;
        return next;
    }

    private void goOn(Waiting next) {
        if (next != null) {
            scheduler.execute(() -> next.callback.done(false));
        }
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }

    @Override
    protected void doStart() {
        if (!window.isZero()) {
            scheduler = camelContext.getExecutorServiceManager().newScheduledThreadPool(this, "reorder-window", 2);
        }
    }

    @Override
    protected void doStop() {
        if (scheduler != null) {
            camelContext.getExecutorServiceManager().shutdownGraceful(scheduler);
        }
    }
}
