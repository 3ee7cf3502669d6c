package org.routingbridge.cxone;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeException;
import org.apache.camel.Processor;
import org.routingbridge.failure.FailureText;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The token CXone gave us, kept until a minute before it expires (contract, section 7). As a processor it forgets the
 * token, which is what a route does when CXone answers 401.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749, section 4.4: client credentials grant</a>
 */
public final class AccessToken implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(AccessToken.class);
    private static final long RENEW_BEFORE_NANOS = Duration.ofSeconds(60).toNanos();
    private static final long DEFAULT_SECONDS = 3600;
    private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();

    /** Its end is by the monotonic clock, since the wall clock may be set. */
    private record Token(String value, long endNanos) {
    }

    private final JsonMapper json = new JsonMapper();
    private final Settings settings;
    private final LongSupplier nanoTime;
    private volatile Token token;
    private volatile boolean asked;
    private volatile boolean everGot;
    private volatile String failure;

    public AccessToken(Settings settings, BridgeMetrics metrics) {
        this(settings, System::nanoTime);
        if (settings.registrationEnabled()) {
            metrics.gauge("bridge.token.expiry.seconds", "Seconds that CXone's access token is still good for",
                    this::secondsLeft);
        }
    }

    AccessToken(Settings settings, LongSupplier nanoTime) {
        this.settings = settings;
        this.nanoTime = nanoTime;
    }

    public boolean isToBeRenewed() {
        Token current = token;
        return current == null || nanosLeft(current) <= RENEW_BEFORE_NANOS;
    }

    /** The form that asks for a token by client credentials, every value encoded. */
    public String clientCredentialsRequest() {
        asked = true;
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        form.put("client_id", settings.cxoneClientId());
        form.put("client_secret", settings.cxoneClientSecret());
        form.put("scope", settings.cxoneScopes());
        return form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    /** The JSON that asks for a token by CXone's access-key flow. */
    public String accessKeyRequest() {
        asked = true;
        return json.createObjectNode()
                .put("accessKeyId", settings.cxoneClientId())
                .put("accessKeySecret", settings.cxoneClientSecret())
                .toString();
    }

    /**
     * Keeps what the token URL answered.
     *
     * @throws CxoneAnswerUnusable where there is no token in it
     */
    public void keep(String answer) {
        try {
            JsonNode parsed = json.readTree(answer == null ? "" : answer);
            String value = parsed.path("access_token").asText("");
            if (value.isEmpty()) {
                throw new CxoneAnswerUnusable("The token URL answered without an access_token");
            }
            long seconds = Math.max(0, Math.min(LONGEST_SECONDS, parsed.path("expires_in").asLong(DEFAULT_SECONDS)));
            token = new Token(value, nanoTime.getAsLong() + Duration.ofSeconds(seconds).toNanos());
            got(seconds);
        } catch (IOException e) {
            throw new CxoneAnswerUnusable("The token URL answered with something that is not JSON");
        }
    }

    private void got(long seconds) {
        asked = false;
        if (failure != null) {
            LOG.info("CXone gives access tokens again seconds={}", seconds);
        } else if (!everGot) {
            LOG.info("CXone gave an access token seconds={}", seconds);
        }
        everGot = true;
        failure = null;
    }

    /** Something failed with CXone: getting a token, where that was asked for and has not come. */
    public void failed(@ExchangeException Exception reason) {
        if (!asked) {
            return;
        }
        asked = false;
        String text = FailureText.of(reason);
        if (failure == null) {
            LOG.warn("CXone gives no access token, so that the webhook's registration cannot be looked at reason={}",
                    text);
        }
        failure = text;
    }

    /** How it stands with the token, in words fit for an operator: {@code failed} with the reason. */
    public String state() {
        if (!settings.registrationEnabled()) {
            return "off";
        }
        return failure != null ? "failed: " + failure : everGot ? "ok" : "not tried yet";
    }

    /** Value of the {@code Authorization} header. */
    public String bearer() {
        return "Bearer " + token.value();
    }

    public void forget() {
        token = null;
    }

    @Override
    public void process(Exchange exchange) {
        forget();
    }

    private long secondsLeft() {
        Token current = token;
        return current == null ? 0 : Math.max(0, Duration.ofNanos(nanosLeft(current)).toSeconds());
    }

    private long nanosLeft(Token current) {
        return current.endNanos() - nanoTime.getAsLong();
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "AccessToken[" + (token == null ? "none" : "held") + "]";
    }
}
