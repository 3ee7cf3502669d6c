package org.routingbridge.eventbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class EntryQueueTest {

    private static final int REQUEST_BYTES = 1000;

    private int maxSenders = 3;
    private final EntryQueue<Integer> queue = new EntryQueue<>(Integer::intValue, REQUEST_BYTES, () -> maxSenders);

    @Test
    void anEntryAloneCallsASenderAtOnce() {
        assertThat(queue.add(List.of(1))).isTrue();
        assertThat(sender()).containsExactly(1);
    }

    @Test
    void noSenderIsCalledForWhatACalledOneWillTake() {
        assertThat(queue.add(List.of(1))).isTrue();
        assertThat(queue.add(List.of(2))).isFalse();
        assertThat(queue.add(Collections.nCopies(8, 3))).isFalse();
        assertThat(queue.add(List.of(4))).as("the eleventh entry").isTrue();

        assertThat(sender()).hasSize(10);
        assertThat(sender()).containsExactly(4);
    }

    @Test
    void bytesCallAnotherSenderAsEntriesDo() {
        assertThat(queue.add(List.of(600))).isTrue();
        assertThat(queue.add(List.of(401))).isTrue();

        assertThat(sender()).containsExactly(600);
        assertThat(sender()).containsExactly(401);
    }

    @Test
    void aRequestIsFullToTheByte() {
        queue.add(List.of(600, 400, 1));

        assertThat(sender()).containsExactly(600, 400);
    }

    @Test
    void anEntryOverTheLimitGoesAlone() {
        queue.add(List.of(1, 5000, 2));

        assertThat(sender()).containsExactly(1);
        assertThat(take()).containsExactly(5000);
        assertThat(take()).containsExactly(2);
    }

    @Test
    void aSenderThatHasComeTakesRequestAfterRequestAndRests() {
        queue.add(Collections.nCopies(25, 1));

        assertThat(sender()).hasSize(10);
        assertThat(take()).hasSize(10);
        assertThat(take()).hasSize(5);
        assertThat(take()).isEmpty();
        assertThat(queue.add(List.of(1))).as("all senders rest").isTrue();
    }

    @Test
    void whatComesWhileASenderWorksCallsAnother() {
        queue.add(List.of(1));
        assertThat(sender()).containsExactly(1);

        assertThat(queue.add(List.of(2))).isTrue();
    }

    @Test
    void noMoreSendersThanAllowed() {
        List<Boolean> called = IntStream.range(0, 50).mapToObj(i -> queue.add(List.of(i))).toList();

        assertThat(called.stream().filter(call -> call)).hasSize(maxSenders);
    }

    @Test
    void aSenderTooManyRestsAndLeavesItsEntriesToTheOthers() {
        queue.add(Collections.nCopies(10, 1));
        queue.add(Collections.nCopies(10, 2));
        queue.senderCame();
        queue.senderCame();
        maxSenders = 1;

        assertThat(take()).as("of two senders").isEmpty();
        assertThat(take()).as("of the one that is left").hasSize(10);
    }

    @Test
    void anEntryThatNobodyWaitsForIsLeftOutAndTakesNoRoom() {
        queue.add(List.of(900, 99, 1, 900));
        queue.senderCame();

        assertThat(queue.take(entry -> entry < 900)).containsExactly(99, 1);
        assertThat(take()).isEmpty();
    }

    /** A sender that was called comes and takes its first request. */
    private List<Integer> sender() {
        queue.senderCame();
        return take();
    }

    private List<Integer> take() {
        return queue.take(entry -> true);
    }
}
