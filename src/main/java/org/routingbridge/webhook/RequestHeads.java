package org.routingbridge.webhook;

import java.util.List;
import java.util.regex.Pattern;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;

/**
 * Which heads of requests are taken: those that say one thing (RFC 9112). It is asked before a router sees the request,
 * which would report what it cannot read as a fault of its own.
 */
final class RequestHeads {

    private static final Pattern HOST = Pattern.compile(
            "(?:[-A-Za-z0-9._~!$&'()*+,;=]++|%[0-9A-Fa-f]{2}|\\[[0-9A-Fa-f:.]+])+(?::[0-9]{0,5})?");

    /** The last one that was read: senders name the same one in every request. */
    private static volatile String lastHost;

    private RequestHeads() {
    }

    /** Why it is not taken, or null. */
    static Refused refusal(HttpRequest head, int mostLines) {
        if (hasMoreLines(head, mostLines)) {
            return tooManyLines(mostLines);
        }
        HttpVersion version = head.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            return malformed("Send the request in HTTP/1.1");
        }
        List<String> hosts = head.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() > 1 || hosts.isEmpty() && version.equals(HttpVersion.HTTP_1_1)
                || !hosts.isEmpty() && !isHost(hosts.get(0))) {
            return malformed("Send one Host header with the name or address that the request is for");
        }
        List<String> codings = head.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        // what is left of a folded line is a blank within the value
        if (!codings.isEmpty() && (codings.size() > 1 || !codings.get(0).equalsIgnoreCase("chunked"))) {
            return malformed("Send no other Transfer-Encoding than chunked");
        }
        for (String length : head.headers().getAll(HttpHeaderNames.CONTENT_LENGTH)) {
            if (!isNumber(length)) {
                return malformed("Send a Content-Length of digits alone");
            }
        }
        return isPath(head.uri()) ? null
                : malformed("The path has to begin with / and every % in it to be followed by two hex digits");
    }

    /** Whether there are more header lines than this, without counting further. */
    static boolean hasMoreLines(HttpRequest head, int mostLines) {
        int lines = 0;
        for (var all = head.headers().iteratorCharSequence(); lines <= mostLines && all.hasNext(); all.next()) {
            lines++;
        }
        return lines > mostLines;
    }

    static Refused tooManyLines(int mostLines) {
        return new Refused(Refusal.HEADERS_TOO_LARGE, "Send no more than " + mostLines + " headers");
    }

    private static boolean isHost(String host) {
        if (host.equals(lastHost)) {
            return true;
        }
        boolean isHost = HOST.matcher(host).matches();
        if (isHost) {
            lastHost = host;
        }
        return isHost;
    }

    /** {@code /path}, or the same behind a scheme and a host. */
    private static boolean isPath(String target) {
        int start = 0;
        if (!target.startsWith("/")) {
            int scheme = target.indexOf("://");
            start = scheme <= 0 ? -1 : target.indexOf('/', scheme + 3);
            if (start < 0 || !target.substring(0, scheme).matches("(?i)https?")) {
                return false;
            }
        }
        for (int i = start; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c == 0x7f) {
                return false;
            }
            if (c == '%' && !(isHex(target, i + 1) && isHex(target, i + 2))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNumber(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        return digits > 0 && digits == text.length();
    }

    private static boolean isHex(String text, int at) {
        return at < text.length() && text.charAt(at) < 0x80 && Character.digit(text.charAt(at), 16) >= 0;
    }

    private static Refused malformed(String message) {
        return new Refused(Refusal.MALFORMED_REQUEST, message);
    }
}
