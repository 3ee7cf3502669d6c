package org.routingbridge.eventbridge;

import java.util.Set;

import org.routingbridge.eventbridge.PutResult.Kind;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Tells what a failed PutEvents request means, by the table in the contract's section 4.
 *
 * @see <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html">Amazon EventBridge API
 *      reference: common errors</a>
 */
record RequestFailure(Kind kind, String error) {

    private static final Set<String> CONFIGURATION = Set.of("AccessDeniedException", "AccessDenied",
            "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch",
            "IncompleteSignature", "IncompleteSignatureException", "ExpiredTokenException", "ExpiredToken",
            "MissingAuthenticationTokenException", "MissingAuthenticationToken", "InvalidClientTokenId",
            "InvalidAccessKeyId", "NotAuthorized", "OptInRequired", "RequestExpired", "ResourceNotFoundException");
    private static final Set<String> THROTTLING = Set.of("ThrottlingException", "Throttling", "ThrottledException",
            "TooManyRequestsException", "RequestLimitExceeded", "RequestThrottled", "LimitExceededException");

    static RequestFailure of(Throwable failure) {
        if (failure instanceof AwsServiceException e) {
            String code = e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                    ? "HTTP " + e.statusCode() : e.awsErrorDetails().errorCode();
            String message = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
            return new RequestFailure(kind(code, e.statusCode()), describe(code, message));
        }
        if (failure instanceof ApiCallTimeoutException || failure instanceof ApiCallAttemptTimeoutException) {
            return new RequestFailure(Kind.UNAVAILABLE, "Timeout: EventBridge did not answer in time");
        }
        if (failure instanceof AbortedException) {
            return new RequestFailure(Kind.UNAVAILABLE, "Aborted: the call was interrupted");
        }
        if (failure instanceof SdkClientException e) {
            return e.getCause() == null && e.getMessage() != null && e.getMessage().contains("credentials")
                    ? new RequestFailure(Kind.MISCONFIGURED, "Credentials: the AWS SDK found no credentials")
                    : new RequestFailure(Kind.UNAVAILABLE, "Connection: " + rootMessage(e));
        }
        return new RequestFailure(Kind.UNAVAILABLE, "Unexpected: " + rootMessage(failure));
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
        return status == 401 || status == 403 ? Kind.MISCONFIGURED : Kind.REFUSED;
    }

    static String describe(String code, String message) {
        return message == null || message.isBlank() ? code : code + ": " + message;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
