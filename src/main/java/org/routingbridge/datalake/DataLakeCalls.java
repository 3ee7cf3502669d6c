package org.routingbridge.datalake;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHeaders;
import org.routingbridge.http.BoundedExchanges;
import org.routingbridge.settings.Settings;

/**
 * Where the data lake is called, and the bounds of its calls: {@code bridge.datalake.timeout} for each as a whole
 * (contract, section 5). When the bridge stops, those that are still under way a little later are ended, so that what
 * they tell can be kept.
 */
public final class DataLakeCalls extends SimpleEventNotifierSupport implements HttpClientConfigurer {

    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    /** Most answers are as short as this; the stock buffer would be a seventh of all that an event allocates. */
    private static final int PART = 512;
    /** Of the ten that a stop may last. */
    private static final Duration LEFT_TO_CALLS = Duration.ofSeconds(3);

    private final BoundedExchanges bounds;
    private final URI url;
    private final String authorization;

    public DataLakeCalls(Settings settings) {
        url = settings.dataLakeUrl();
        authorization = settings.dataLakeAuthorization();
        bounds = new BoundedExchanges(MAX_ANSWER_BYTES, settings.dataLakeTimeout());
        setIgnoreCamelContextEvents(false);
        setIgnoreCamelContextInitEvents(true);
        setIgnoreExchangeEvents(true);
        setIgnoreRouteEvents(true);
        setIgnoreServiceEvents(true);
        setIgnoreStepEvents(true);
    }

    /** Whether there is a data lake to be told. */
    public boolean isWanted() {
        return url != null;
    }

    /** The same the other way round, for steps that there are none of where nobody is to be told. */
    public boolean isUnwanted() {
        return !isWanted();
    }

    /** Scheme, host and port of its address. */
    public String origin() {
        return url == null ? "http://localhost" : url.getScheme() + "://" + url.getRawAuthority();
    }

    /**
     * The path and the query go as they were set, to the letter, since signatures depend on that. Camel would write the
     * one anew, and take parameters of the other for its own. They and the {@code Authorization} are in no exchange, so
     * that no step can tell of them.
     */
    @Override
    public void configureHttpClient(HttpClientBuilder client) {
        bounds.configureHttpClient(client);
        // an answer's body is nobody's, so that it need not come packed
        client.disableContentCompression();
        String target = (url.getRawPath().isEmpty() ? "/" : url.getRawPath())
                + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
        client.addExecInterceptorFirst("address", (request, scope, chain) -> {
            request.setPath(target);
            if (authorization != null) {
                request.setHeader(HttpHeaders.AUTHORIZATION, authorization);
            }
            return read(chain.proceed(request, scope));
        });
    }

    /** Its status is all that matters, and counts once it is here as a whole. */
    private static ClassicHttpResponse read(ClassicHttpResponse answer) throws IOException {
        if (answer.getEntity() != null) {
            try (InputStream body = answer.getEntity().getContent()) {
                byte[] some = new byte[PART];
                while (body.read(some) >= 0) {
                    continue;
                }
            }
            answer.setEntity(null);
        }
        return answer;
    }

    @Override
    public void notify(CamelEvent event) {
        if (event instanceof CamelEvent.CamelContextStoppingEvent) {
            CompletableFuture.delayedExecutor(LEFT_TO_CALLS.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(bounds::abortAll);
        }
    }
}
