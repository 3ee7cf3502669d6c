package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.routingbridge.eventbridge.PutResult.Kind;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequest;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResultEntry;

class PutAnswerTest {

    private static final Duration LATENCY = Duration.ofMillis(7);

    private final Exchange answer = new DefaultExchange(new DefaultCamelContext());

    /** A code for each entry, null for accepted. */
    private List<PutResult> interpret(String... codes) {
        answer.getMessage().setBody(PutEventsResponse.builder().failedEntryCount(1).entries(Arrays.stream(codes)
                .map(code -> code == null ? PutEventsResultEntry.builder().eventId("aws-1").build()
                        : PutEventsResultEntry.builder().errorCode(code).errorMessage("as told").build())
                .toList()).build());
        return PutAnswer.interpret(answer, codes.length, LATENCY);
    }

    @ParameterizedTest
    @CsvSource({
        "ThrottlingException, THROTTLED, true",
        "InternalFailure, INTERNAL_FAILURE, true",
        "InternalException, INTERNAL_FAILURE, true",
        "ServiceUnavailable, ENTRY_UNAVAILABLE, true",
        "MalformedDetail, REFUSED, false",
        "NotAuthorizedForSourceException, REFUSED, false",
        "InvalidArgument, REFUSED, false",
        "SomethingNew, REFUSED, false"})
    void eachCodeMeansWhatTheContractSays(String code, Kind kind, boolean worthAnotherAttempt) {
        // When
        PutResult result = interpret(null, code).get(1);

        // Then
        assertThat(result.kind()).isEqualTo(kind);
        assertThat(result.error()).isEqualTo(code + ": as told");
        assertThat(result.isWorthAnotherAttempt()).isEqualTo(worthAnotherAttempt);
        assertThat(result.latency()).isEqualTo(LATENCY);
        assertThat(result.eventBridgeEventId()).isNull();
    }

    @Test
    void anAcceptedEntryHasEventBridgesId() {
        // When, Then
        assertThat(interpret(null, "ThrottlingException").get(0))
                .isEqualTo(new PutResult(Kind.ACCEPTED, null, "aws-1", LATENCY, false));
    }

    @Test
    void eachEntryHasItsOwnResultInOrder() {
        // When, Then
        assertThat(interpret("ThrottlingException", null, "MalformedDetail", null)).extracting(PutResult::kind)
                .containsExactly(Kind.THROTTLED, Kind.ACCEPTED, Kind.REFUSED, Kind.ACCEPTED);
    }

    @Test
    void anEntryThatFailsInternallyByItselfFailsAlone() {
        // When, Then
        assertThat(interpret(null, "InternalFailure", "ThrottlingException").get(1).alone()).isTrue();
        assertThat(interpret("InternalFailure").get(0).alone()).isTrue();
    }

    @Test
    void entriesThatFailInternallyTogetherDoNotFailAlone() {
        // When, Then
        assertThat(interpret("InternalFailure", null, "InternalException")).filteredOn(result -> !result.isAccepted())
                .extracting(PutResult::alone).containsExactly(false, false);
    }

    @Test
    void aFailedRequestIsTheFailureOfEachEntry() {
        // Given
        answer.setException(EventBridgeException.builder().statusCode(400).awsErrorDetails(
                AwsErrorDetails.builder().errorCode("ValidationException").errorMessage("no").build()).build());

        // When, Then
        assertThat(PutAnswer.interpret(answer, 3, LATENCY)).hasSize(3)
                .containsOnly(new PutResult(Kind.REFUSED, "ValidationException: no", null, LATENCY, false));
    }

    @Test
    void aFailedRequestOfOneEntryIsItsOwnFailure() {
        // Given
        answer.setException(EventBridgeException.builder().statusCode(413).build());

        // When, Then
        assertThat(PutAnswer.interpret(answer, 1, LATENCY)).singleElement()
                .satisfies(result -> assertThat(result.alone()).isTrue());
    }

    @Test
    void fewerResultsThanEntriesAreNoAnswer() {
        // Given
        interpret(new String[] {null});

        // When, Then
        assertThat(PutAnswer.interpret(answer, 2, LATENCY)).extracting(PutResult::kind)
                .containsExactly(Kind.UNAVAILABLE, Kind.UNAVAILABLE);
    }

    private List<PutResult> interpret(PutEventsResultEntry... entries) {
        answer.getMessage().setBody(PutEventsResponse.builder().failedEntryCount(0).entries(entries).build());
        return PutAnswer.interpret(answer, entries.length, LATENCY);
    }

    @Test
    void onlyAnIdAndNoErrorIsAcceptance() {
        // When
        List<PutResult> results = interpret(
                PutEventsResultEntry.builder().eventId("1").build(), PutEventsResultEntry.builder().build(), null,
                PutEventsResultEntry.builder().eventId(" ").build(),
                PutEventsResultEntry.builder().eventId("2").errorCode("MalformedDetail").build(),
                PutEventsResultEntry.builder().eventId("3").errorCode("").build());

        // Then
        assertThat(results).extracting(PutResult::isAccepted).containsExactly(true, false, false, false, false, true);
        assertThat(results).filteredOn(result -> !result.isAccepted())
                .allSatisfy(result -> assertThat(result.isWorthAnotherAttempt()).isTrue())
                .extracting(PutResult::alone).containsOnly(false);
    }

    @Test
    void anAnswerThatSaysNothingOfAnyEntryIsNotEventBridges() {
        // When, Then
        assertThat(interpret(PutEventsResultEntry.builder().build(), (PutEventsResultEntry) null))
                .extracting(PutResult::kind)
                .containsExactly(Kind.UNAVAILABLE, Kind.UNAVAILABLE);
    }

    @Test
    void moreResultsThanEntriesAreNoAnswer() {
        // Given
        interpret(new String[] {null, null});

        // When, Then
        assertThat(PutAnswer.interpret(answer, 1, LATENCY)).extracting(PutResult::kind)
                .containsExactly(Kind.UNAVAILABLE);
    }

    @Test
    void aBodyThatIsNoAnswerIsNotTakenForSuccess() {
        // Given
        answer.getMessage().setBody(PutEventsRequest.builder().build());

        // When, Then
        assertThat(PutAnswer.interpret(answer, 1, LATENCY).get(0).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
}
