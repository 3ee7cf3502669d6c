package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.eventbridge.PutResult.Kind;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;

class RequestFailureTest {

    private static AwsServiceException answer(int status, String code) {
        return (AwsServiceException) EventBridgeException.builder().statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage("as told").build()).build();
    }

    @ParameterizedTest
    @CsvSource({
        "400, ThrottlingException, THROTTLED",
        "400, Throttling, THROTTLED",
        "400, RequestLimitExceeded, THROTTLED",
        "429, TooManyRequestsException, THROTTLED",
        "429, SomethingNew, THROTTLED",
        "503, ThrottlingException, THROTTLED",
        "500, InternalFailure, UNAVAILABLE",
        "500, InternalException, UNAVAILABLE",
        "502, BadGateway, UNAVAILABLE",
        "503, ServiceUnavailable, UNAVAILABLE",
        "504, GatewayTimeout, UNAVAILABLE",
        "408, RequestTimeout, UNAVAILABLE",
        "400, AccessDeniedException, MISCONFIGURED",
        "400, UnrecognizedClientException, MISCONFIGURED",
        "403, InvalidSignatureException, MISCONFIGURED",
        "403, SignatureDoesNotMatch, MISCONFIGURED",
        "400, ExpiredTokenException, MISCONFIGURED",
        "403, MissingAuthenticationToken, MISCONFIGURED",
        "403, InvalidClientTokenId, MISCONFIGURED",
        "403, OptInRequired, MISCONFIGURED",
        "400, RequestExpired, MISCONFIGURED",
        "400, ResourceNotFoundException, MISCONFIGURED",
        "401, SomethingNew, MISCONFIGURED",
        "403, SomethingNew, MISCONFIGURED",
        "400, ValidationException, REFUSED",
        "400, SerializationException, REFUSED",
        "413, RequestEntityTooLargeException, REFUSED",
        "400, SomethingNew, REFUSED"})
    void eachAnswerMeansWhatTheContractSays(int status, String code, Kind kind) {
        // When
        RequestFailure failure = RequestFailure.of(answer(status, code));

        // Then
        assertThat(failure.kind()).isEqualTo(kind);
        assertThat(failure.error()).isEqualTo(code + ": as told");
    }

    @Test
    void anAnswerWithoutACodeIsNamedByItsStatus() {
        // Given
        AwsServiceException bare = (AwsServiceException) EventBridgeException.builder().statusCode(502).build();

        // When, Then
        assertThat(RequestFailure.of(bare)).isEqualTo(new RequestFailure(Kind.UNAVAILABLE, "HTTP 502"));
    }

    @Test
    void timeoutsAreWorthAnotherTry() {
        // When, Then
        assertThat(RequestFailure.of(ApiCallTimeoutException.builder().message("x").build()).kind())
                .isEqualTo(Kind.UNAVAILABLE);
        assertThat(RequestFailure.of(ApiCallAttemptTimeoutException.builder().message("x").build()).error())
                .startsWith("Timeout: ");
        assertThat(RequestFailure.of(AbortedException.builder().message("x").build()).kind())
                .isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void connectionErrorsAreWorthAnotherTry() {
        // When, Then
        assertThat(java.util.stream.Stream.of(new ConnectException("refused"), new SocketTimeoutException("slow"),
                new UnknownHostException("events.eu")).map(cause -> RequestFailure.of(
                SdkClientException.builder().message("Unable to execute HTTP request").cause(cause).build())))
                .allSatisfy(failure -> assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE))
                .extracting(RequestFailure::error)
                .containsExactly("Connection: refused", "Connection: slow", "Connection: events.eu");
    }

    @Test
    void missingCredentialsAreAMatterOfConfiguration() {
        // Given
        SdkClientException none = SdkClientException.create(
                "Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(…)");

        // When
        RequestFailure failure = RequestFailure.of(none);

        // Then
        assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
        assertThat(failure.error()).doesNotContain("Chain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void anEmptyMessageIsNotAppended(String message) {
        // When, Then
        assertThat(RequestFailure.describe("Code", message)).isEqualTo("Code");
    }

    @Test
    void anythingElseIsWorthAnotherTry() {
        // When, Then
        assertThat(RequestFailure.of(new IllegalStateException()).error())
                .isEqualTo("Unexpected: IllegalStateException");
        assertThat(RequestFailure.of(new IllegalStateException("x")).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
}
