package org.routingbridge.cxone;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.JsonNode;
import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.Settings;

/** One look at CXone, for a person: whether it gives us a token, and has our webhook. Nothing is changed there. */
public final class WebhookProbe {

    private static final int LARGEST_ANSWER = 1024 * 1024;
    private static final int NO_CONTENT = 204;

    /**
     * What CXone answered.
     *
     * @param tokenFailure   why there is no token, else null
     * @param listingFailure why the webhooks could not be listed, else null
     * @param ids            of the webhooks of our name
     * @param differences    the members in which the one that fits best is not as it should be
     */
    public record Answer(String tokenFailure, String listingFailure, Set<String> ids, Set<String> differences) {
    }

    private final Settings settings;
    private final Duration patience;
    private final HttpClient client;

    /** @param patience for each exchange */
    public WebhookProbe(Settings settings, Duration patience) {
        this.settings = settings;
        this.patience = patience;
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(patience)
                .proxy(HttpClient.Builder.NO_PROXY).build();
    }

    /** Looks. */
    public Answer look() throws InterruptedException {
        AccessToken token = new AccessToken(settings, System::nanoTime);
        try {
            token.keep(text(send(tokenRequest(token))));
        } catch (IOException | RuntimeException e) {
            return new Answer(FailureText.of(e, settings.cxoneTokenUrl().toString()), null, Set.of(), Set.of());
        }
        try {
            return compare(list(token).ours());
        } catch (IOException | RuntimeException e) {
            return new Answer(null, FailureText.of(e, settings.cxoneBaseUrl().toString()), Set.of(), Set.of());
        }
    }

    private HttpRequest.Builder tokenRequest(AccessToken token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(settings.cxoneTokenUrl());
        return settings.cxoneAccessKey()
                ? request.header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(token.accessKeyRequest()))
                : request.header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(token.clientCredentialsRequest()));
    }

    private WebhookListing list(AccessToken token) throws IOException, InterruptedException {
        WebhookListing listing = new WebhookListing(WantedWebhook.NAME);
        while (listing.hasMore()) {
            HttpResponse<InputStream> page = send(HttpRequest.newBuilder(URI.create(settings.cxoneBaseUrl()
                    + "/api/v2/webhooks" + (listing.query() == null ? "" : "?" + listing.query())))
                    .header("Authorization", token.bearer()).GET());
            String body = text(page);
            if (page.statusCode() == NO_CONTENT) {
                listing.addNothing();
            } else {
                listing.add(body, page.headers().firstValue("Link").orElse(null));
            }
        }
        if (listing.ours().isEmpty() && !listing.isComplete()) {
            throw new CxoneAnswerUnusable("CXone's list of webhooks has no end that can be reached, and ours is not in"
                    + " its beginning");
        }
        return listing;
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(patience).header("Accept", "application/json").build(),
                BodyHandlers.ofInputStream());
    }

    /** The body of an answer that grants what was asked for. */
    private static String text(HttpResponse<InputStream> response) throws IOException {
        try (InputStream body = response.body()) {
            if (response.statusCode() / 100 != 2) {
                throw new CxoneAnswerUnusable(FailureText.origin(response.uri().toString()) + " answered with status "
                        + response.statusCode());
            }
            byte[] bytes = body.readNBytes(LARGEST_ANSWER + 1);
            if (bytes.length > LARGEST_ANSWER) {
                throw new CxoneAnswerUnusable("The answer is larger than 1 MB");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private Answer compare(List<JsonNode> ours) {
        WantedWebhook wanted = new WantedWebhook(settings);
        Set<String> ids = new TreeSet<>();
        ours.forEach(webhook -> ids.add(WebhookListing.id(webhook)));
        Set<String> differences = ours.stream().map(wanted::differences).map(Map::keySet)
                .min((one, other) -> one.size() - other.size()).orElse(Set.of());
        return new Answer(null, null, ids, differences);
    }
}
