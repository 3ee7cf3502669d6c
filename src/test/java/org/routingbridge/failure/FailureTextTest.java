package org.routingbridge.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.cxone.CxoneAnswerUnusable;

class FailureTextTest {

    private static final String SECRET_ADDRESS = "https://user:pass-word@lake.example.com:8443/secret-path?sig=s3cr3t";

    private static HttpOperationFailedException answered(String uri, int status) {
        return new HttpOperationFailedException(uri, status, "secret-status", "https://secret.example.com/x", null,
                "secret-body");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "https://lake.example.com/secret?sig=1 | https://lake.example.com",
        "HTTPS://lake.example.com:8443?sig=1 | https://lake.example.com:8443",
        "http://lake.example.com#secret | http://lake.example.com",
        "http://user:pa55@lake.example.com/secret | http://lake.example.com",
        "http://user@host.example.com@lake.example.com/secret | http://lake.example.com",
        "http://[2001:db8::1]:8080/secret | http://[2001:db8::1]:8080",
        "http://user:pa55@[::1]/secret | http://[::1]",
        "http://127.0.0.1:41871/a/b@c?d=e@f | http://127.0.0.1:41871",
        "https://lake.example.com\\secret | https://lake.example.com",
        "http://user:pa/ss@lake.example.com/ | a hidden address",
        "secret | a hidden address",
        "'' | a hidden address"})
    void ofAnAddressOnlySchemeHostAndPortAreTold(String address, String origin) {
        // When, Then
        assertThat(FailureText.origin(address)).isEqualTo(origin);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 410, 500, 503})
    void anAnswersStatusIsToldWithWhereItCameFrom(int status) {
        // When, Then
        assertThat(FailureText.of(answered(SECRET_ADDRESS, status)))
                .isEqualTo("https://lake.example.com:8443 answered with status " + status);
    }

    @Test
    void aRedirectsTargetIsNotTold() {
        // When, Then
        assertThat(FailureText.of(answered(SECRET_ADDRESS, 302))).isEqualTo(
                "https://lake.example.com:8443 answered with status 302, a redirect, which is not followed");
    }

    private static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new UnknownHostException("api.mynicecx.com"), "unknown host api.mynicecx.com"),
                Arguments.of(new UnknownHostException("lake"), "unknown host lake"),
                Arguments.of(new UnknownHostException("api.example.com: Name or service not known"),
                        "unknown host api.example.com"),
                Arguments.of(new UnknownHostException("Failed to resolve 'api.example.com' [A(1)] after 2 queries"),
                        "unknown host api.example.com"),
                Arguments.of(new UnknownHostException(), "unknown host"),
                Arguments.of(new NoRouteToHostException("No route to host"), "no route to the host"),
                Arguments.of(new ConnectException("Connection refused"), "the connection was refused"),
                Arguments.of(new ConnectException("Connect to http://127.0.0.1:1/secret [/127.0.0.1] failed: Connection"
                        + " refused"), "http://127.0.0.1:1: the connection was refused"),
                Arguments.of(new ConnectException("connection timed out after 5000 ms: lake.example.com/10.1.1.1:443"),
                        "no connection within 5 s"),
                Arguments.of(new ConnectException("Network is unreachable"), "the network is unreachable"),
                Arguments.of(new ConnectException("No route to host: /10.1.1.1:443"), "no route to the host"),
                Arguments.of(new ConnectTimeoutException("Connect to https://lake.example.com:443 failed: timed out"),
                        "https://lake.example.com:443: no connection in time"),
                Arguments.of(new SocketTimeoutException("Read timed out"), "no answer in time"),
                Arguments.of(new SocketTimeoutException("5000 ms"), "no answer within 5 s"),
                Arguments.of(new SocketTimeoutException("1500 MILLISECONDS"), "no answer within 1500 ms"),
                Arguments.of(new SocketTimeoutException("30 SECONDS"), "no answer within 30 s"),
                Arguments.of(new TimeoutException("The timeout period of 5000ms has been exceeded while executing POST"
                        + " /secret?sig=1 for server null"), "no answer within 5 s"),
                Arguments.of(new SocketException("Connection reset"), "the connection was cut"),
                Arguments.of(new SocketException("Network is unreachable"), "the network is unreachable"),
                Arguments.of(new NoHttpResponseException("127.0.0.1:1 failed to respond"),
                        "the connection was closed without an answer"),
                Arguments.of(new ConnectionClosedException("Premature end of chunk"),
                        "the connection was closed before the answer was complete"),
                Arguments.of(new EOFException(), "the connection was closed before the answer was complete"),
                Arguments.of(new SSLHandshakeException("PKIX path building failed: unable to find valid certification"
                        + " path to requested target"), "the TLS certificate is not trusted"),
                Arguments.of(new SSLException("x", new IOException(new CertificateExpiredException())),
                        "the TLS certificate has expired"),
                Arguments.of(new SSLException("x", new CertificateNotYetValidException()),
                        "the TLS certificate is not valid yet"),
                Arguments.of(new SSLPeerUnverifiedException("Certificate for <a> doesn't match"),
                        "the TLS certificate is for another host"),
                Arguments.of(new SSLHandshakeException("No name matching lake.example.com found"),
                        "the TLS certificate is for another host"),
                Arguments.of(new SSLException("Unsupported or unrecognized SSL message"),
                        "what answers there does not speak TLS"),
                Arguments.of(new SSLHandshakeException("Received fatal alert: handshake_failure"),
                        "the TLS handshake failed"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailureIsASentence(Exception failure, String sentence) {
        // When, Then
        assertThat(FailureText.of(failure)).isEqualTo(sentence);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void itIsTheSameWhateverItIsWrappedIn(Exception failure, String sentence) {
        // Given
        Exception wrapped = new CamelExecutionException("in Exchange[secret]",
                new DefaultExchange(new DefaultCamelContext()),
                new ExecutionException(new UncheckedIOException(new IOException("outer secret", failure))));

        // When, Then
        assertThat(FailureText.of(wrapped)).isEqualTo(sentence);
    }

    @Test
    void theAddressThatWasCalledIsToldByItsOrigin() {
        // When, Then
        assertThat(FailureText.of(new SocketTimeoutException("5000 ms"), SECRET_ADDRESS))
                .isEqualTo("https://lake.example.com:8443: no answer within 5 s");
        assertThat(FailureText.of(new IOException("odd"), SECRET_ADDRESS))
                .isEqualTo("https://lake.example.com:8443: odd");
        assertThat(FailureText.of(new UnknownHostException("lake.example.com"), SECRET_ADDRESS))
                .isEqualTo("unknown host lake.example.com");
    }

    @Test
    void ofACauseOfOursTheSentenceIsTold() {
        // When, Then
        assertThat(FailureText.of(new RuntimeException("outer", new CxoneAnswerUnusable("Ours"))))
                .isEqualTo("Ours");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "CONNECT refused by proxy http://user:pw@proxy.example.com:3128/secret: 407 "
                + "| CONNECT refused by proxy http://proxy.example.com:3128: 407",
        "CONNECT user:pw@proxy.example.com:3128 failed | CONNECT proxy.example.com:3128 failed",
        "Could not read \"https://a.example.com/secret?sig=1\" or <ftp://b.example.com/secret> "
                + "| Could not read \"https://a.example.com\" or <ftp://b.example.com>",
        "Authorization: Bearer abc.def refused | Authorization: Bearer … refused",
        "java.lang.IllegalStateException: java.io.IOException: broken | broken",
        "class java.lang.String cannot be cast to class com.acme.Thing$Part | class … cannot be cast to class …"})
    void whatIsNotKnownIsToldWithoutAddressesCredentialsAndClassNames(String message, String text) {
        // When, Then
        assertThat(FailureText.of(new IOException(message))).isEqualTo(text);
    }

    @Test
    void lineBreaksAndControlCharactersAreSpaces() {
        // When, Then
        assertThat(FailureText.of(new IOException("a\r\n2026 ERROR forged\u2028b\u0000\u001b[31mc\u202ed\ud800e\tf")))
                .isEqualTo("a 2026 ERROR forged b [31mc d e f");
    }

    @Test
    void aLongMessageIsCutBetweenCharacters() {
        // When
        String text = FailureText.of(new IOException("x".repeat(298) + "\ud83d\ude00".repeat(1000)));

        // Then
        assertThat(text).isEqualTo("x".repeat(298) + "…");
    }

    @Test
    void causesThatGoRoundInACircleEnd() {
        // Given
        IOException first = new IOException("first");
        IOException second = new IOException("second", first);
        first.initCause(second);

        // When, Then
        assertThat(FailureText.of(second)).isIn("first", "second");
    }

    @Test
    void aFailureWithoutAMessageHasASentenceToo() {
        // When, Then
        assertThat(FailureText.of(new IllegalStateException())).isEqualTo("an unexpected failure");
        assertThat(FailureText.of(null)).isEqualTo("an unexpected failure");
    }
}
