package org.routingbridge.datalake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DataLakeThreadsTest {

    private static final int MOST_CALLS = 32;
    private static final int MOST_WAITING = 1000;

    private final DataLakeThreads threads = new DataLakeThreads();
    private final CountDownLatch answer = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();

    @AfterEach
    void close() {
        answer.countDown();
        threads.shutdown();
    }

    private void call() {
        begun.incrementAndGet();
        try {
            answer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whatFindsNoRoomIsRejectedAndTheRestIsDone() {
        // Given
        for (int i = 0; i < MOST_CALLS + MOST_WAITING; i++) {
            threads.execute(this::call);
        }
        await().untilAsserted(() -> assertThat(begun).hasValue(MOST_CALLS));

        // When
        assertThatThrownBy(() -> threads.execute(this::call)).isInstanceOf(RejectedExecutionException.class);
        answer.countDown();

        // Then
        await().untilAsserted(() -> assertThat(begun).hasValue(MOST_CALLS + MOST_WAITING));
        threads.execute(this::call);
    }

    @Test
    void oneCallAfterTheOtherIsMadeByFewThreads() throws InterruptedException {
        // Given
        Set<String> names = ConcurrentHashMap.newKeySet();

        // When
        for (int i = 0; i < 1000; i++) {
            CountDownLatch done = new CountDownLatch(1);
            threads.execute(() -> {
                names.add(Thread.currentThread().getName());
                done.countDown();
            });
            done.await();
        }

        // Then
        assertThat(names).hasSizeLessThan(MOST_CALLS / 2).allMatch(name -> name.startsWith("data-lake-"));
    }
}
