package org.routingbridge.cxone;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import org.apache.camel.Body;
import org.apache.camel.ExchangeException;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.routingbridge.cxone.RegistrationChange.Action;
import org.routingbridge.failure.FailureText;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.settings.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be done so that CXone has our webhook as it should be, and how that stands (contract, section 7). */
public final class WebhookRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookRegistration.class);
    private static final Set<String> SECRET_MEMBER = Set.of("targetHeaders");
    private static final int NO_CONTENT = 204;
    private static final int MOST_NAMED = 10;
    /** Events come all the same where one of these differs. */
    private static final Set<String> NOT_VITAL = Set.of("description", "format", "retryPolicy", "targetHeaders");

    /** What CXone was asked to change, with what it had. */
    private record Change(String id, Map<String, String> differences) {
    }

    private final JsonMapper json = new JsonMapper();
    private final WantedWebhook wanted;
    private final boolean enabled;
    private final BooleanSupplier ours;
    private volatile boolean secretSent;
    private volatile Boolean well;
    private volatile String failure;
    private volatile String madeId;
    private volatile Set<String> twins = Set.of();
    private volatile Change asked;
    private volatile Change suspected;
    private volatile Change inVain;

    /** Of a bridge alone. */
    public WebhookRegistration(Settings settings, BridgeMetrics metrics) {
        this(settings, metrics, () -> true);
    }

    /** @param ours whether it is this bridge that sees to it, of those that share a store */
    public WebhookRegistration(Settings settings, BridgeMetrics metrics, BooleanSupplier ours) {
        this.ours = ours;
        enabled = settings.registrationEnabled();
        wanted = new WantedWebhook(settings);
        if (enabled) {
            // where it is off there is none, so that nobody is alarmed by it
            metrics.gauge("bridge.registration.ok", "1 while CXone is known to have the webhook as it should be",
                    () -> !ours.getAsBoolean() ? Double.NaN : Boolean.TRUE.equals(well) ? 1 : 0);
        }
    }

    /** A new look at CXone's list. */
    public WebhookListing newListing() {
        return new WebhookListing(WantedWebhook.NAME);
    }

    /**
     * Takes a page of the list.
     *
     * @throws CxoneAnswerUnusable where it is no list
     */
    public void addPage(@Variable("listing") WebhookListing listing,
                        @Header("CamelHttpResponseCode") int status, @Header("Link") Object link, @Body String page) {
        if (status == NO_CONTENT) {
            listing.addNothing();
        } else {
            listing.add(page, link == null ? null : link.toString());
        }
    }

    /**
     * Compares CXone's list of webhooks with ours.
     *
     * @throws CxoneAnswerUnusable where ours is not in it and might be in what could not be read
     */
    public RegistrationChange compare(@Variable("listing") WebhookListing listing) {
        List<JsonNode> ours = listing.ours();
        reportTwins(ours);
        if (ours.isEmpty()) {
            if (!listing.isComplete()) {
                throw new CxoneAnswerUnusable("CXone's list of webhooks has no end that can be reached, and ours is"
                        + " not in its beginning");
            }
            asked = null;
            return madeId == null ? new RegistrationChange(Action.CREATE, null, wanted.body())
                    : new RegistrationChange(Action.LOOK, madeId, null);
        }
        JsonNode registered = choose(ours);
        String id = WebhookListing.id(registered);
        if (id.isEmpty()) {
            throw new CxoneAnswerUnusable("CXone lists our webhook without an id");
        }
        madeId = id;
        Change change = new Change(id, wanted.differences(registered));
        if (!change.equals(inVain)) {
            inVain = null;
        }
        if ((change.differences().isEmpty() || inVain != null) && (secretSent || wanted.isSecretShown(registered))) {
            return RegistrationChange.nothing();
        }
        asked = change;
        return new RegistrationChange(Action.UPDATE, id, wanted.bodyInPlaceOf(registered));
    }

    /** The one that we have made or kept before, else the one that is as it should be, else the same one every time. */
    private JsonNode choose(List<JsonNode> ours) {
        return ours.stream().min(Comparator.comparing((JsonNode one) -> !WebhookListing.id(one).equals(madeId))
                .thenComparing(one -> !wanted.differences(one).isEmpty()).thenComparing(WebhookListing::id))
                .orElseThrow();
    }

    private void reportTwins(List<JsonNode> ours) {
        Set<String> ids = new TreeSet<>(ours.stream().map(WebhookListing::id).toList());
        if (ids.size() > 1 && !ids.equals(twins)) {
            LOG.warn("CXone has more than one webhook of our name, so that each event is sent as often; delete all but"
                    + " one name={} count={} ids={} kept={}", WantedWebhook.NAME, ids.size(),
                    ids.stream().limit(MOST_NAMED).map(FailureText::fit).toList(),
                    FailureText.fit(WebhookListing.id(choose(ours))));
        }
        twins = ids.size() > 1 ? ids : Set.of();
    }

    /**
     * What CXone shows after it took a change. Somebody may have changed it back meanwhile, so that it was made in vain
     * where that is seen at two looks.
     */
    public void seeWhatWasTaken(@Body String webhook) {
        Optional<JsonNode> ours = ours(parse(webhook));
        if (ours.isPresent() && !isAsBefore(ours.get())) {
            suspected = null;
        } else {
            suspectThatItWasInVain();
        }
    }

    /** CXone shows no webhook alone. */
    public void suspectThatItWasInVain() {
        if (asked != null && asked.equals(suspected)) {
            leaveAsItIs();
        }
        suspected = asked;
    }

    /** Whether it still differs as it did before we asked. */
    private boolean isAsBefore(JsonNode registered) {
        return asked != null && asked.differences().equals(wanted.differences(registered));
    }

    private static Optional<JsonNode> ours(JsonNode webhook) {
        return Optional.of(webhook).filter(one -> WantedWebhook.NAME.equals(one.path("name").asText()));
    }

    /** One webhook; of an answer that is none, a missing node. */
    private JsonNode parse(String answer) {
        try {
            return WebhookListing.unwrapped(json.readTree(answer == null ? "" : answer));
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private void leaveAsItIs() {
        if (asked.differences().isEmpty()) {
            return;
        }
        if (!asked.equals(inVain)) {
            LOG.warn("CXone took our webhook's registration and has it otherwise all the same; it is left as it is"
                    + " id={} differs={}", FailureText.fit(asked.id()), asked.differences().keySet());
        }
        inVain = asked;
    }

    /** A list that lags may not show yet what we have made. */
    public RegistrationChange compareWithMade(@Variable("listing") WebhookListing listing, @Body String webhook) {
        listing.addUnlisted(webhook);
        if (listing.ours().isEmpty()) {
            throw new CxoneAnswerUnusable("CXone answers with another webhook than the one asked for");
        }
        return compare(listing);
    }

    /** It is not there any more, wherever one looks. */
    public RegistrationChange madeIsGone() {
        madeId = null;
        asked = null;
        return new RegistrationChange(Action.CREATE, null, wanted.body());
    }

    /** CXone took a registration, with our secret in it; a new one's id is in the answer, or in where it is found. */
    public void taken(@Body String answer, @Header("Location") String location) {
        secretSent = true;
        JsonNode shown = parse(answer);
        if (ours(shown).filter(this::isAsBefore).isPresent()) {
            leaveAsItIs();
        }
        if (madeId == null) {
            madeId = Stream.of(WebhookListing.id(shown), lastSegment(location)).filter(id -> !id.isEmpty()).findFirst()
                    .orElse(null);
        }
        if (asked == null) {
            LOG.info("CXone has registered the webhook name={} id={}", WantedWebhook.NAME, FailureText.fit(madeId));
        } else {
            LOG.info("CXone has updated the webhook's registration name={} changed={} id={}", WantedWebhook.NAME,
                    asked.differences().isEmpty() ? SECRET_MEMBER : asked.differences().keySet(),
                    FailureText.fit(asked.id()));
        }
    }

    /** Of an address's path, decoded; empty where there is none. */
    private static String lastSegment(String address) {
        try {
            String path = address == null ? null : new URI(address.strip()).getPath();
            return path == null ? "" : path.substring(path.lastIndexOf('/') + 1);
        } catch (URISyntaxException e) {
            return "";
        }
    }

    /** CXone has been looked at, and told what was to be told. */
    public void looked() {
        Set<String> left = inVain == null ? Set.of() : inVain.differences().keySet();
        String vital = left.stream().filter(member -> !NOT_VITAL.contains(member)).findFirst().orElse(null);
        if (vital != null) {
            well = false;
            failure = "CXone has our webhook with another " + vital + " and leaves it so";
            return;
        }
        if (!Boolean.TRUE.equals(well)) {
            LOG.info("CXone has the webhook as it should be name={}", WantedWebhook.NAME);
        }
        well = true;
        failure = null;
    }

    /** CXone could not be asked or did not do as we asked; the next period tries again. */
    public void failed(@ExchangeException Exception reason) {
        String before = failure;
        failure = FailureText.of(reason);
        well = false;
        if (failure.equals(before)) {
            return;
        }
        LOG.warn("The webhook's registration could not be checked and is tried again later; events are taken all the"
                + " same reason={}", failure);
    }

    /** Whether CXone was seen to have the webhook as it should be; null while that is not known. */
    public Boolean well() {
        return well;
    }

    /** How the registration stands, in words fit for an operator: {@code failed} with the reason. */
    public String state() {
        if (!enabled) {
            return "off";
        }
        if (!ours.getAsBoolean()) {
            return "another bridge sees to it";
        }
        String reason = failure;
        if (well == null) {
            return "not tried yet";
        }
        if (reason != null) {
            return "failed: " + reason;
        }
        return twins.isEmpty() ? "ok"
                : "ok, but there are " + twins.size() + " webhooks of our name; delete all but one";
    }
}
