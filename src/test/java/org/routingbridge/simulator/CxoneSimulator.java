package org.routingbridge.simulator;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * NICE CXone as the bridge sees it: a token endpoint and the administration of webhooks. The sending side is
 * {@link EventStream}.
 *
 * <p>Facts: the client credentials grant is that of
 * <a href="https://www.rfc-editor.org/rfc/rfc6749#section-4.4">RFC 6749, section 4.4</a>, the access-key flow that of
 * the <a href="https://developer.niceincontact.com">CXone developer portal</a>; the paths and members of the webhooks
 * are those of the project's contract. Listings differ between CXone's products, so that their shape can be chosen.
 */
public final class CxoneSimulator extends HttpSimulator {

    private static final String TOKEN_PATH = "/oauth2/token";
    private static final String WEBHOOKS_PATH = "/api/v2/webhooks";
    private static final String SECRET_HEADER = "X-Webhook-Secret";

    private final Trouble tokenTrouble = new Trouble();
    private final Trouble webhookTrouble = new Trouble();
    private final List<ReceivedRequest> requests = new ArrayList<>();
    private final Map<String, ObjectNode> webhooks = new LinkedHashMap<>();
    private final Map<String, Instant> tokens = new ConcurrentHashMap<>();
    private volatile String clientId = "sandbox-client";
    private volatile String clientSecret = "a secret & a space=" + UUID.randomUUID();
    private volatile Set<String> scopes = Set.of("webhook:read:write", "routing:read", "api:read");
    private volatile Duration tokenLife = Duration.ofHours(1);
    private volatile ListingShape listingShape = ListingShape.ARRAY;
    private volatile String idMember = "id";
    private volatile boolean secretsMasked;
    private volatile Set<String> membersOmitted = Set.of();
    private volatile boolean creationConflicts;
    private volatile Paging paging = Paging.NONE;
    private volatile int pageSize = 2;
    private volatile boolean listingsLag;
    private volatile boolean answerEndless;
    private volatile boolean tokensDrip;
    private volatile boolean emptyIsNoContent;
    private volatile UnaryOperator<ObjectNode> kept = UnaryOperator.identity();
    private final Set<String> listed = ConcurrentHashMap.newKeySet();

    /** How a listing says that there is more of it. */
    public enum Paging {
        /** It never is more. */
        NONE,
        /** {@code next} holds the address of the next page, of a host that only CXone itself knows. */
        NEXT_LINK,
        /** {@code nextPageToken}, which is sent back as {@code pageToken}. */
        TOKEN,
        /** A {@code Link} header, as in RFC 8288. */
        LINK_HEADER,
        /** {@code page} and {@code total}, of webhooks. */
        NUMBERS,
        /** {@code page} and {@code total}, of pages. */
        PAGES,
        /** Each page names a next one, and is the first again. */
        ENDLESS
    }

    /** How a listing of webhooks is wrapped. */
    public enum ListingShape {
        /** No wrapping. */
        ARRAY(null),
        /** An object with the array under {@code webhooks}. */
        WEBHOOKS("webhooks"),
        /** An object with the array under {@code entities}. */
        ENTITIES("entities"),
        /** An object with the array under {@code items}. */
        ITEMS("items"),
        /** An object with the array under {@code results}. */
        RESULTS("results"),
        /** An object with the array under {@code data}. */
        DATA("data");

        private final String member;

        ListingShape(String member) {
            this.member = member;
        }
    }

    /** Without any webhook, and with a client secret of its own that needs escaping in a form. */
    public CxoneSimulator() {
        super("CXone simulator");
    }

    /** The one client it knows; also the access key's id. */
    public String clientId() {
        return clientId;
    }

    /** The secret of that client; also the access key's secret. */
    public String clientSecret() {
        return clientSecret;
    }

    /** Another client than the one it was made with. */
    public void credentials(String id, String secret) {
        clientId = id;
        clientSecret = secret;
    }

