package org.routingbridge.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;

/**
 * Bounds the calls of an HTTP endpoint: each ends in a given time from its beginning to its answer's last byte, however
 * slowly bytes trickle in, and no answer is longer than memory has room for, counted once it is decompressed. The
 * client's own time-outs are of single steps. What is under way can be ended as a whole, for a process that stops.
 */
public final class BoundedExchanges implements HttpClientConfigurer {

    /** A call is looked at no more often than this: a timer for each would cost more than many a call. */
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final ScheduledExecutorService WATCH = watch();

    private final int maxAnswerBytes;
    private final Duration wholeExchange;
    private final Set<Call> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isWatched = new AtomicBoolean();

    /**
     * @param maxAnswerBytes of one answer's body
     * @param wholeExchange  of one call
     */
    public BoundedExchanges(int maxAnswerBytes, Duration wholeExchange) {
        this.maxAnswerBytes = maxAnswerBytes;
        this.wholeExchange = wholeExchange;
    }

    private static ScheduledExecutorService watch() {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "http-deadlines");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        // whoever calls has a policy of its own for what fails
        client.disableAutomaticRetries().disableCookieManagement();
        client.addExecInterceptorFirst("bounds", this::execute);
    }

    private ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Call call = new Call(scope.originalRequest instanceof Cancellable cancellable ? cancellable : null);
        try {
            ClassicHttpResponse answer = chain.proceed(request, scope);
            HttpEntity entity = answer.getEntity();
            if (entity == null) {
                call.end();
            } else {
                answer.setEntity(new BoundedEntity(entity, call));
            }
            return answer;
        } catch (IOException e) {
            call.end();
            throw call.told(e);
        } catch (HttpException | RuntimeException e) {
            call.end();
            throw e;
        }
    }

    private void watchThem() {
        if (!isWatched.get() && isWatched.compareAndSet(false, true)) {
            WATCH.schedule(this::look, LOOK.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        long now = System.nanoTime();
        underWay.forEach(call -> call.endIfOverdue(now));
        // in this order, so that a call that begins meanwhile is watched
        isWatched.set(false);
        if (!underWay.isEmpty()) {
            watchThem();
        }
    }

    /** Ends all calls under way; each then fails. */
    public void abortAll() {
        underWay.forEach(Call::abort);
    }

    private final class Call {

        private final Cancellable request;
        private final long began = System.nanoTime();
        private volatile boolean overdue;

        Call(Cancellable request) {
            this.request = request;
            underWay.add(this);
            watchThem();
        }

        void endIfOverdue(long now) {
            if (now - began >= wholeExchange.toNanos()) {
                overdue = true;
                abort();
            }
        }

        void abort() {
            if (request != null) {
                request.cancel();
            }
        }

        void end() {
            underWay.remove(this);
        }

        IOException told(IOException failure) {
            return overdue ? new SocketTimeoutException("No answer within " + seconds()) : failure;
        }

        private String seconds() {
            return wholeExchange.toMillis() % 1000 == 0 ? wholeExchange.toSeconds() + " s"
                    : wholeExchange.toMillis() + " ms";
        }
    }

    private final class BoundedEntity extends HttpEntityWrapper {

        private final Call call;

        BoundedEntity(HttpEntity entity, Call call) {
            super(entity);
            this.call = call;
        }

        @Override
        public InputStream getContent() throws IOException {
            return new BoundedStream(super.getContent(), call);
        }

        @Override
        public void writeTo(OutputStream to) throws IOException {
            try (InputStream content = getContent()) {
                content.transferTo(to);
            }
        }

        @Override
        public void close() throws IOException {
            call.end();
            super.close();
        }
    }

    private final class BoundedStream extends FilterInputStream {

        private final Call call;
        private long read;

        BoundedStream(InputStream content, Call call) {
            super(content);
            this.call = call;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count;
            try {
                count = super.read(bytes, offset, length);
            } catch (IOException e) {
                call.end();
                throw call.told(e);
            }
            if (count < 0) {
                call.end();
            } else if ((read += count) > maxAnswerBytes) {
                // first, since closing the stream would read the rest
                call.abort();
                call.end();
                throw new IOException("The answer is over " + maxAnswerBytes + " bytes");
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            try {
                super.close();
            } finally {
                call.end();
            }
        }
    }
}
