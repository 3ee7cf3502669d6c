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
        return EventBridgeException.builder().statusCode(status)
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
        "400, RequestTimeTooSkewed, MISCONFIGURED",
        "400, RequestInTheFuture, MISCONFIGURED",
        "400, AuthFailure, MISCONFIGURED",
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
        AwsServiceException bare = EventBridgeException.builder().statusCode(502).build();

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
                .containsExactly("Connection: refused", "Connection: slow", "Connection: unknown host events.eu");
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
    @ValueSource(ints = {301, 302, 307, 400, 401, 403, 404, 405, 407, 411, 414, 421, 431})
    void whatSomebodyElseRefusesIsAMatterOfConfiguration(int status) {
        // Given
        AwsServiceException bare = EventBridgeException.builder().statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().serviceName("EventBridge").build()).build();

        // When
        RequestFailure failure = RequestFailure.of(bare);

        // Then
        assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
        assertThat(failure.error()).startsWith("HTTP " + status + ": it was not EventBridge that answered")
                .contains("AWS_ENDPOINT_URL_EVENTBRIDGE (bridge.eventbridge.endpoint)");
    }

    @ParameterizedTest
    @CsvSource({"429, THROTTLED", "408, UNAVAILABLE", "500, UNAVAILABLE", "503, UNAVAILABLE", "413, REFUSED"})
    void whatSomebodyElseCannotDoJustNowOrFindsTooLargeIsTakenAsEventBridges(int status, Kind kind) {
        // Given
        AwsServiceException bare = EventBridgeException.builder().statusCode(status).build();

        // When, Then
        assertThat(RequestFailure.of(bare).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource({"400, 42", "400, bad_request", "400, ''", "404, not_found", "404, NotFound"})
    void aCodeThatIsNotAwssOrHasAStatusThatIsNotIsSomebodyElses(int status, String code) {
        // When, Then
        assertThat(RequestFailure.of(answer(status, code)).kind()).isEqualTo(Kind.MISCONFIGURED);
    }

    @ParameterizedTest
    @CsvSource({"400, InvalidIdentityToken, MISCONFIGURED", "403, AccessDenied, MISCONFIGURED",
        "400, Throttling, THROTTLED", "503, ServiceUnavailable, UNAVAILABLE"})
    void whatTheServiceOfTheCredentialsRefusesIsNoEventsFault(int status, String code, Kind kind) {
        // Given
        AwsServiceException sts = AwsServiceException.builder().statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage("as told").build()).build();

        // When
        RequestFailure failure = RequestFailure.of(sts);

        // Then
        assertThat(failure).isEqualTo(new RequestFailure(kind, "Credentials: " + code + ": as told"));
    }

    private static String chain(String profile) {
        String file = "ProfileFile(sections=[profiles], profiles=[Profile(name=x, properties=[region])])";
        return "Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain("
                + "credentialsProviders=[EnvironmentVariableCredentialsProvider(), ProfileCredentialsProvider("
                + "profileName=x, profileFile=" + file + "), InstanceProfileCredentialsProvider()]) : ["
                + "EnvironmentVariableCredentialsProvider(): Unable to load credentials from system settings. Access"
                + " key must be specified either via environment variable (AWS_ACCESS_KEY_ID) or system property"
                + " (aws.accessKeyId)., WebIdentityTokenCredentialsProvider(): Either the environment variable"
                + " AWS_WEB_IDENTITY_TOKEN_FILE or the javaproperty aws.webIdentityTokenFile must be set.,"
                + " ProfileCredentialsProvider(profileName=x, profileFile=" + file + "): " + profile
                + ", ContainerCredentialsProvider(): Cannot fetch credentials from container - neither"
                + " AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI environment variables"
                + " are set., InstanceProfileCredentialsProvider(): Failed to load credentials from IMDS.]";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "To use Sso related properties in the 'sso' profile, the 'sso' service module must be on the class path."
            + " | To use Sso related properties in the 'sso' profile, the 'sso' service module must be on the class"
            + " path.",
        "The SSO session associated with this profile has expired or is otherwise invalid."
            + " | The SSO session associated with this profile has expired or is otherwise invalid.",
        "Profile file contained no credentials for profile 'x': ProfileFile(sections=[])"
            + " | Profile file contained no credentials for profile 'x'",
        "java.nio.file.NoSuchFileException: /run/token | no such file: /run/token",
        "User: arn:x is not authorized to perform: sts:AssumeRole (Service: Sts, Status Code: 403, Request ID: 1)"
            + " | User: arn:x is not authorized to perform: sts:AssumeRole",
        "Failed at https://user:pw@sso.example.com:443/start?key=1 | Failed at https://sso.example.com:443"})
    void whyTheSdkHasNoCredentialsIsToldInItsOwnWords(String reason, String told) {
        // Given
        SdkClientException none = SdkClientException.create(chain(reason));

        // When, Then
        assertThat(RequestFailure.of(none)).isEqualTo(new RequestFailure(Kind.MISCONFIGURED, "Credentials: " + told));
    }

    @Test
    void whereNobodyHasSetUpCredentialsJustThatIsTold() {
        // Given
        SdkClientException none = SdkClientException.create(
                chain("Profile file contained no credentials for profile 'default': ProfileFile(sections=[])"));

        // When, Then
        assertThat(RequestFailure.of(none).error()).isEqualTo("Credentials: the AWS SDK found no credentials");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "The SSO session associated with this profile has expired or is otherwise invalid.",
        "Failed to load credentials from IMDS.", "Failed to refresh process-based credentials.",
        "To use web identity tokens, the 'sts' service module must be on the class path."})
    void credentialsThatCannotBeRenewedAreAMatterOfConfigurationToo(String message) {
        // Given
        RuntimeException failure = SdkClientException.create(message, new SocketTimeoutException("Read timed out"));

        // When, Then
        assertThat(RequestFailure.of(failure)).isEqualTo(
                new RequestFailure(Kind.MISCONFIGURED, "Credentials: " + message));
    }

    @Test
    void aProxyThatRefusesTheTunnelIsAMatterOfConfiguration() {
        // Given
        SdkClientException refused = SdkClientException.create("Unable to execute HTTP request: CONNECT refused by"
                + " proxy: HTTP/1.1 407 Proxy Authentication Required");

        // When, Then
        assertThat(RequestFailure.of(refused).kind()).isEqualTo(Kind.MISCONFIGURED);
    }

    @Test
    void aFailureIsOneLineWithoutSecretsAndOfBoundedLength() {
        // Given
        String canonical = "Check your key.\n\nThe Canonical String for this request should have been\n'POST\n/\n"
                + "x-amz-security-token:the-session-token'";

        // When, Then
        assertThat(RequestFailure.describe("InvalidSignatureException", canonical))
                .isEqualTo("InvalidSignatureException: Check your key.");
        assertThat(RequestFailure.describe("Code", "a\r\nb\u2028c " + "x".repeat(2000)))
                .startsWith("Code: a b c x").hasSizeLessThan(520);
        assertThat(RequestFailure.of(new IllegalStateException("at http://a:b@host:1/secret?key=v, twice")).error())
                .isEqualTo("Unexpected: at http://host:1, twice");
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
