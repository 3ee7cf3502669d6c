package org.routingbridge.webhook;

import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.http.impl.headers.HeadersMultiMap;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;

/**
 * Reads the requests of one connection within the {@link HttpGuard}'s limits. A head that breaks them goes on to the
 * server as an invalid request, so that its answer keeps its turn; of a body that breaks them the request is told by
 * its exception handler. Either way nothing more of the connection is read, and it ends with the answer. All of it
 * happens on the connection's event loop.
 */
final class GuardedDecoder extends HttpRequestDecoder {

    /** How long a connection is still read, and what comes thrown away, so that the sender gets to see its answer. */
    private static final int LINGER_SECONDS = 5;
    /** Requests that may come before the first of them has its answer. */
    private static final int MOST_WAITING = 64;

    private enum Reading { NOTHING, HEAD, BODY, NO_MORE }

    private static final HttpHeadersFactory TRAILERS_DROPPED = new HttpHeadersFactory() {
        @Override
        public HttpHeaders newHeaders() {
            return new DefaultHttpHeaders() {
                @Override
                public HttpHeaders add(CharSequence name, Object value) {
                    return this;
                }
            };
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return newHeaders();
        }
    };

    private final Http1xServerConnection server;
    private final HttpGuard.Limits limits;
    private Reading reading = Reading.HEAD;
    private HttpRequest head;
    private boolean begun;
    private boolean expectsContinue;
    private boolean inputEnded;
    private boolean closing;
    private int unanswered;
    private boolean watched;
    private long watchedSince;
    private long bodyBytes;
    private ScheduledFuture<?> deadline;

    GuardedDecoder(Http1xServerConnection server, HttpGuard.Limits limits) {
        super(new HttpDecoderConfig().setTrailersFactory(TRAILERS_DROPPED));
        this.server = server;
        this.limits = limits;
    }

    /** Watches what goes out; to stand just before the server. */
    ChannelHandler replies() {
        return new Replies();
    }

    /** As the server's own decoder makes it, with headers that it knows how to read fast. */
    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        head = new DefaultHttpRequest(HttpVersion.valueOf(initialLine[2]), HttpMethod.valueOf(initialLine[0]),
                initialLine[1], HeadersMultiMap.httpHeaders());
        return head;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return false;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        super.handlerAdded(ctx);
        watch(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (reading == Reading.NO_MORE) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (reading == Reading.NOTHING) {
            enter(Reading.HEAD);
        }
        begun = true;
        super.decode(ctx, in, out);
        if (out.isEmpty() && head != null && RequestHeads.hasMoreLines(head, limits.headerLines())) {
            HttpRequest tooLong = head;
            refuse(tooLong, RequestHeads.tooManyLines(limits.headerLines()), out);
            // it is kept until the connection ends, and nobody reads them
            tooLong.headers().clear();
            return;
        }
        for (int i = 0; i < out.size(); i++) {
            if (out.get(i) instanceof HttpRequest request) {
                read(ctx, request, out);
            } else if (out.get(i) instanceof HttpContent content && content.decoderResult().isFailure()) {
                out.forEach(ReferenceCountUtil::release);
                out.clear();
                breakOff(ctx, new Refused(Refusal.MALFORMED_REQUEST, "The body's chunks cannot be told apart"));
            } else if (out.get(i) instanceof HttpContent content) {
                bodyBytes += content.content().readableBytes();
            }
            if (i < out.size() && out.get(i) instanceof LastHttpContent && reading != Reading.NO_MORE) {
                enter(Reading.NOTHING);
            }
        }
    }

    private void read(ChannelHandlerContext ctx, HttpRequest request, List<Object> out) {
        head = null;
        if (request.decoderResult().isFailure()) {
            enter(Reading.NO_MORE);
            unanswered++;
            return;
        }
        Refused refused = RequestHeads.refusal(request, limits.headerLines());
        if (refused != null) {
            refuse(request, refused, out);
            return;
        }
        if (unanswered >= MOST_WAITING || !ctx.channel().isWritable()) {
            // it sends and sends, and does not read
            out.clear();
            enter(Reading.NO_MORE);
            ctx.close();
            return;
        }
        unanswered++;
        expectsContinue = request.headers().contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
        enter(Reading.BODY);
    }

