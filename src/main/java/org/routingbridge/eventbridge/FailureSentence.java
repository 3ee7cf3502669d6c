package org.routingbridge.eventbridge;

import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a failure says of itself, as one line that an operator may be shown: no class names, of an address no more than
 * its scheme, host and port, and nothing that AWS or the SDK adds for their own people.
 */
final class FailureSentence {

    private static final int LONGEST = 500;
    /** The rest of an address may hold a password or a key. */
    private static final Pattern ADDRESS = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://)(?:[^\\s/@'\"]*@)?"
            + "([^\\s/?#'\"<>(),;\\]]+)[^\\s'\"<>(),;\\]]*");
    /** AWS repeats the signed headers, a session's token among them, to whom signed them wrongly. */
    private static final Pattern SIGNED = Pattern.compile("(?s)\\s*The Canonical String for this request.*");
    private static final Pattern ADDED_BY_SDK = Pattern.compile(
            "\\s*\\((?:Service: |SDK Attempt Count: )[^)]*\\)|: ProfileFile\\(.*");
    private static final Pattern CLASS_NAME = Pattern.compile(
            "(?:[a-z_][a-z0-9_]*\\.){2,}([A-Z][A-Za-z0-9]*)(?::\\s*)?");
    private static final Pattern UNKNOWN_HOST = Pattern.compile("Received an UnknownHostException when .*");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cntrl}\\s\\u2028\\u2029]+");

    /** How the SDK's chain of providers begins to tell what each of them said. */
    private static final String CHAIN = "AwsCredentialsProviderChain(";
    private static final Pattern PROVIDER = Pattern.compile("(?:^|[\\[,]\\s?)[A-Z]\\w*Provider\\(");
    /** What a provider says that nobody has asked for anything. */
    private static final List<Pattern> NOT_GIVEN = List.of(
            Pattern.compile("Access key must be specified"),
            Pattern.compile("AWS_WEB_IDENTITY_TOKEN_FILE or the javaproperty .* must be set"),
            Pattern.compile("Profile file contained no credentials for profile 'default'"),
            Pattern.compile("neither AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            Pattern.compile("IMDS|EC2 metadata|instance profile", Pattern.CASE_INSENSITIVE));

    private FailureSentence() {
    }

    /** A text as one line. */
    static String of(String text) {
        String line = SIGNED.matcher(text).replaceFirst("");
        line = UNPRINTABLE.matcher(line).replaceAll(" ").strip();
        line = ADDED_BY_SDK.matcher(line).replaceAll("");
        line = ADDRESS.matcher(line).replaceAll("$1$2");
        line = UNKNOWN_HOST.matcher(line).replaceFirst("a host that they are asked from is unknown");
        line = CLASS_NAME.matcher(line).replaceAll(name -> Matcher.quoteReplacement(meaning(name.group(1))));
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
    }

    /** What went wrong on the way to an address, in the system's words. */
    static String of(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            // says which host, where its cause says only that it was refused
            if (cause instanceof java.net.ConnectException && cause.getMessage() != null) {
                break;
            }
            cause = cause.getCause();
        }
        if (cause.getMessage() == null || cause.getMessage().isBlank()) {
            return cause.getClass().getSimpleName();
        }
        return cause instanceof UnknownHostException ? unknownHost(cause.getMessage()) : of(cause.getMessage());
    }

    private static String unknownHost(String message) {
        return "unknown host " + of(message);
    }

    private static String meaning(String className) {
        return switch (className) {
            case "NoSuchFileException", "FileNotFoundException" -> "no such file: ";
            case "AccessDeniedException" -> "not allowed to read: ";
            case "UnknownHostException" -> "unknown host ";
            default -> "";
        };
    }

    /**
     * Why there are no credentials: what each provider of the SDK's chain said of those that it was to find, without
     * those that nobody has set up.
     */
    static String ofCredentials(String message) {
        int chain = message.indexOf(CHAIN);
        if (chain < 0) {
            return of(message);
        }
        int told = message.indexOf(") : [", chain);
        Set<String> reasons = new LinkedHashSet<>();
        if (told >= 0) {
            for (String answer : answers(message.substring(told + ") : [".length()))) {
                if (NOT_GIVEN.stream().noneMatch(pattern -> pattern.matcher(answer).find())) {
                    reasons.add(of(answer));
                }
            }
        }
        reasons.remove("");
        return reasons.isEmpty() ? "the AWS SDK found no credentials" : of(String.join("; ", reasons));
    }

    /** Each provider's answer, without the provider's name and what it was made of. */
    private static List<String> answers(String text) {
        List<String> answers = new ArrayList<>();
        Matcher provider = PROVIDER.matcher(text);
        int begin = -1;
        int position = 0;
        while (provider.find(position)) {
            if (begin >= 0) {
                answers.add(text.substring(begin, provider.start()));
            }
            begin = afterParentheses(text, provider.end());
            position = begin;
        }
        if (begin >= 0) {
            answers.add(text.substring(begin).replaceFirst("]$", ""));
        }
        return answers.stream().map(answer -> answer.replaceFirst("^:\\s*", "").strip()).toList();
    }

    private static int afterParentheses(String text, int afterFirst) {
        int depth = 1;
        int index = afterFirst;
        while (index < text.length() && depth > 0) {
            char c = text.charAt(index++);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return index;
    }
}
