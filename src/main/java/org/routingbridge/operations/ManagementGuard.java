package org.routingbridge.operations;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.routingbridge.settings.Settings;

/**
 * Decides whom the management port serves (contract, section 8). An operator's browser can be made to speak to the port
 * by any page: by a name of the page's own that leads to loopback, which the {@code Host} tells, or by a form, which
 * {@code Origin} and {@code Sec-Fetch-Site} tell. Who comes another way shows the token, where there is one.
 */
final class ManagementGuard {

    /** Methods that change nothing. */
    static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    /** What comes from the port's own pages, or from nobody's: an address typed in. */
    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");
    private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]@/]+?)\\.?(?::(\\d{1,5}))?");
    private static final Pattern BEARER = Pattern.compile("Bearer +(.*)", Pattern.CASE_INSENSITIVE);
    private static final String OPERATIONS = "/ops";
    private static final String SAME_ORIGIN = "same-origin";

    private final Set<String> names = new HashSet<>();
    private final byte[] token;

    ManagementGuard(Settings settings) {
        List<String> given = new ArrayList<>(settings.operationsHosts());
        given.add(settings.managementHost());
        for (String name : given) {
            byte[] address = address(name);
            if (address == null) {
                names.add(name.toLowerCase(Locale.ROOT));
            } else if (!isAny(address)) {
                names.add(canonical(address));
            }
        }
        token = settings.operatorsToken() == null ? null : digest(bytes(settings.operatorsToken()));
    }

    /**
     * @param path as it is routed by, so that no other way to write it leads past the token
     * @return why the request is not served, or null where it is
     */
    Problem check(HttpServerRequest request, String path) {
        List<String> hosts = request.headers().getAll("Host");
        if (hosts.size() > 1 || hosts.isEmpty() && request.version() != HttpVersion.HTTP_1_0) {
            return new Problem(400, "malformed_request", "Send one Host header");
        }
        String authority = authority(request, hosts);
        if (authority != null && !isOurs(authority, request)) {
            return new Problem(421, "misdirected_request", "This host name is not one of the bridge's management port;"
                    + " see the setting bridge.ops.hosts");
        }
        if (!READING.contains(request.method()) && isOfAnotherSite(request, authority)) {
            return new Problem(403, "forbidden", "A page of another site must not change anything here");
        }
        if (token != null && asksForToken(path) && !showsToken(request)) {
            return new Problem(401, "unauthorized", "Send the operators' token: Authorization: Bearer <token>");
        }
        return null;
    }

    /** The request line's host counts before the header's (RFC 9112, section 3.2.2); null in HTTP/1.0 without one. */
    private static String authority(HttpServerRequest request, List<String> hosts) {
        if (!request.uri().startsWith("/")) {
            try {
                String authority = URI.create(request.uri()).getRawAuthority();
                return authority == null ? "" : authority;
            } catch (IllegalArgumentException e) {
                return "";
            }
        }
        return hosts.isEmpty() ? null : hosts.get(0).strip();
    }

    private boolean isOurs(String authority, HttpServerRequest request) {
        Matcher matcher = AUTHORITY.matcher(authority);
        if (!matcher.matches()) {
            return false;
        }
        String host = matcher.group(1).toLowerCase(Locale.ROOT);
        byte[] address = address(host);
        if (address == null) {
            return host.equals("localhost") || host.endsWith(".localhost") || names.contains(host);
        }
        String canonical = canonical(address);
        // a probe or a scraper asks for the address of the machine it found, which is where it came in
        return isLoopback(address) || names.contains(canonical)
                || canonical.equals(canonical(address(request.localAddress().hostAddress())));
    }

    private static boolean isOfAnotherSite(HttpServerRequest request, String authority) {
        List<String> sites = request.headers().getAll("Sec-Fetch-Site");
        if (!OWN_SITE.containsAll(sites)) {
            return true;
        }
        List<String> origins = request.headers().getAll("Origin");
        String own = withoutDefaultPort(authority, "80");
        for (String origin : origins) {
            String given = origin.toLowerCase(Locale.ROOT);
            boolean same = given.startsWith("http://")
                    && withoutDefaultPort(given.substring("http://".length()), "80").equals(own);
            // TLS may end at a proxy in front, which shows in nothing but the browser's word for it
            boolean sameBehindTls = sites.contains(SAME_ORIGIN) && given.startsWith("https://")
                    && withoutDefaultPort(given.substring("https://".length()), "443")
                            .equals(withoutDefaultPort(authority, "443"));
            if (!same && !sameBehindTls) {
                return true;
            }
        }
        return false;
    }

    private static String withoutDefaultPort(String authority, String port) {
        String text = authority == null ? "" : authority.toLowerCase(Locale.ROOT);
        return text.endsWith(":" + port) ? text.substring(0, text.length() - port.length() - 1) : text;
    }

    /** The page and its parts show nothing and have to be there for an operator to give the token to. */
    private static boolean asksForToken(String path) {
        return path.startsWith(OPERATIONS + "/") && path.length() > OPERATIONS.length() + 1
                && !OperationsPage.isPart(path);
    }

    private boolean showsToken(HttpServerRequest request) {
        String given = request.getHeader("Authorization");
        Matcher bearer = BEARER.matcher(given == null ? "" : given.strip());
        // a header's characters are its bytes; equally long digests hide how long the token is
        byte[] shown = bearer.matches() ? bearer.group(1).getBytes(StandardCharsets.ISO_8859_1) : new byte[0];
        return MessageDigest.isEqual(token, digest(shown));
    }

    /** The bytes of an address that is written as one; null where it is a name. */
    private static byte[] address(String host) {
        return NetUtil.createByteArrayFromIpAddressString(host.startsWith("[")
                ? host.substring(1, host.length() - 1) : host);
    }

    private static String canonical(byte[] address) {
        return NetUtil.bytesToIpAddress(address);
    }

    private static boolean isLoopback(byte[] address) {
        return inetAddress(address).isLoopbackAddress();
    }

    private static boolean isAny(byte[] address) {
        return inetAddress(address).isAnyLocalAddress();
    }

    private static InetAddress inetAddress(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address has 4 or 16 bytes", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
