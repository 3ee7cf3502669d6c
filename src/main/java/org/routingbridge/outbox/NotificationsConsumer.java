package org.routingbridge.outbox;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.failure.LastingFault;
import org.routingbridge.store.SlotShare;
import org.routingbridge.store.Slots;
import org.routingbridge.store.StoredNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out the notifications that wait for the data lake, those first that wait longest. While the data lake is away
 * one at a time finds out whether it is back.
 */
final class NotificationsConsumer extends DefaultConsumer implements SlotShare.Hands {

    private static final Logger LOG = LoggerFactory.getLogger(NotificationsConsumer.class);
    private static final int CONSUMERS = 4;
    private static final int READ_AHEAD = 100;
    private static final Duration LOOK_UP = Duration.ofMillis(200);

    private final DataLakeNotifications notifications;
    private final LastingFault fault = new LastingFault();
    private final ConcurrentMap<Long, StoredNotification> underWay = new ConcurrentHashMap<>();
    private ExecutorService threads;

    NotificationsConsumer(OutboxEndpoint endpoint, Processor processor, DataLakeNotifications notifications) {
        super(endpoint, processor);
        this.notifications = notifications;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        threads = getEndpoint().getCamelContext().getExecutorServiceManager().newFixedThreadPool(this,
                "data-lake-again", CONSUMERS);
        for (int i = 0; i < CONSUMERS; i++) {
            threads.execute(this::drain);
        }
        notifications.share().add(this);
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        getEndpoint().getCamelContext().getExecutorServiceManager().shutdownNow(threads);
        notifications.share().remove(this);
    }

    @Override
    public boolean isUnderWay(int slot) {
        return underWay.values().stream().anyMatch(notification -> Slots.ofEvent(notification.eventId()) == slot);
    }

    @Override
    public void changed() {
        // the next look finds them
    }

    private boolean isToGoOn() {
        return isRunAllowed() && !isSuspendingOrSuspended() && !getEndpoint().getCamelContext().isStopping();
    }

    private void drain() {
        while (isRunAllowed()) {
            try {
                if (!isToGoOn() || !drainSome()) {
                    Thread.sleep(LOOK_UP.toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (Exception e) {
                if (fault.isToBeTold()) {
                    LOG.warn("The notifications cannot be read just now and are tried again reason={}", e.getMessage());
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK_UP.toMillis() * CONSUMERS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether there was one to be tried */
    private boolean drainSome() throws Exception {
        boolean any = false;
        for (StoredNotification notification : notifications.due(READ_AHEAD)) {
            if (isToGoOn() && underWay.putIfAbsent(notification.seq(), notification) == null) {
                try {
                    if (!notifications.isThere(notification)) {
                        continue;
                    }
                    if (!notification.isIntact()) {
                        notifications.buryDamaged(notification);
                    } else if (notifications.takeTurn()) {
                        handOut(notification);
                        any = true;
                    } else {
                        return false;
                    }
                } finally {
                    underWay.remove(notification.seq());
                }
            }
        }
        return any;
    }

    /** What became of it is on disk before the next one is looked for, so that none is handed out twice. */
    private void handOut(StoredNotification notification) throws Exception {
        Exchange exchange = createExchange(false);
        exchange.setVariable(OutboxProducer.STORED, notification);
        exchange.getMessage().setBody(notification.text());
        try {
            getProcessor().process(exchange);
            if (exchange.getException() != null) {
                notifications.postpone(notification, exchange.getException());
            } else if (exchange.getVariable(OutboxProducer.STORED) == notification) {
                notifications.toldLater(notification);
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }
}