    /** The scopes that a token may be asked for, parted by blanks. */
    public void scopes(String allowed) {
        scopes = Set.of(allowed.split(" "));
    }

    /** How long the tokens are good that it gives out from now on; sent in whole seconds. */
    public void tokenLife(Duration life) {
        tokenLife = life;
    }

    /** All tokens given out so far are answered with 401. */
    public void revokeTokens() {
        tokens.clear();
    }

    /** How listings are wrapped; {@link ListingShape#ARRAY} unless told otherwise. */
    public void listingShape(ListingShape shape) {
        listingShape = shape;
    }

    /** What a webhook's id is called in answers, {@code id} or {@code webhookId}. */
    public void idMember(String name) {
        idMember = name;
    }

    /** Whether answers show {@code ********} in place of the webhook's secret. */
    public void maskSecrets(boolean on) {
        secretsMasked = on;
    }

    /** Members that no answer shows. */
    public void omitMembers(String... names) {
        membersOmitted = Set.of(names);
    }

    /** How listings are paged, two webhooks a page; {@link Paging#NONE} unless told otherwise. */
    public void paging(Paging how) {
        paging = how;
    }

    /** Whether listings show nothing that is created from now on. */
    public void lagListings(boolean on) {
        listed.clear();
        listed.addAll(webhooks().keySet());
        listingsLag = on;
    }

    /** Whether every listing is an answer without an end. */
    public void answerEndlessly(boolean on) {
        answerEndless = on;
    }

    /** Whether every answer to who asks for a token comes at a byte a second. */
    public void dripTokens(boolean on) {
        tokensDrip = on;
    }

    /** Whether an empty listing is a 204 without a body. */
    public void emptyIsNoContent(boolean on) {
        emptyIsNoContent = on;
    }

    /** What becomes of a webhook that is created or replaced. */
    public void keepAs(UnaryOperator<ObjectNode> change) {
        kept = change;
    }

    /** Whether every POST of a webhook is answered with 409. */
    public void conflictOnCreation(boolean on) {
        creationConflicts = on;
    }

    /** The trouble the token endpoint is to make. */
    public Trouble tokenTrouble() {
        return tokenTrouble;
    }

    /** The trouble the webhooks' administration is to make. */
    public Trouble webhookTrouble() {
        return webhookTrouble;
    }

    /** All requests, those that were refused too. */
    public List<ReceivedRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** The requests with this method whose path begins so. */
    public List<ReceivedRequest> requests(String method, String pathPrefix) {
        return requests().stream()
                .filter(request -> request.method().equals(method) && request.path().startsWith(pathPrefix))
                .toList();
    }

    /** How often a token was asked for. */
    public int tokenRequests() {
        return requests("POST", TOKEN_PATH).size();
    }

    /** How often a webhook was created, changed or listed: POST, PUT or GET. */
    public int webhookRequests(String method) {
        return requests(method, WEBHOOKS_PATH).size();
    }

    /** Forgets the requests; webhooks, tokens and switches stay. */
    public void clearRequests() {
        synchronized (requests) {
            requests.clear();
        }
    }

    /** The registered webhooks by their ids, nothing masked or left out; copies. */
    public Map<String, ObjectNode> webhooks() {
        synchronized (webhooks) {
            Map<String, ObjectNode> copies = new LinkedHashMap<>();
            webhooks.forEach((id, webhook) -> copies.put(id, webhook.deepCopy()));
            return copies;
        }
    }

    /** Registers a webhook behind everybody's back, and says its id. */
    public String addWebhook(ObjectNode webhook) {
        String id = UUID.randomUUID().toString();
        synchronized (webhooks) {
            webhooks.put(id, webhook.deepCopy());
        }
        return id;
    }

    /** Replaces a webhook behind everybody's back. */
    public void changeWebhook(String id, ObjectNode webhook) {
        synchronized (webhooks) {
            webhooks.replace(id, webhook.deepCopy());
        }
    }

    /** Removes a webhook behind everybody's back. */
    public void removeWebhook(String id) {
        synchronized (webhooks) {
            webhooks.remove(id);
        }
    }

