package org.routingbridge.eventbridge;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.routingbridge.eventbridge.PutResult.Kind;
import org.routingbridge.settings.Settings;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;

/**
 * Tells what a failed PutEvents request means, by the table in the contract's section 4. An answer without an error
 * code of AWS's is somebody else's, such as a proxy's: what that refuses says nothing of the events.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html">Amazon EventBridge API
 *      reference: common errors</a>
 */
record RequestFailure(Kind kind, String error) {

    private static final Set<String> CONFIGURATION = Set.of("AccessDeniedException", "AccessDenied",
            "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch",
            "IncompleteSignature", "IncompleteSignatureException", "ExpiredTokenException", "ExpiredToken",
            "MissingAuthenticationTokenException", "MissingAuthenticationToken", "InvalidClientTokenId",
            "InvalidAccessKeyId", "NotAuthorized", "OptInRequired", "RequestExpired", "ResourceNotFoundException",
            // a clock that is wrong, ours or AWS's
            "RequestTimeTooSkewed", "RequestInTheFuture", "AuthFailure");
    private static final Set<String> THROTTLING = Set.of("ThrottlingException", "Throttling", "ThrottledException",
            "TooManyRequestsException", "RequestLimitExceeded", "RequestThrottled", "LimitExceededException");
    private static final Pattern AWS_CODE = Pattern.compile("[A-Z][A-Za-z]+([.:][A-Za-z]+)*");
    private static final int BAD_REQUEST = 400;
    private static final int TOO_LARGE = 413;

    private static final Pattern CREDENTIALS = Pattern.compile(
            "credential|\\bsso\\b|\\bprofile\\b|access key|identity token|service module must be on the class ?path",
            Pattern.CASE_INSENSITIVE);
    private static final String ON_THE_WAY = "Unable to execute HTTP request";
    private static final Pattern TUNNEL_REFUSED = Pattern.compile("CONNECT refused by proxy: HTTP/\\S+ (\\d{3})");
    private static final String UNREADABLE = "Unable to unmarshall response";

    static RequestFailure of(Throwable failure) {
        if (failure instanceof AwsServiceException e) {
            return e instanceof EventBridgeException ? answered(e) : credentialsServiceAnswered(e);
        }
        if (failure instanceof ApiCallTimeoutException || failure instanceof ApiCallAttemptTimeoutException) {
            return new RequestFailure(Kind.UNAVAILABLE, "Timeout: EventBridge did not answer in time");
        }
        if (failure instanceof AbortedException) {
            return new RequestFailure(Kind.UNAVAILABLE, "Aborted: the call was interrupted");
        }
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof SdkClientException && message.startsWith(UNREADABLE)) {
            return new RequestFailure(Kind.UNAVAILABLE, "Unexpected: the answer cannot be read as one of EventBridge's;"
                    + " where it stays so, " + lookAtTheWay());
        }
        if (isAboutCredentials(message)) {
            return new RequestFailure(Kind.MISCONFIGURED, "Credentials: " + FailureSentence.ofCredentials(message));
        }
        Matcher tunnel = TUNNEL_REFUSED.matcher(message);
        if (tunnel.find()) {
            return stranger(Integer.parseInt(tunnel.group(1)));
        }
        String where = failure instanceof SdkClientException ? "Connection: " : "Unexpected: ";
        return new RequestFailure(Kind.UNAVAILABLE, where + FailureSentence.of(failure));
    }

    private static RequestFailure answered(AwsServiceException e) {
        String code = code(e);
        return code == null ? stranger(e.statusCode())
                : new RequestFailure(kind(code, e.statusCode()), describe(code, e.awsErrorDetails().errorMessage()));
    }

    /** AWS's error code; null where there is none, so that it is not AWS who answered. */
    private static String code(AwsServiceException e) {
        String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
        return code != null && AWS_CODE.matcher(code).matches() ? code : null;
    }

    private static RequestFailure stranger(int status) {
        String error = "HTTP " + status;
        return switch (kind(error, status)) {
            case THROTTLED -> new RequestFailure(Kind.THROTTLED, error);
            case UNAVAILABLE -> new RequestFailure(Kind.UNAVAILABLE, error);
            // too large is too large, whoever says so: others may yet pass
            default -> status == TOO_LARGE
                    ? new RequestFailure(Kind.REFUSED, error + ": what stands before EventBridge takes none so large")
                    : new RequestFailure(Kind.MISCONFIGURED, error + ": it was not EventBridge that answered; "
                            + lookAtTheWay());
        };
    }

    private static String lookAtTheWay() {
        return "look at " + Settings.nameOf("bridge.eventbridge.endpoint") + " and at what stands between";
    }

    /** Of the services that the SDK asks for credentials. */
    private static RequestFailure credentialsServiceAnswered(AwsServiceException e) {
        String code = code(e);
        Kind kind = kind(code == null ? "" : code, e.statusCode());
        String error = describe(code == null ? "HTTP " + e.statusCode() : code,
                e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage());
        return new RequestFailure(kind == Kind.REFUSED ? Kind.MISCONFIGURED : kind, "Credentials: " + error);
    }

    private static boolean isAboutCredentials(String message) {
        return !message.startsWith(ON_THE_WAY) && CREDENTIALS.matcher(message).find();
    }

    private static Kind kind(String code, int status) {
        if (THROTTLING.contains(code) || status == 429) {
            return Kind.THROTTLED;
        }
        if (CONFIGURATION.contains(code)) {
            return Kind.MISCONFIGURED;
        }
        if (status >= 500 || status == 408) {
            return Kind.UNAVAILABLE;
        }
        return status == BAD_REQUEST || status == TOO_LARGE ? Kind.REFUSED : Kind.MISCONFIGURED;
    }

    static String describe(String code, String message) {
        return message == null || message.isBlank() ? code : code + ": " + FailureSentence.of(message);
    }
}
