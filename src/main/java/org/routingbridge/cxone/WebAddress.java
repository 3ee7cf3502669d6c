package org.routingbridge.cxone;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Web addresses that may be written in several ways and mean the same.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3986#section-6.2">RFC 3986, section 6.2: comparison</a>
 */
final class WebAddress {

    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");
    private static final String UNRESERVED = "-._~";

    private WebAddress() {
    }

    static boolean isSame(String one, String other) {
        return one.equals(other) || normalized(one).equals(normalized(other));
    }

    /** By case, escapes, dot segments, the scheme's own port and the path of none; what is no address stays. */
    private static String normalized(String address) {
        try {
            URI uri = new URI(address.strip()).normalize();
            if (uri.getHost() == null || uri.getScheme() == null) {
                return address;
            }
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            int standard = scheme.equals("https") ? 443 : scheme.equals("http") ? 80 : -1;
            String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return scheme + "://" + (uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo() + "@")
                    + uri.getHost().toLowerCase(Locale.ROOT)
                    + (uri.getPort() < 0 || uri.getPort() == standard ? "" : ":" + uri.getPort())
                    + escapes(path) + (uri.getRawQuery() == null ? "" : "?" + escapes(uri.getRawQuery()));
        } catch (URISyntaxException e) {
            return address;
        }
    }

    private static String escapes(String text) {
        return ESCAPE.matcher(text).replaceAll(WebAddress::escape);
    }

    private static String escape(MatchResult escape) {
        char c = (char) Integer.parseInt(escape.group(1), 16);
        boolean unreserved = c < 128 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0);
        return unreserved ? new String(new byte[] {(byte) c}, StandardCharsets.US_ASCII)
                : escape.group().toUpperCase(Locale.ROOT);
    }
}
