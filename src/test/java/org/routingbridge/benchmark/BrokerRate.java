package org.routingbridge.benchmark;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import org.routingbridge.outbox.OutboxBroker;
import org.routingbridge.outbox.OutboxLedger;
import org.routingbridge.outbox.OutboxConnections;
import org.routingbridge.settings.DataDirectory;
import org.routingbridge.settings.Settings;

/**
 * How many events a second the outbox can take at all: persistent messages of 1 KB straight into the bridge's broker,
 * as it configures it, by 64 producers that each wait until theirs is on disk. A program of its own, with the bridge's
 * environment.
 */
public final class BrokerRate {

    private static final int PRODUCERS = 64;
    private static final int BYTES = 1024;
    private static final String UNIT = " messages/s";

    private BrokerRate() {
    }

    /** Prints the rate; the arguments are the seconds to warm up and to measure. */
    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.load();
        OutboxBroker broker = new OutboxBroker(settings, DataDirectory.claim(settings),
                new OutboxLedger(DataDirectory.claim(settings)));
        broker.start();
        AtomicLong taken = new AtomicLong();
        CountDownLatch failed = new CountDownLatch(1);
        Connection connection = new OutboxConnections(settings, broker).createConnection();
        for (int i = 0; i < PRODUCERS; i++) {
            Thread producer = new Thread(() -> {
                try {
                    produce(connection, taken);
                } catch (JMSException e) {
                    System.err.println("A producer failed: " + e.getMessage());
                    failed.countDown();
                }
            }, "producer-" + i);
            producer.setDaemon(true);
            producer.start();
        }
        Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[0])).toMillis());
        long before = taken.get();
        long began = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(Long.parseLong(arguments[1])).toMillis());
        double rate = (taken.get() - before) / ((System.nanoTime() - began) / 1e9);
        System.out.println(String.format(Locale.ROOT, "%.0f", rate) + UNIT);
        System.out.flush();
        Runtime.getRuntime().halt(failed.getCount() == 0 ? 1 : 0);
    }

    private static void produce(Connection connection, AtomicLong taken) throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue("benchmark"));
        byte[] body = new byte[BYTES];
        while (true) {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(body);
            producer.send(message);
            taken.incrementAndGet();
        }
    }

    /** Reads the rate from what was printed. */
    static double parse(String output) {
        return output.lines().filter(line -> line.endsWith(UNIT)).findFirst()
                .map(line -> Double.parseDouble(line.substring(0, line.length() - UNIT.length())))
                .orElseThrow(() -> new IllegalStateException("The outbox's enqueue rate was not measured:\n" + output));
    }
}
