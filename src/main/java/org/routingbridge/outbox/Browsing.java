package org.routingbridge.outbox;

import java.util.Enumeration;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;

/** Looks at every message of a queue, oldest first, and leaves it there. */
final class Browsing {

    /** Takes one message. */
    interface Visitor {
        void visit(Message message) throws JMSException;
    }

    private Browsing() {
    }

    static void each(Session session, String queue, Visitor visitor) throws JMSException {
        try (QueueBrowser browser = session.createBrowser(session.createQueue(queue))) {
            Enumeration<?> messages = browser.getEnumeration();
            while (messages.hasMoreElements()) {
                visitor.visit((Message) messages.nextElement());
            }
            // a connection's end ends the enumeration too, in silence; this then fails
            session.createBrowser(session.createQueue(queue)).close();
        }
    }
}
