package org.routingbridge.endurance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Very many connections of somebody who says the beginning of a request on each, and then next to nothing. One that is
 * closed is opened again a while later.
 */
final class Strangers {

    private static final int ROUND_MILLIS = 50;
    private static final long BACK_AFTER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final int port;
    private final byte[] beginning;
    private final Duration nextByte;
    private final boolean comesBack;
    private final Map<String, Integer> replies = new TreeMap<>();
    private final ByteBuffer in = ByteBuffer.allocate(4096);
    private final CountDownLatch nothing = new CountDownLatch(1);

    /**
     * @param beginning what each says at once
     * @param nextByte  how long after what it said last each says one byte more
     * @param comesBack whether one that was closed is opened again
     */
    Strangers(int port, String beginning, Duration nextByte, boolean comesBack) {
        this.port = port;
        this.beginning = beginning.getBytes(StandardCharsets.US_ASCII);
        this.nextByte = nextByte;
        this.comesBack = comesBack;
    }

    private static final class Connection {

        private SocketChannel channel;
        private long said;
        private long closed;
    }

    /**
     * Goes on for so long.
     *
     * @return what they were told, by status line, and how often a connection was closed without a word
     */
    Map<String, Integer> run(int connections, Duration duration) throws IOException, InterruptedException {
        List<Connection> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            all.add(new Connection());
            open(all.get(i));
        }
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() < end) {
            all.forEach(this::goOn);
            nothing.await(ROUND_MILLIS, TimeUnit.MILLISECONDS);
        }
        for (Connection connection : all) {
            connection.channel.close();
        }
        return replies;
    }

    private void open(Connection connection) throws IOException {
        connection.channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        connection.channel.configureBlocking(false);
        say(connection, ByteBuffer.wrap(beginning));
    }

    private static void say(Connection connection, ByteBuffer bytes) throws IOException {
        connection.said = System.nanoTime();
        connection.channel.write(bytes);
    }

    private void goOn(Connection connection) {
        try {
            if (!connection.channel.isOpen()) {
                if (comesBack && System.nanoTime() - connection.closed > BACK_AFTER_NANOS) {
                    open(connection);
                }
                return;
            }
            in.clear();
            int read = connection.channel.read(in);
            if (read > 0) {
                replies.merge(new String(in.array(), 0, Math.min(read, 12), StandardCharsets.US_ASCII), 1,
                        Integer::sum);
            } else if (read < 0) {
                close(connection);
            } else if (System.nanoTime() - connection.said > nextByte.toNanos()) {
                say(connection, ByteBuffer.wrap(new byte[] {'x'}));
            }
        } catch (IOException e) {
            replies.merge("cut", 1, Integer::sum);
            close(connection);
        }
    }

    private static void close(Connection connection) {
        connection.closed = System.nanoTime();
        try {
            connection.channel.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
