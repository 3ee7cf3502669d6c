package org.routingbridge.benchmark;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;

/**
 * Plays everything that a server under test calls, from one thread: EventBridge, after a latency of its own, the data
 * lake and CXone. It counts, checks what EventBridge limits a request to, and looks into nothing else, since it shares
 * the machine with the server.
 */
final class Sink implements AutoCloseable {

    /** Under which path it is the data lake. */
    static final String DATA_LAKE = "/datalake";

    private static final int MAX_ENTRIES = 10;
    private static final int MAX_BYTES = 262_144;
    private static final byte[] PUT_EVENTS = Ascii.bytes(".PutEvents");
    private static final byte[] DESCRIBE = Ascii.bytes(".DescribeEventBus");
    private static final byte[] LAKE = Ascii.bytes("POST " + DATA_LAKE);
    private static final byte[] GET = Ascii.bytes("GET ");
    private static final byte[] HEAD_END = Ascii.bytes("\r\n\r\n");
    private static final byte[] HEX = Ascii.bytes("0123456789abcdef");
    private static final String EVENT_ID = "0b51b6a5-6c1d-4b0e-9f27-";
    private static final byte[] EVENT_ID_BYTES = Ascii.bytes(EVENT_ID);
    private static final int ID_DIGITS = 12;

    private static final ByteBuf CONTINUE = constant("HTTP/1.1 100 Continue\r\n\r\n");
    private static final ByteBuf TAKEN = constant("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    private static final ByteBuf BUS = constant(json("200 OK",
            "{\"Arn\":\"arn:aws:events:eu-central-1:123456789012:event-bus/benchmark\",\"Name\":\"benchmark\"}"));
    private static final ByteBuf TOO_LARGE = constant(json("400 Bad Request", "{\"__type\":\"ValidationException\","
            + "\"message\":\"Total size of the entries in the request is over the limit.\"}"));
    private static final ByteBuf AWAY = constant(json("503 Service Unavailable",
            "{\"__type\":\"ServiceUnavailableException\",\"message\":\"away\"}"));
    private static final ByteBuf TOKEN = constant(json("200 OK",
            "{\"access_token\":\"benchmark\",\"token_type\":\"Bearer\",\"expires_in\":3600}"));
    private static final ByteBuf NO_WEBHOOKS = constant(json("200 OK", "[]"));
    private static final ByteBuf WEBHOOK = constant(json("201 Created", "{\"id\":\"benchmark\"}"));

    private final NettyThread thread = new NettyThread("sink");
    private final int port;
    private final byte[][] answers = new byte[MAX_ENTRIES + 1][];
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong notifications = new AtomicLong();
    private volatile long busMillis;
    private volatile boolean away;
    private long eventIds;

    /** @param port to listen on, on this machine; 0 for any */
    Sink(int port) {
        for (int i = 0; i <= MAX_ENTRIES; i++) {
            answers[i] = Ascii.bytes(answer(i));
        }
        this.port = ((InetSocketAddress) new ServerBootstrap()
                .group(thread.group()).channel(thread.serverType())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new Connection());
                    }
                })
                .bind("127.0.0.1", port).syncUninterruptibly().channel().localAddress()).getPort();
    }

    private static String answer(int entries) {
        StringBuilder body = new StringBuilder("{\"FailedEntryCount\":0,\"Entries\":[");
        for (int i = 0; i < entries; i++) {
            body.append(i == 0 ? "" : ",").append("{\"EventId\":\"").append(EVENT_ID).append("0".repeat(ID_DIGITS))
                    .append("\"}");
        }
        return json("200 OK", body.append("]}").toString());
    }

    private static String json(String status, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static ByteBuf constant(String text) {
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(Ascii.bytes(text)));
    }

    /**
     * What came so far.
     *
     * @param requests      PutEvents requests that were taken
     * @param entries       entries in them
     * @param refused       PutEvents requests of more than 10 entries or 256 KB
     * @param notifications to the data lake
     */
    record Counts(long requests, long entries, long refused, long notifications) {

        Counts minus(Counts earlier) {
            return new Counts(requests - earlier.requests, entries - earlier.entries, refused - earlier.refused,
                    notifications - earlier.notifications);
        }
    }

    Counts counts() {
        return new Counts(requests.get(), entries.get(), refused.get(), notifications.get());
    }

    int port() {
        return port;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** How long a PutEvents request takes from now on. */
    void busLatency(long millis) {
        busMillis = millis;
    }

    /** Whether EventBridge answers 503 from now on. */
    void busAway(boolean isAway) {
        away = isAway;
    }

    /** CPU time used so far, in nanoseconds. */
    long cpuNanos() {
        return thread.cpuNanos();
    }

    @Override
    public void close() {
        thread.close();
    }

    private final class Connection extends ChannelInboundHandlerAdapter {

        private final MessageReader request = new MessageReader();

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf in = (ByteBuf) message;
            boolean whole = request.read(in);
            in.release();
            if (whole) {
                answer(ctx);
                request.clear();
            } else if (request.takeExpectsContinue()) {
                ctx.writeAndFlush(CONTINUE.duplicate(), ctx.voidPromise());
            }
        }

        private void answer(ChannelHandlerContext ctx) {
            if (request.begins(LAKE)) {
                notifications.incrementAndGet();
                ctx.writeAndFlush(TAKEN.duplicate(), ctx.voidPromise());
            } else if (request.isOperation(PUT_EVENTS)) {
                ByteBuf answer = putEvents(ctx);
                if (busMillis == 0) {
                    ctx.writeAndFlush(answer, ctx.voidPromise());
                } else {
                    thread.loop().schedule(() -> {
                        ctx.writeAndFlush(answer, ctx.voidPromise());
                    }, busMillis, TimeUnit.MILLISECONDS);
                }
            } else {
                ByteBuf answer = request.isOperation(DESCRIBE) ? BUS
                        : firstLine().contains("/token") ? TOKEN : request.begins(GET) ? NO_WEBHOOKS : WEBHOOK;
                ctx.writeAndFlush(answer.duplicate(), ctx.voidPromise());
            }
        }

        private String firstLine() {
            return Ascii.text(request.bytes(), 0, Math.min(request.bodyStart(), 200));
        }

        private ByteBuf putEvents(ChannelHandlerContext ctx) {
            if (away) {
                return AWAY.duplicate();
            }
            byte[] bytes = request.bytes();
            int count = PutEventsBody.entries(bytes, request.bodyStart(), request.end());
            boolean overTheLimit = request.end() - request.bodyStart() > MAX_BYTES
                    && PutEventsBody.size(bytes, request.bodyStart(), request.end()) > MAX_BYTES;
            if (count == 0 || count > MAX_ENTRIES || overTheLimit) {
                refused.incrementAndGet();
                return TOO_LARGE.duplicate();
            }
            requests.incrementAndGet();
            entries.addAndGet(count);
            ByteBuf answer = ctx.alloc().directBuffer(answers[count].length).writeBytes(answers[count]);
            int at = Ascii.indexOf(answers[count], 0, answers[count].length, HEAD_END);
            for (int i = 0; i < count; i++) {
                at = Ascii.indexOf(answers[count], at, answers[count].length, EVENT_ID_BYTES) + EVENT_ID_BYTES.length;
                long id = ++eventIds;
                for (int digit = at + ID_DIGITS - 1; id != 0 && digit >= at; digit--, id >>>= 4) {
                    answer.setByte(digit, HEX[(int) id & 0xF]);
                }
            }
            return answer;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
