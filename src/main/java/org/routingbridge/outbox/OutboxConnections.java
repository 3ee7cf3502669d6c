package org.routingbridge.outbox;

import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.routingbridge.settings.Settings;
import org.springframework.jms.connection.CachingConnectionFactory;

/** Connections to the outbox's broker, whose sessions and producers are kept. */
public final class OutboxConnections extends CachingConnectionFactory {

    private static final int SESSIONS = 64;

    /** @param broker started before anybody connects to it */
    public OutboxConnections(Settings settings, OutboxBroker broker) {
        super(factory(settings));
        setSessionCacheSize(SESSIONS);
        // each dead letter is taken by a selector of its own, whose consumer would otherwise stay with the broker
        setCacheConsumers(false);
        setReconnectOnException(true);
        broker.beforeStop(this::destroy);
    }

    private static ActiveMQConnectionFactory factory(Settings settings) {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(settings.outboxBrokerUrl());
        // an event in a file of its own would not be synced with the journal, and keep those behind it when it is
        // damaged
        factory.setMinLargeMessageSize(OutboxBroker.largestMessageBytes(settings));
        factory.setBlockOnDurableSend(true);
        // otherwise the broker is asked for the queue before every message
        factory.setCacheDestinations(true);
        // no message waits in one consumer's buffer while another is idle
        factory.setConsumerWindowSize(0);
        return factory;
    }
}