    @Override
    void handle(Call call) {
        ReceivedRequest request = call.request();
        synchronized (requests) {
            requests.add(request);
        }
        if (request.path().equals(TOKEN_PATH)) {
            troubled(tokenTrouble, call, () -> giveToken(call));
        } else if (request.path().equals(WEBHOOKS_PATH) || request.path().startsWith(WEBHOOKS_PATH + "/")) {
            troubled(webhookTrouble, call, () -> administer(call));
        } else {
            error(call, 404, "not_found");
        }
    }

    private void giveToken(Call call) {
        String contentType = call.request().header("Content-Type").orElse("");
        if (!call.request().method().equals("POST")) {
            error(call, 405, "method_not_allowed");
        } else if (tokensDrip) {
            drip(call);
        } else if (contentType.startsWith("application/json")) {
            giveTokenForAccessKey(call);
        } else if (contentType.startsWith("application/x-www-form-urlencoded")) {
            giveTokenForClient(call);
        } else {
            error(call, 415, "invalid_request");
        }
    }

    private void giveTokenForAccessKey(Call call) {
        ObjectNode key = Json.readObject(call.bytes()).orElseGet(Json::object);
        if (clientId.equals(key.path("accessKeyId").textValue())
                && clientSecret.equals(key.path("accessKeySecret").textValue())) {
            giveNewToken(call);
        } else {
            error(call, 401, "invalid_client");
        }
    }

    private void giveTokenForClient(Call call) {
        Map<String, String> form = readForm(call.request().body());
        readBasic(call.request()).ifPresent(form::putAll);
        if (!"client_credentials".equals(form.get("grant_type"))) {
            error(call, 400, "unsupported_grant_type");
        } else if (!clientId.equals(form.get("client_id")) || !clientSecret.equals(form.get("client_secret"))) {
            error(call, 401, "invalid_client");
        } else if (!scopes.containsAll(Arrays.asList(form.getOrDefault("scope", "").split(" ")))) {
            error(call, 400, "invalid_scope");
        } else {
            giveNewToken(call);
        }
    }

    private void giveNewToken(Call call) {
        String token = "token-" + UUID.randomUUID();
        tokens.put(token, Instant.now().plus(tokenLife));
        call.answer(200, Json.object()
                .put("access_token", token)
                .put("token_type", "Bearer")
                .put("expires_in", tokenLife.toSeconds()));
    }

    private void administer(Call call) {
        ReceivedRequest request = call.request();
        if (!authorized(request)) {
            error(call, 401, "unauthorized");
            return;
        }
        String id = request.path().equals(WEBHOOKS_PATH) ? null : request.path().substring(WEBHOOKS_PATH.length() + 1);
        synchronized (webhooks) {
            if (id == null && request.method().equals("GET")) {
                list(call);
            } else if (id == null && request.method().equals("POST")) {
                create(call);
            } else if (id == null || !Set.of("GET", "PUT").contains(request.method())) {
                error(call, 405, "method_not_allowed");
            } else if (!webhooks.containsKey(id)) {
                error(call, 404, "not_found");
            } else if (request.method().equals("GET")) {
                call.answer(200, shown(id));
            } else {
                replace(call, id);
            }
        }
    }

    private boolean authorized(ReceivedRequest request) {
        return request.header("Authorization")
                .filter(header -> header.startsWith("Bearer "))
                .map(header -> tokens.get(header.substring("Bearer ".length())))
                .filter(expiry -> Instant.now().isBefore(expiry))
                .isPresent();
    }

