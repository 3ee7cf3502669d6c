package org.routingbridge.cxone;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * CXone's list of webhooks, read page after page in one look. What is asked for next is always the list itself; of what
 * the answer says of its next page nothing but the query is used. Listings differ between CXone's products: the next
 * page is named by a link ({@code next} in the body, or in the {@code Link} header of
 * <a href="https://www.rfc-editor.org/rfc/rfc8288">RFC 8288</a>), by a token, or by numbers.
 */
public final class WebhookListing {

    private static final int MOST_PAGES = 50;
    private static final int MOST_WEBHOOKS = 10_000;
    private static final int LONGEST_QUERY = 4000;
    private static final List<String> COLLECTIONS = List.of("webhooks", "entities", "items", "results", "data");
    private static final List<String> ABOUT_PAGES = List.of("pagination", "paging", "page", "meta", "metadata", "links",
            "_links");
    private static final List<String> LINKS = List.of("next", "nextPage", "nextUri", "nextUrl", "nextLink");
    private static final List<String> TOKENS = List.of("nextPageToken", "nextToken", "nextCursor");
    /** An address, and its parameters. */
    private static final Pattern LINK = Pattern.compile(
            "<([^<>]*)>((?:\\s*;\\s*[^\\s=;,]+\\s*=\\s*(?:\"[^\"]*\"|[^\\s;,]*))*)");
    private static final Pattern REL_NEXT = Pattern.compile(
            "(?i);\\s*rel\\s*=\\s*(?:\"(?:[^\"]*\\s)?next(?:\\s[^\"]*)?\"|next)");
    private static final JsonMapper JSON = new JsonMapper();

    private final String name;
    private final Map<String, JsonNode> webhooks = new LinkedHashMap<>();
    private final Set<String> asked = new HashSet<>();
    private String next = "";
    private boolean complete = true;

    /** @param name of the webhooks that matter */
    WebhookListing(String name) {
        this.name = name;
        asked.add(next);
    }

    /** Whether there is a page to be read; at first there is. */
    public boolean hasMore() {
        return next != null;
    }

    /** The query of the page that is to be read; null for the first. */
    public String query() {
        return next == null || next.isEmpty() ? null : next;
    }

    /**
     * Takes a page.
     *
     * @param link the answer's {@code Link} header, or null
     * @throws CxoneAnswerUnusable where it is no list
     */
    void add(String page, String link) {
        JsonNode answer = parse(page);
        List<JsonNode> listed = webhooks(answer);
        int before = webhooks.size();
        listed.forEach(webhook -> webhooks.put(key(webhook), webhook));
        boolean isNew = webhooks.size() > before;
        String follows = following(answer, link, listed.size());
        next = null;
        if (follows != null) {
            if ((isNew || listed.isEmpty()) && follows.length() <= LONGEST_QUERY && webhooks.size() < MOST_WEBHOOKS
                    && asked.size() < MOST_PAGES && asked.add(follows)) {
                next = follows;
            } else {
                complete = false;
            }
        }
    }

    /** An answer without a body: there are none. */
    void addNothing() {
        next = null;
    }

    /** A webhook that the list does not show yet. */
    void addUnlisted(String webhook) {
        JsonNode found = parse(webhook);
        if (!found.isObject()) {
            throw new CxoneAnswerUnusable("CXone's answer about our webhook is not a webhook");
        }
        JsonNode one = unwrapped(found);
        webhooks.put(key(one), one);
    }

    /** Those of our name. */
    List<JsonNode> ours() {
        return webhooks.values().stream().filter(webhook -> name.equals(webhook.path("name").asText())).toList();
    }

    /** Whether all pages were read. */
    boolean isComplete() {
        return complete;
    }

    /** One webhook, where an answer holds it in an object of its own. */
    static JsonNode unwrapped(JsonNode answer) {
        return Stream.concat(Stream.of("webhook"), COLLECTIONS.stream()).map(answer::path).filter(JsonNode::isObject)
                .findFirst().orElse(answer);
    }

    /** CXone's id of a webhook; empty where it has none. */
    static String id(JsonNode webhook) {
        return webhook.hasNonNull("id") ? webhook.get("id").asText() : webhook.path("webhookId").asText("");
    }

    private String key(JsonNode webhook) {
        String id = id(webhook);
        return id.isEmpty() ? "without an id " + webhooks.size() : id;
    }

