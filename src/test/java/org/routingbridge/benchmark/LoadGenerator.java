package org.routingbridge.benchmark;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import org.HdrHistogram.Histogram;

/**
 * Sends events to a webhook on this machine, from one thread: in a closed loop, or in an open one at a fixed rate,
 * where each event is due at an instant that was set before, and its latency counts from then, so that a stall of the
 * server is charged to every event that it delays.
 */
final class LoadGenerator implements AutoCloseable {

    private static final Duration UNTIL_CONNECTED = Duration.ofSeconds(10);
    private static final Duration UNTIL_ANSWERED = Duration.ofSeconds(15);
    private static final long RECONNECT_MILLIS = 20;
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);
    private static final byte[] STATUS = Ascii.bytes("\"status\":\"");
    private static final byte[] ERROR = Ascii.bytes("\"error\":\"");
    private static final String NO_REPLY = "no reply";
    private static final String NOT_SENT = "not sent";

    private final NettyThread thread = new NettyThread("load");
    private final String path;
    private final Map<String, String> headers;
    private final List<Integer> ports;
    private final Duration patience;

    LoadGenerator(int port, String path, Map<String, String> headers) {
        this(List.of(port), path, headers, UNTIL_ANSWERED);
    }

    /**
     * @param ports    of the servers, each of which gets its share of the connections
     * @param patience how long to wait for replies once the measured time is over
     */
    LoadGenerator(List<Integer> ports, String path, Map<String, String> headers, Duration patience) {
        this.ports = ports;
        this.path = path;
        this.headers = headers;
        this.patience = patience;
    }

    /** CPU time used so far, in nanoseconds. */
    long cpuNanos() {
        return thread.cpuNanos();
    }

    /**
     * Puts the server under a load and waits until it is over.
     *
     * @param whenMeasured called where the measured time begins and where it ends
     * @throws IllegalStateException where the server cannot be connected to
     */
    LoadResult run(Load load, Runnable whenMeasured) throws InterruptedException {
        return new Run(load).run(whenMeasured);
    }

    @Override
    public void close() {
        thread.close();
    }

    /** Replies of one kind. */
    private record Outcome(int status, byte[] word, long[] count) {

        boolean isAccepted() {
            return status / 100 == 2;
        }
    }

    /** One load, all of it but {@link #run} on the one thread. */
    private final class Run {

        private final Load load;
        private final EventRequests requests;
        private final Bootstrap bootstrap;
        private final List<Connection> connections = new ArrayList<>();
        private final ArrayDeque<Connection> idle = new ArrayDeque<>();
        private final ArrayDeque<Long> overdue = new ArrayDeque<>();
        private final List<Outcome> outcomes = new ArrayList<>();
        private final Histogram latencies = new Histogram(LONGEST_MICROS, 3);
        private final CountDownLatch connected;
        private final CountDownLatch over = new CountDownLatch(1);
        private long began;
        private long measureFrom;
        private long measureTo;
        private long scheduled;
        private long accepted;
        private long acceptedAll;
        private long notAccepted;
        private long sent;
        private long noReply;
        private int waiting;
        private volatile boolean nobodyThere;
        private boolean closing;

        Run(Load load) {
            this.load = load;
            requests = new EventRequests(path, headers, load.bytes(), System.nanoTime());
            connected = new CountDownLatch(load.connections());
            bootstrap = new Bootstrap().group(thread.group()).channel(thread.socketType())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
        }

        LoadResult run(Runnable whenMeasured) throws InterruptedException {
            for (int i = 0; i < load.connections(); i++) {
                connections.add(new Connection(this, ports.get(i % ports.size())));
            }
            thread.loop().execute(() -> connections.forEach(Connection::connect));
            if (!connected.await(UNTIL_CONNECTED.toMillis(), TimeUnit.MILLISECONDS) || nobodyThere) {
                thread.loop().submit(this::closeAll).syncUninterruptibly();
                throw new IllegalStateException("Not all of " + load.connections() + " connections to port " + ports
                        + " could be made");
            }
            began = System.nanoTime();
            measureFrom = began + load.warmUp().toNanos();
            measureTo = measureFrom + load.measured().toNanos();
            thread.loop().execute(this::begin);
            awaitOverUntil(measureFrom);
            whenMeasured.run();
            long measuringSince = System.nanoTime();
            awaitOverUntil(measureTo);
            long measured = System.nanoTime() - measuringSince;
            whenMeasured.run();
            awaitOverUntil(measureTo + patience.toNanos());
            boolean limited = load.atMost() < Long.MAX_VALUE;
            return thread.loop().submit(() -> end(limited ? Duration.ofNanos(measured) : load.measured()))
                    .syncUninterruptibly().getNow();
        }

        /** A load that is limited in its events may be over before its time. */
        private void awaitOverUntil(long instant) throws InterruptedException {
            long nanos = instant - System.nanoTime();
            if (nanos > 0) {
                over.await(nanos, TimeUnit.NANOSECONDS);
            }
        }

        private void begin() {
            if (load.isOpen()) {
                idle.addAll(connections);
                tick();
            } else {
                long now = System.nanoTime();
                connections.forEach(connection -> next(connection, now));
            }
        }

        /** Sends what is due by now, and comes again when the next event is. */
        private void tick() {
            long now = System.nanoTime();
            for (long due = dueAt(scheduled); due <= now && due < measureTo; due = dueAt(scheduled)) {
                scheduled++;
                Connection free = idle.poll();
                if (free == null) {
                    overdue.add(due);
                } else {
                    free.send(due);
                }
            }
            if (dueAt(scheduled) < measureTo) {
                thread.loop().schedule(this::tick, Math.max(0, dueAt(scheduled) - System.nanoTime()),
                        TimeUnit.NANOSECONDS);
            } else {
                overIfDone();
            }
        }

        private long dueAt(long event) {
            return began + TimeUnit.SECONDS.toNanos(event) / load.perSecond();
        }

        /** What a connection does that has nothing to wait for. */
        private void next(Connection connection, long now) {
            if (load.isOpen()) {
                Long due = overdue.poll();
                if (due != null) {
                    connection.send(due);
                } else {
                    idle.add(connection);
                    overIfDone();
                }
            } else if (now < measureTo && sent < load.atMost()) {
                connection.send(now);
            } else {
                overIfDone();
            }
        }

        private void overIfDone() {
            boolean allSent = load.isOpen() ? dueAt(scheduled) >= measureTo && overdue.isEmpty()
                    : sent >= load.atMost() || System.nanoTime() >= measureTo;
            if (allSent && waiting == 0) {
                over.countDown();
            }
        }

        private void replied(MessageReader reply, long since) {
            long now = System.nanoTime();
            Outcome outcome = outcome(reply);
            if (outcome.isAccepted()) {
                acceptedAll++;
                accepted += now >= measureFrom && now < measureTo ? 1 : 0;
            }
            if (isMeasured(since, now)) {
                outcome.count()[0]++;
                if (outcome.isAccepted()) {
                    record(now - since);
                } else {
                    notAccepted++;
                }
            }
        }

        private void unanswered(long since) {
            long now = System.nanoTime();
            if (isMeasured(since, now)) {
                noReply++;
                if (load.isOpen()) {
                    record(now - since);
                }
            }
        }

        private boolean isMeasured(long since, long now) {
            long counts = load.isOpen() ? since : now;
            return counts >= measureFrom && counts < measureTo;
        }

        private void record(long nanos) {
            latencies.recordValue(Math.min(LONGEST_MICROS, nanos / 1000));
        }

        private Outcome outcome(MessageReader reply) {
            byte[] bytes = reply.bytes();
            int word = Ascii.indexOf(bytes, reply.bodyStart(), reply.end(), STATUS);
            int from = word + STATUS.length;
            if (word < 0) {
                word = Ascii.indexOf(bytes, reply.bodyStart(), reply.end(), ERROR);
                from = word + ERROR.length;
            }
            from = word < 0 ? reply.end() : from;
            int to = from;
            while (to < reply.end() && bytes[to] != '"') {
                to++;
            }
            int status = reply.status();
            for (Outcome known : outcomes) {
                if (known.status() == status && known.word().length == to - from
                        && Ascii.startsWith(bytes, from, to, known.word())) {
                    return known;
                }
            }
            Outcome found = new Outcome(status, Arrays.copyOfRange(bytes, from, to), new long[1]);
            outcomes.add(found);
            return found;
        }

        private LoadResult end(Duration measured) {
            connections.stream().filter(connection -> connection.isWaiting).forEach(connection -> {
                noReply++;
                if (load.isOpen()) {
                    record(System.nanoTime() - connection.since);
                }
            });
            closeAll();
            Map<String, Long> counts = new HashMap<>();
            outcomes.stream().filter(outcome -> outcome.count()[0] > 0).forEach(outcome -> counts.put(
                    (outcome.status() + " " + Ascii.text(outcome.word(), 0, outcome.word().length)).strip(),
                    outcome.count()[0]));
            if (noReply > 0) {
                counts.put(NO_REPLY, noReply);
            }
            long neverSent = overdue.stream().filter(due -> due >= measureFrom).count();
            if (neverSent > 0) {
                counts.put(NOT_SENT, neverSent);
            }
            return new LoadResult(accepted, notAccepted + noReply + neverSent, counts, latencies, acceptedAll, sent,
                    measured);
        }

        private void closeAll() {
            closing = true;
            connections.forEach(Connection::close);
        }
    }

    private final class Connection extends ChannelInboundHandlerAdapter {

        private final Run run;
        private final int port;
        private final MessageReader reply = new MessageReader();
        private Channel channel;
        private boolean wasConnected;
        private boolean isWaiting;
        private long since;

        Connection(Run run, int port) {
            this.run = run;
            this.port = port;
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        void connect() {
            run.bootstrap.clone().handler(this).connect("127.0.0.1", port).addListener((ChannelFuture made) -> {
                if (!made.isSuccess() && !wasConnected) {
                    run.nobodyThere = true;
                    run.connected.countDown();
                } else if (!made.isSuccess() && !run.closing) {
                    thread.loop().schedule(this::connect, RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
                }
            });
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            channel = ctx.channel();
            reply.clear();
            if (run.closing) {
                channel.close();
            } else if (!wasConnected) {
                wasConnected = true;
                run.connected.countDown();
            } else {
                run.next(this, System.nanoTime());
            }
        }

        void send(long countedFrom) {
            if (!isWaiting) {
                run.waiting++;
            }
            isWaiting = true;
            since = countedFrom;
            run.sent++;
            ByteBuf request = channel.alloc().directBuffer(run.requests.longest());
            run.requests.write(request);
            channel.writeAndFlush(request, channel.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf in = (ByteBuf) message;
            boolean whole = reply.read(in);
            in.release();
            if (whole && isWaiting) {
                isWaiting = false;
                run.waiting--;
                run.replied(reply, since);
                reply.clear();
                run.next(this, System.nanoTime());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (run.closing) {
                return;
            }
            run.idle.remove(this);
            if (isWaiting) {
                isWaiting = false;
                run.waiting--;
                run.unanswered(since);
                run.overIfDone();
            }
            connect();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }

        void close() {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
