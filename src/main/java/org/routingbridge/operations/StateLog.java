package org.routingbridge.operations;

import java.util.concurrent.TimeUnit;

import org.apache.camel.CamelContext;
import org.apache.camel.support.LifecycleStrategySupport;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.eventbridge.BusCircuitBreaker;
import org.routingbridge.eventbridge.BusPublisher;
import org.routingbridge.failure.FailureText;
import org.routingbridge.outbox.Outbox;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the application log, a line at each change, how EventBridge, the outbox and the data lake are. It looks once
 * a second, so that no event waits for it and none makes a line.
 */
public final class StateLog extends LifecycleStrategySupport {

    private static final Logger LOG = LoggerFactory.getLogger(StateLog.class);
    private static final long LOOK_MILLIS = 1_000;

    private final BusCircuitBreaker circuitBreaker;
    private final BusPublisher publisher;
    private final DataLakeNotifications notifications;
    private final Outbox outbox;
    private final int mostRequests;

    private final Condition away = new Condition(System::nanoTime);
    private final Condition misconfigured = new Condition(System::nanoTime);
    private final Condition tried = new Condition(System::nanoTime);
    private final Condition throttled = new Condition(System::nanoTime);
    private final Condition dataLakeAway = new Condition(System::nanoTime);
    private long enteredBeforeOutage;
    private int fillLevel;

    public StateLog(Settings settings, BusCircuitBreaker circuitBreaker, BusPublisher publisher,
                    DataLakeNotifications notifications, Outbox outbox) {
        this.circuitBreaker = circuitBreaker;
        this.publisher = publisher;
        this.notifications = notifications;
        this.outbox = outbox;
        mostRequests = settings.eventBridgeConcurrency();
    }

    @Override
    public void onContextStarted(CamelContext context) {
        context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "state-log")
                .scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            lookAtEventBridge();
            lookAtOutbox();
            lookAtDataLake();
        } catch (RuntimeException e) {
            // a look that throws would be the last
            LOG.debug("The bridge's state could not be looked at reason={}", FailureText.of(e));
        }
    }

    private void lookAtEventBridge() {
        String misconfiguration = circuitBreaker.lastMisconfiguration();
        // a bus that is missing is told by who asks for it
        boolean isMissing = circuitBreaker.missingReason() != null;
        switch (misconfigured.look(misconfiguration != null && !isMissing)) {
            case BEGINNING -> LOG.error("EventBridge is misconfigured; events wait in the outbox, and the bridge is not"
                    + " ready, until that is mended reason={}", FailureText.fit(misconfiguration));
            case END -> LOG.info("EventBridge is configured well again seconds={}", misconfigured.lasted().toSeconds());
            case NOTHING -> { }
        }
        switch (tried.look(misconfiguration != null && circuitBreaker.isWorthATry())) {
            case BEGINNING -> LOG.info("Nothing waits here that would show whether EventBridge has been mended; the"
                    + " bridge is ready for an event that does");
            case END -> {
                if (misconfiguration != null && !isMissing) {
                    LOG.error("EventBridge is still misconfigured, and the bridge is not ready reason={}",
                            FailureText.fit(misconfiguration));
                }
            }
            case NOTHING -> { }
        }

        String outOfReach = circuitBreaker.outOfReachReason();
        boolean wasAway = away.isLasting();
        Condition.Told told = away.look(circuitBreaker.isOpen() && outOfReach != null && misconfiguration == null
                && !isMissing);
        Outbox.Balance balance = outbox.balance();
        if (away.isLasting() && !wasAway) {
            enteredBeforeOutage = balance.entered() - balance.pending();
        }
        switch (told) {
            case BEGINNING -> LOG.warn("EventBridge is away; events wait in the outbox until it is back reason={}",
                    FailureText.fit(outOfReach));
            case END -> LOG.info("EventBridge is back seconds={} waited={} waiting={}", away.lasted().toSeconds(),
                    balance.entered() - enteredBeforeOutage, balance.pending());
            case NOTHING -> { }
        }

        int allowed = publisher.requestsAllowed();
        switch (throttled.look(allowed < mostRequests)) {
            case BEGINNING -> LOG.warn("EventBridge throttles; fewer calls are made at a time, look at the account's"
                    + " PutEvents quota calls={} most={}", allowed, mostRequests);
            case END -> LOG.info("EventBridge throttles no more calls={} seconds={}", allowed,
                    throttled.lasted().toSeconds());
            case NOTHING -> { }
        }
    }

    private void lookAtOutbox() {
        int level = outbox.fillLevel();
        if (level > fillLevel) {
            if (level == Outbox.FULL) {
                LOG.error("The outbox is full; events are left with their senders until there is room percent={}"
                        + " events={}", level, outbox.pending());
            } else {
                LOG.warn("The outbox fills; full, it leaves events with their senders percent={} events={}", level,
                        outbox.pending());
            }
        } else if (level < fillLevel) {
            LOG.info("The outbox has room again below={} events={}", fillLevel, outbox.pending());
        }
        fillLevel = level;
    }

    private void lookAtDataLake() {
        String reason = notifications.awayReason();
        switch (dataLakeAway.look(reason != null)) {
            case BEGINNING -> LOG.warn("The data lake is away; notifications wait on disk, events go on as ever"
                    + " reason={}", FailureText.fit(reason));
            case END -> LOG.info("The data lake is back seconds={} waiting={}", dataLakeAway.lasted().toSeconds(),
                    notifications.pending());
            case NOTHING -> { }
        }
    }
}