    private JsonNode parse(String answer) {
        try {
            return JSON.readTree(answer == null ? "" : answer);
        } catch (IOException e) {
            throw new CxoneAnswerUnusable("CXone's list of webhooks is not JSON");
        }
    }

    private List<JsonNode> webhooks(JsonNode answer) {
        JsonNode list = answer.isArray() ? answer : COLLECTIONS.stream().map(answer::path).filter(JsonNode::isArray)
                .findFirst().orElseGet(() -> emptyList(answer));
        List<JsonNode> listed = new ArrayList<>();
        list.forEach(listed::add);
        return listed;
    }

    /** An object without members, or with null for a list, is how some servers write a list of none. */
    private JsonNode emptyList(JsonNode answer) {
        if (answer.isObject() && (answer.isEmpty() || COLLECTIONS.stream().map(answer::path).anyMatch(JsonNode::isNull)
                && COLLECTIONS.stream().map(answer::path).allMatch(list -> list.isNull() || list.isMissingNode()))) {
            return JSON.createArrayNode();
        }
        throw new CxoneAnswerUnusable("CXone's list of webhooks holds no list");
    }

    /** The query of the page that follows this one; null where it is the last, empty where it cannot be asked for. */
    private String following(JsonNode answer, String link, int listed) {
        List<JsonNode> places = Stream.concat(Stream.of(answer), ABOUT_PAGES.stream().map(answer::path)
                .filter(JsonNode::isObject)).toList();
        String address = first(places, LINKS);
        if (address == null) {
            address = nextOf(link);
        }
        if (address != null) {
            // some servers name a next page for ever; an empty one is the last of those
            String query = queryOf(address);
            return listed == 0 && !query.isEmpty() ? null : query;
        }
        String token = first(places, TOKENS);
        if (token != null) {
            // some products take it back under the name that it came by
            String encoded = encode(token);
            return "pageToken=" + encoded + "&nextPageToken=" + encoded;
        }
        if (listed == 0) {
            return null;
        }
        return places.stream().map(place -> byNumber(place, listed)).filter(query -> query != null).findFirst()
                .orElse(null);
    }

    private static String first(List<JsonNode> places, List<String> members) {
        return places.stream().flatMap(place -> members.stream().map(place::path))
                .map(value -> value.isObject() ? value.path("href") : value)
                .filter(value -> value.isTextual() && !value.textValue().isBlank())
                .map(JsonNode::textValue).findFirst().orElse(null);
    }

    private static String nextOf(String link) {
        Matcher matcher = LINK.matcher(link == null ? "" : link);
        while (matcher.find()) {
            if (REL_NEXT.matcher(matcher.group(2)).find()) {
                return matcher.group(1);
            }
        }
        return null;
    }

    /** Empty, as the first page's, where the address has none. */
    private static String queryOf(String address) {
        try {
            String query = new URI(address.strip()).getRawQuery();
            return query == null ? "" : query;
        } catch (URISyntaxException e) {
            return "";
        }
    }

    /** What the total counts is said nowhere; it may be webhooks or pages. */
    private String byNumber(JsonNode place, int listed) {
        String member = place.path("pageNumber").isInt() ? "pageNumber" : "page";
        if (!place.path(member).isInt()) {
            return null;
        }
        int page = place.get(member).intValue();
        int total = Stream.of("total", "totalCount", "totalRecords").map(place::path).filter(JsonNode::isInt)
                .mapToInt(JsonNode::intValue).findFirst().orElse(0);
        int pages = Stream.of("totalPages", "pageCount").map(place::path).filter(JsonNode::isInt)
                .mapToInt(JsonNode::intValue).findFirst().orElse(0);
        String sizeMember = Stream.of("pageSize", "limit", "size").filter(name -> place.path(name).isInt()).findFirst()
                .orElse(null);
        boolean isFull = sizeMember == null || listed >= place.get(sizeMember).intValue();
        boolean mayFollow = webhooks.size() < total || page < pages || ours().isEmpty() && page < total && isFull;
        if (!mayFollow || page == Integer.MAX_VALUE) {
            return null;
        }
        return member + "=" + (page + 1) + (sizeMember == null ? "" : "&" + sizeMember + "="
                + place.get(sizeMember).intValue());
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
