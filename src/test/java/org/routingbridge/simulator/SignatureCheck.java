package org.routingbridge.simulator;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/**
 * Checks an AWS Signature Version 4 by signing the received request anew and comparing.
 *
 * <p>Facts: <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html">how a
 * request is signed</a> and
 * <a href="https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html">what a bad one is
 * answered</a>.
 */
final class SignatureCheck {

    private static final Pattern AUTHORIZATION = Pattern.compile("AWS4-HMAC-SHA256 "
            + "Credential=([^/,]+)/(\\d{8})/([^/,]+)/([^/,]+)/aws4_request, ?"
            + "SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})");
    private static final DateTimeFormatter SIGNING_DATE = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'",
            Locale.ROOT);
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);
    /** What the signer adds on its own. */
    private static final Set<String> ADDED_BY_SIGNER = Set.of("host", "x-amz-date", "x-amz-content-sha256");
    private static final Set<String> MUST_BE_SIGNED = Set.of("host", "x-amz-date");

    private final Map<String, String> secretsByKeyId;
    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();

    SignatureCheck(Map<String, String> secretsByKeyId) {
        this.secretsByKeyId = Map.copyOf(secretsByKeyId);
    }

    /** The name of the error to answer; empty when the signature is right. */
    Optional<Refused> check(ReceivedRequest request, byte[] body) {
        Optional<String> authorization = request.header("Authorization");
        if (authorization.isEmpty()) {
            return refused("MissingAuthenticationTokenException", "Missing Authentication Token");
        }
        Matcher parts = AUTHORIZATION.matcher(authorization.get());
        if (!parts.matches()) {
            return refused("IncompleteSignatureException", "Authorization header cannot be read.");
        }
        String secret = secretsByKeyId.get(parts.group(1));
        if (secret == null) {
            return refused("UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        Optional<Instant> signedAt = signingDate(request);
        if (signedAt.isEmpty() || Duration.between(signedAt.get(), request.at()).abs().compareTo(CLOCK_SKEW) > 0) {
            return refused("InvalidSignatureException", "Signature expired or not yet current.");
        }
        List<String> signedHeaders = List.of(parts.group(5).split(";"));
        if (!signedHeaders.containsAll(MUST_BE_SIGNED) || !"events".equals(parts.group(4))
                || !signatureOf(request, body, parts, secret, signedAt.get()).equals(parts.group(6))) {
            return refused("InvalidSignatureException",
                    "The request signature we calculated does not match the signature you provided.");
        }
        return Optional.empty();
    }

    private String signatureOf(ReceivedRequest request, byte[] body, Matcher parts, String secret, Instant signedAt) {
        SdkHttpRequest.Builder unsigned = SdkHttpRequest.builder()
                .method(SdkHttpMethod.fromValue(request.method()))
                .uri(URI.create("http://" + request.header("Host").orElse("") + request.path()));
        for (String name : parts.group(5).split(";")) {
            if (!ADDED_BY_SIGNER.contains(name)) {
                unsigned.putHeader(name, request.headers().getOrDefault(name, List.of()));
            }
        }
        SignedRequest signed = signer.sign(again -> again
                .identity(AwsCredentialsIdentity.create(parts.group(1), secret))
                .request(unsigned.build())
                .payload(() -> new ByteArrayInputStream(body))
                .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, parts.group(4))
                .putProperty(AwsV4HttpSigner.REGION_NAME, parts.group(3))
                .putProperty(HttpSigner.SIGNING_CLOCK, Clock.fixed(signedAt, ZoneOffset.UTC)));
        Matcher ours = AUTHORIZATION.matcher(signed.request().firstMatchingHeader("Authorization").orElse(""));
        return ours.matches() && ours.group(5).equals(parts.group(5)) ? ours.group(6) : "";
    }

    private static Optional<Instant> signingDate(ReceivedRequest request) {
        try {
            return request.header("X-Amz-Date")
                    .map(date -> LocalDateTime.parse(date, SIGNING_DATE).toInstant(ZoneOffset.UTC));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Optional<Refused> refused(String code, String message) {
        return Optional.of(new Refused(code, message));
    }

    record Refused(String code, String message) {
    }
}