    private void list(Call call) {
        if (answerEndless) {
            call.answerWithoutEnd();
            return;
        }
        List<String> ids = webhooks.keySet().stream().filter(id -> !listingsLag || listed.contains(id)).toList();
        if (ids.isEmpty() && emptyIsNoContent) {
            call.answer(204, Map.of(), new byte[0]);
            return;
        }
        int pages = paging == Paging.NONE ? 1 : Math.max(1, (ids.size() + pageSize - 1) / pageSize);
        int page = Math.min(pages, paging == Paging.NONE || paging == Paging.ENDLESS ? 1 : pageAskedFor(call));
        ArrayNode list = Json.array();
        ids.stream().skip(paging == Paging.NONE ? 0 : (long) (page - 1) * pageSize)
                .limit(paging == Paging.NONE ? Integer.MAX_VALUE : pageSize).forEach(id -> list.add(shown(id)));
        String member = listingShape.member;
        ObjectNode wrapped = Json.object();
        wrapped.set(member == null ? "entities" : member, list);
        Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/json"));
        switch (paging) {
            case NONE, LINK_HEADER -> {
                if (page < pages) {
                    headers.put("Link", "</api/v2/webhooks?page=1>; rel=\"first\", </api/v2/webhooks?page=" + (page + 1)
                            + ">; rel=\"next last\"");
                }
                call.answer(200, headers, Json.bytes(member == null ? list : wrapped));
                return;
            }
            case NEXT_LINK -> {
                if (page < pages) {
                    wrapped.put("next", "http://webhooks.internal:8080/api/v2/webhooks?page=" + (page + 1));
                }
            }
            case ENDLESS -> wrapped.put("next", "?page=" + call.request().query().length());
            case TOKEN -> wrapped.put("nextPageToken", page < pages ? "p/" + (page + 1) + "=" : null);
            case NUMBERS -> wrapped.put("page", page).put("pageSize", pageSize).put("total", ids.size());
            case PAGES -> wrapped.put("page", page).put("total", pages);
        }
        call.answer(200, headers, Json.bytes(wrapped));
    }

    private static int pageAskedFor(Call call) {
        Map<String, String> query = readForm(call.request().query());
        String token = query.get("pageToken");
        return Integer.parseInt(token == null ? query.getOrDefault("page", "1") : token.replaceAll("\\D", ""));
    }

    private void create(Call call) {
        Optional<ObjectNode> webhook = Json.readObject(call.bytes());
        if (creationConflicts) {
            error(call, 409, "conflict");
        } else if (webhook.isEmpty()) {
            error(call, 400, "invalid_request");
        } else {
            String id = UUID.randomUUID().toString();
            webhooks.put(id, kept.apply(webhook.get()));
            call.answer(201, shown(id));
        }
    }

    private void replace(Call call, String id) {
        Json.readObject(call.bytes()).ifPresentOrElse(webhook -> {
            webhooks.put(id, kept.apply(webhook));
            call.answer(200, shown(id));
        }, () -> error(call, 400, "invalid_request"));
    }

    private ObjectNode shown(String id) {
        ObjectNode shown = webhooks.get(id).deepCopy().put(idMember, id);
        if (secretsMasked && shown.path("targetHeaders") instanceof ObjectNode headers && headers.has(SECRET_HEADER)) {
            headers.put(SECRET_HEADER, "********");
        }
        shown.remove(membersOmitted);
        return shown;
    }

    private static void error(Call call, int status, String code) {
        call.answer(status, Json.object().put("error", code));
    }

    private static Map<String, String> readForm(String body) {
        Map<String, String> form = new HashMap<>();
        for (String pair : body.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                form.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return form;
    }

    /** RFC 6749, section 2.3.1: id and secret are form-encoded before they become a user name and a password. */
    private static Optional<Map<String, String>> readBasic(ReceivedRequest request) {
        return request.header("Authorization")
                .filter(header -> header.startsWith("Basic "))
                .map(header -> new String(Base64.getDecoder().decode(header.substring("Basic ".length())),
                        StandardCharsets.UTF_8))
                .filter(pair -> pair.contains(":"))
                .map(pair -> Map.of(
                        "client_id", decode(pair.substring(0, pair.indexOf(':'))),
                        "client_secret", decode(pair.substring(pair.indexOf(':') + 1))));
    }

    private static String decode(String encoded) {
        return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    }
}
