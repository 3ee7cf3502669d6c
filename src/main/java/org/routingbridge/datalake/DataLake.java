package org.routingbridge.datalake;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.support.AsyncProcessorSupport;
import org.routingbridge.settings.Settings;

/**
 * Calls the data lake with a notification, the body's bytes, and goes on with its answer's status: a 2xx, or else
 * {@link HttpOperationFailedException} (contract, section 5). The calls are made on the webhook's event loops and hold
 * no thread. Only so many are under way and so many wait for them, and no more bytes than memory holds; what is more
 * fails.
 */
public final class DataLake extends AsyncProcessorSupport implements CamelContextAware {

    private static final int MOST_CALLS = 256;
    private static final int MOST_WAITING = 1000;
    /** Of the heap, for the notifications of all calls. */
    private static final int SHARE_OF_HEAP = 16;

    private final int webhookPort;
    private final URI url;
    private final PoolOptions pool = new PoolOptions().setHttp1MaxSize(MOST_CALLS).setMaxWaitQueueSize(MOST_WAITING);
    private final HttpClientOptions options;
    private final RequestOptions post;
    private final long mostBytes;
    private final AtomicLong bytes = new AtomicLong();
    private CamelContext camelContext;
    private HttpClient client;

    public DataLake(Settings settings) {
        this(settings.dataLakeUrl(), settings.dataLakeAuthorization(), settings.dataLakeTimeout(), settings.port(),
                Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    }

    DataLake(URI url, String authorization, Duration timeout, int webhookPort, long mostBytes) {
        this.url = url;
        this.webhookPort = webhookPort;
        this.mostBytes = mostBytes;
        options = new HttpClientOptions().setConnectTimeout((int) timeout.toMillis());
        post = new RequestOptions().setMethod(HttpMethod.POST).setTimeout(timeout.toMillis())
                .putHeader("Content-Type", "application/json");
        if (url != null) {
            post.setAbsoluteURI(url.toString());
        }
        if (authorization != null) {
            post.putHeader("Authorization", authorization);
        }
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        byte[] notification = exchange.getMessage().getBody(byte[].class);
        if (bytes.addAndGet(notification.length) > mostBytes) {
            bytes.addAndGet(-notification.length);
            exchange.setException(new IllegalStateException("More waits for the data lake than memory holds"));
            callback.done(true);
            return true;
        }
        client.request(post)
                .compose(request -> call(request, Buffer.buffer(notification)))
                .onComplete(status -> {
                    bytes.addAndGet(-notification.length);
                    if (status.failed()) {
                        exchange.setException(status.cause());
                    } else if (status.result() / 100 != 2) {
                        exchange.setException(new HttpOperationFailedException(url.toString(), status.result(), null,
                                null, null, null));
                    }
                    callback.done(false);
                });
        return false;
    }

    /** The whole answer is waited for, since the connection is free only then. */
    private static Future<Integer> call(HttpClientRequest request, Buffer notification) {
        return request.exceptionHandler(DataLake::leaveToTheCall).send(notification)
                .compose(response -> response.end().map(end -> response.statusCode()));
    }

    private static void leaveFailuresToTheCall(HttpConnection connection) {
        connection.exceptionHandler(DataLake::leaveToTheCall);
    }

    /** The call fails as well; Vert.x logs a failure, with its stack trace, that nobody handles. */
    private static void leaveToTheCall(Throwable failure) {
    }

    @Override
    protected void doStart() {
        String webhook = VertxPlatformHttpRouter.getRouterNameFromPort(webhookPort);
        client = VertxPlatformHttpRouter.lookup(camelContext, webhook).vertx().httpClientBuilder().with(options)
                .with(pool).withConnectHandler(DataLake::leaveFailuresToTheCall).build();
    }

    @Override
    protected void doStop() {
        client.close();
    }

    @Override
    public CamelContext getCamelContext() {
        return camelContext;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        this.camelContext = camelContext;
    }
}
