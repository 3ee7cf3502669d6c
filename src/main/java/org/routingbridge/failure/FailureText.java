package org.routingbridge.failure;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;

/**
 * Says what went wrong with a call in one sentence that is fit for a log, a list and an answer (contract, section 3):
 * the status or the kind of failure, and of an address only scheme, host and port, since its path and its query may be
 * secrets. Whatever the other side had a say in is on one line, without control characters and of bounded length.
 */
public final class FailureText {

    /** Characters. */
    private static final int LONGEST = 300;
    private static final int LONGEST_HOST = 253;
    private static final int MOST_CAUSES = 20;
    private static final String OURS = "org.routingbridge.";
    private static final String UNKNOWN_ADDRESS = "a hidden address";

    private static final Pattern ADDRESS = Pattern.compile(
            "[A-Za-z][A-Za-z0-9+.-]*://[^\\s\"'<>|,;)]*[^\\s\"'<>|,;).:]");
    private static final Pattern ORIGIN = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/?#\\\\]*@)?"
            + "(\\[[0-9A-Fa-f:.%]+]|[\\p{L}\\p{N}._~-]+)(:\\d{1,5})?(?:[/?#\\\\].*)?", Pattern.DOTALL);
    private static final Pattern USER_INFO = Pattern.compile("[^\\s/@:\"'<>]+:[^\\s/@\"'<>]*@");
    private static final Pattern CREDENTIALS = Pattern.compile("(?i)\\b(bearer|basic)\\s+\\S+");
    private static final Pattern CLASS_BEFORE_MESSAGE =
            Pattern.compile("\\b(?:[a-z_$][\\w$]*\\.)+[A-Z_$][\\w$]*(?:Exception|Error|Throwable):\\s*");
    private static final Pattern CLASS = Pattern.compile("\\b(?:[a-z_$][\\w$]*\\.){2,}[A-Z][\\w$]*");
    private static final Pattern UNFIT = Pattern.compile("[\\p{Cntrl}\\p{Cf}\\p{Cs}\\p{Co}\\u2028\\u2029\\s]+");
    private static final Pattern DURATION = Pattern.compile(
            "(?i)(\\d{1,9})\\s*(ms|millis|milliseconds?|s|seconds?)\\b");
    private static final Pattern HOST = Pattern.compile("[\\p{L}\\p{N}_.:-]+");

    private FailureText() {
    }

    /** Where no address is known but what the failure tells. */
    public static String of(Throwable failure) {
        return of(failure, null);
    }

    /**
     * With the address that was called, of which scheme, host and port are told.
     *
     * @param address may be null
     */
    public static String of(Throwable failure, String address) {
        List<Throwable> chain = chain(failure);
        for (Throwable link : chain) {
            if (link instanceof HttpOperationFailedException answered) {
                return fit(origin(answered.getUri()) + " answered with status " + answered.getStatusCode()
                        + (answered.getStatusCode() / 100 == 3 ? ", a redirect, which is not followed" : ""));
            }
            if (link instanceof UnknownHostException) {
                return fit("unknown host" + host(link.getMessage()).map(host -> " " + host).orElse(""));
            }
        }
        String where = Optional.ofNullable(address).map(FailureText::origin)
                .or(() -> addressIn(chain)).map(origin -> origin + ": ").orElse("");
        return chain.stream().flatMap(link -> kind(link, chain).stream()).findFirst().map(kind -> fit(where + kind))
                .orElseGet(() -> fit((address == null ? "" : where) + message(chain)));
    }

    /** Scheme, host and port of an address as they stand in it, and nothing else of it. */
    public static String origin(String address) {
        Matcher matcher = ORIGIN.matcher(address == null ? "" : address.strip());
        return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) + "://" + matcher.group(2)
                + (matcher.group(3) == null ? "" : matcher.group(3)) : UNKNOWN_ADDRESS;
    }

    /** A text of the other side's, or of a library's, as it may stand in a log. */
    public static String fit(String text) {
        String fit = ADDRESS.matcher(text == null ? "" : text).replaceAll(address ->
                Matcher.quoteReplacement(origin(address.group())));
        fit = USER_INFO.matcher(fit).replaceAll("");
        fit = CREDENTIALS.matcher(fit).replaceAll("$1 …");
        fit = CLASS_BEFORE_MESSAGE.matcher(fit).replaceAll("");
        fit = CLASS.matcher(fit).replaceAll("…");
        fit = UNFIT.matcher(fit).replaceAll(" ").strip();
        if (fit.length() <= LONGEST) {
            return fit;
        }
        int end = Character.isHighSurrogate(fit.charAt(LONGEST - 2)) ? LONGEST - 2 : LONGEST - 1;
        return fit.substring(0, end) + "…";
    }

    private static Optional<String> kind(Throwable link, List<Throwable> chain) {
        if (link instanceof ConnectTimeoutException) {
            return Optional.of("no connection " + within(link.getMessage()));
        }
        if (link instanceof SocketTimeoutException || link instanceof TimeoutException) {
            return Optional.of("no answer " + within(link.getMessage()));
        }
        if (link instanceof NoRouteToHostException) {
            return Optional.of("no route to the host");
        }
        if (link instanceof ConnectException) {
            return Optional.of(connectFailure(lowerCase(link.getMessage()), link.getMessage()));
        }
        if (link instanceof SSLException) {
            return Optional.of(tlsFailure(chain));
        }
        if (link instanceof NoHttpResponseException) {
            return Optional.of("the connection was closed without an answer");
        }
        if (link instanceof ConnectionClosedException || link instanceof EOFException) {
            return Optional.of("the connection was closed before the answer was complete");
        }
        if (link instanceof SocketException) {
            return Optional.of(lowerCase(link.getMessage()).contains("unreachable") ? "the network is unreachable"
                    : "the connection was cut");
        }
        return Optional.empty();
    }

    private static String connectFailure(String lowerCase, String message) {
        if (lowerCase.contains("timed out") || lowerCase.contains("timeout")) {
            return "no connection " + within(message);
        }
        if (lowerCase.contains("no route")) {
            return "no route to the host";
        }
        return lowerCase.contains("unreachable") ? "the network is unreachable" : "the connection was refused";
    }

    private static String tlsFailure(List<Throwable> chain) {
        String messages = lowerCase(String.join(" ", chain.stream().map(link -> "" + link.getMessage()).toList()));
        if (chain.stream().anyMatch(CertificateExpiredException.class::isInstance)) {
            return "the TLS certificate has expired";
        }
        if (chain.stream().anyMatch(CertificateNotYetValidException.class::isInstance)) {
            return "the TLS certificate is not valid yet";
        }
        if (chain.stream().anyMatch(SSLPeerUnverifiedException.class::isInstance)
                || messages.contains("subject alternative") || messages.contains("no name matching")) {
            return "the TLS certificate is for another host";
        }
        if (messages.contains("certification path") || messages.contains("path building")
                || messages.contains("trustanchor")) {
            return "the TLS certificate is not trusted";
        }
        if (messages.contains("unrecognized ssl message") || messages.contains("not an ssl/tls record")) {
            return "what answers there does not speak TLS";
        }
        return "the TLS handshake failed";
    }

    /** A text such as {@code within 5 s}, where the message says how long. */
    private static String within(String message) {
        Matcher duration = DURATION.matcher(message == null ? "" : message);
        if (!duration.find()) {
            return "in time";
        }
        long number = Long.parseLong(duration.group(1));
        if (!duration.group(2).toLowerCase(Locale.ROOT).startsWith("m")) {
            return "within " + number + " s";
        }
        return "within " + (number % 1000 == 0 ? number / 1000 + " s" : number + " ms");
    }

    /** The host that such a message is, or begins with. */
    private static Optional<String> host(String message) {
        return Stream.of(("" + message).split("[\\s'\"/]+"))
                .filter(word -> word.length() <= LONGEST_HOST && HOST.matcher(word).matches())
                .map(word -> word.endsWith(":") ? word.substring(0, word.length() - 1) : word)
                .filter(word -> word.contains(".") || word.equals(message)).findFirst();
    }

    private static Optional<String> addressIn(List<Throwable> chain) {
        return chain.stream().map(link -> ADDRESS.matcher("" + link.getMessage())).filter(Matcher::find)
                .map(matcher -> origin(matcher.group())).findFirst();
    }

    /** The sentence of an exception of ours, else the innermost message that there is. */
    private static String message(List<Throwable> chain) {
        List<Throwable> telling = chain.stream()
                .filter(link -> link.getMessage() != null && !link.getMessage().isBlank()).toList();
        return telling.stream().filter(link -> link.getClass().getName().startsWith(OURS)).findFirst()
                .or(() -> telling.stream().reduce((outer, inner) -> inner))
                .map(Throwable::getMessage).orElse("an unexpected failure");
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable link = failure; link != null && chain.size() < MOST_CAUSES; link = link.getCause()) {
            chain.add(link);
        }
        return chain;
    }

    private static String lowerCase(String message) {
        return message == null ? "" : message.toLowerCase(Locale.ROOT);
    }
}
