package org.routingbridge.webhook;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.Http1xServerConnection;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;

/**
 * Stands before an HTTP server, where a stranger costs least: so many connections, so many header lines, so much time
 * for a head and for a body, and nothing that two readers could understand in two ways. What it refuses never comes to
 * a route. A server takes it by {@code connectionHandler(guard::admit)} and {@code invalidRequestHandler}, and speaks
 * HTTP/1 alone.
 */
public final class HttpGuard {

    /** Under these names Vert.x has its decoder and the end of its pipeline. */
    private static final String DECODER = "httpDecoder";
    private static final String SERVER = "handler";

    /**
     * What a connection may take.
     *
     * @param headerLines    of a head
     * @param head           from a head's first byte, or for the first one from the connection's beginning, to its end
     * @param body           from a head's end to the body's, unless it comes at the least rate
     * @param bytesPerSecond the rate, on average since the head's end, at which a body may take longer
     */
    record Limits(int headerLines, Duration head, Duration body, int bytesPerSecond) {

        static final Limits DEFAULT = new Limits(100, Duration.ofSeconds(10), Duration.ofSeconds(10), 16 * 1024);
    }

    private final int maxConnections;
    private final Limits limits;
    private final AtomicInteger connections = new AtomicInteger();

    /** @param maxConnections open at a time; those that are more are closed before they are read */
    public HttpGuard(int maxConnections) {
        this(maxConnections, Limits.DEFAULT);
    }

    HttpGuard(int maxConnections, Limits limits) {
        this.maxConnections = maxConnections;
        this.limits = limits;
    }

    /** Takes a new connection in, or closes it. */
    public void admit(HttpConnection connection) {
        Http1xServerConnection server = (Http1xServerConnection) connection;
        // a connection that breaks is its sender's affair, and nothing for the log
        server.exceptionHandler(broken -> { });
        Channel channel = server.channelHandlerContext().channel();
        ChannelPipeline pipeline = channel.pipeline();
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        if (connections.incrementAndGet() > maxConnections) {
            pipeline.context(DECODER).writeAndFlush(tooMany()).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        GuardedDecoder decoder = new GuardedDecoder(server, limits);
        pipeline.replace(DECODER, DECODER, decoder);
        pipeline.addBefore(SERVER, "replies", decoder.replies());
    }

    int connections() {
        return connections.get();
    }

    /** What a request is refused for that came to no route, since its head could not be read or is not allowed. */
    public static Refused refusalOf(HttpServerRequest invalid) {
        Throwable cause = invalid.decoderResult().cause();
        if (cause instanceof Refused refused) {
            return refused;
        }
        if (cause instanceof TooLongHttpLineException) {
            return new Refused(Refusal.URI_TOO_LONG, "The request line is too long");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return new Refused(Refusal.HEADERS_TOO_LARGE, "The request's headers are too large");
        }
        return new Refused(Refusal.MALFORMED_REQUEST, "This is not an HTTP/1.1 request");
    }

    private static ByteBuf tooMany() {
        String body = Reply.overloaded("More connections are open than the bridge takes at once; try again", 1)
                .toJson().toString();
        return Unpooled.copiedBuffer("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                + "Retry-After: 1\r\nConnection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body,
                StandardCharsets.US_ASCII);
    }
}