    private void refuse(HttpRequest request, Refused refused, List<Object> out) {
        request.setDecoderResult(DecoderResult.failure(refused));
        out.clear();
        out.add(request);
        head = null;
        unanswered++;
        enter(Reading.NO_MORE);
    }

    private void enter(Reading next) {
        reading = next;
        watched = false;
        bodyBytes = 0;
    }

    /** The rest of the body will not be read; who waits for it is told why. */
    private void breakOff(ChannelHandlerContext ctx, Refused why) {
        enter(Reading.NO_MORE);
        stopWatching();
        if (unanswered == 0) {
            end(ctx);
        } else {
            server.handleException(why);
            ctx.executor().schedule(() -> end(ctx), LINGER_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        watch(ctx);
    }

    /** What came whole in one go needs no timer. */
    private void watch(ChannelHandlerContext ctx) {
        if (watched) {
            return;
        }
        stopWatching();
        watched = true;
        watchedSince = System.nanoTime();
        if (reading == Reading.HEAD || reading == Reading.BODY) {
            long millis = (reading == Reading.HEAD ? limits.head() : limits.body()).toMillis();
            deadline = ctx.executor().schedule(() -> overdue(ctx), millis, TimeUnit.MILLISECONDS);
        }
    }

    private void stopWatching() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void overdue(ChannelHandlerContext ctx) {
        if (reading == Reading.BODY) {
            double seconds = (System.nanoTime() - watchedSince) / 1e9;
            if (bodyBytes >= seconds * limits.bytesPerSecond()) {
                deadline = ctx.executor().schedule(() -> overdue(ctx), 1, TimeUnit.SECONDS);
            } else {
                breakOff(ctx, new Refused(Refusal.REQUEST_TIMEOUT, "The body did not come in time; send it again"));
            }
        } else if (reading == Reading.HEAD && begun) {
            HttpRequest late = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/",
                    Unpooled.EMPTY_BUFFER);
            late.setDecoderResult(DecoderResult.failure(
                    new Refused(Refusal.REQUEST_TIMEOUT, "The request's head did not come in time; send it again")));
            head = null;
            unanswered++;
            enter(Reading.NO_MORE);
            ctx.fireChannelRead(late);
            ctx.fireChannelReadComplete();
        } else if (reading == Reading.HEAD) {
            ctx.close();
        }
    }

    /** The sender sends no more, and may still be reading. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (closing || unanswered == 0) {
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            } else if (reading == Reading.BODY) {
                breakOff(ctx, new Refused(Refusal.MALFORMED_JSON, "The body did not arrive whole"));
            }
            return;
        }
        super.userEventTriggered(ctx, event);
    }

    /** The server ends a connection so after it has answered an invalid request; the answer has yet to be read. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (reading == Reading.NO_MORE && closing && ctx.channel().isActive()) {
            return;
        }
        super.exceptionCaught(ctx, cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        stopWatching();
        super.channelInactive(ctx);
    }

    /** Behind all that is written: says that no more will come, and waits a little for the sender to say the same. */
    private void end(ChannelHandlerContext ctx) {
        if (closing) {
            return;
        }
        closing = true;
        reading = Reading.NO_MORE;
        stopWatching();
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> {
            if (inputEnded || !written.isSuccess() || !(ctx.channel() instanceof DuplexChannel channel)) {
                ctx.close();
                return;
            }
            channel.shutdownOutput();
            ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        });
    }

    private final class Replies extends ChannelOutboundHandlerAdapter {

        private boolean interim;
        private boolean last;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
            if (message instanceof HttpResponse response) {
                interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
                if (interim) {
                    expectsContinue = false;
                } else {
                    begin(response);
                }
            }
            boolean ends = message instanceof LastHttpContent && !interim;
            ctx.write(message, promise);
            if (ends) {
                unanswered--;
                if (last || inputEnded && unanswered == 0) {
                    end(ctx.pipeline().context(GuardedDecoder.this));
                }
            }
        }

        /** Whether this is the connection's last answer, which it then says. */
        private void begin(HttpResponse response) {
            boolean unread = unanswered == 1 && (reading == Reading.BODY && expectsContinue
                    || reading == Reading.NO_MORE);
            if (unread) {
                response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            last = unread || response.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
        }
    }
}
