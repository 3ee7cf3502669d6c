package org.routingbridge.webhook;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.routingbridge.event.Delivery;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;

/** Takes JSON in UTF-8 that nobody has compressed, by what the headers say of it (RFC 9110, section 8). */
public final class MediaTypes {

    private static final Pattern JSON = Pattern.compile(
            "application/(?:json|[!#$%&'*+.^_`|~0-9A-Za-z-]+\\+json)[ \\t]*(;.*)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern CHARSET = Pattern.compile(
            ";[ \\t]*charset[ \\t]*=[ \\t]*\"?([^\";, \\t]*)", Pattern.CASE_INSENSITIVE);

    /**
     * @throws Refused {@code unsupported_media_type} for anything else
     */
    public void check(Delivery delivery) {
        String encoding = delivery.header().apply("Content-Encoding");
        if (encoding != null) {
            throw refused("Send the body without a Content-Encoding");
        }
        String type = delivery.header().apply("Content-Type");
        Matcher json = JSON.matcher(type == null ? "" : type.strip());
        if (!json.matches()) {
            throw refused("Send the event with Content-Type: application/json");
        }
        if (json.group(1) != null) {
            Matcher charset = CHARSET.matcher(json.group(1));
            while (charset.find()) {
                if (!charset.group(1).equalsIgnoreCase("utf-8")) {
                    throw refused("Send the event in UTF-8");
                }
            }
        }
    }

    private static Refused refused(String message) {
        return new Refused(Refusal.UNSUPPORTED_MEDIA_TYPE, message);
    }
}
