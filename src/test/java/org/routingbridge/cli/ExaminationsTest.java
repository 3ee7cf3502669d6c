package org.routingbridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.routingbridge.settings.SettingsForTests;
import org.routingbridge.simulator.DataLakeSimulator;
import org.routingbridge.simulator.FreePorts;

/** What the doctor says of what it sees. */
class ExaminationsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Test
    void aFindingHasItsMendOnTheNextLineAndBothStayOnTheirs() {
        assertThat(Observation.finding("bus", "gone\n\u001b[2J", "create\u202e it").lines()).containsExactly(
                "FINDING  bus        gone\\u000a\\u001b[2J", "                    mend: create\\u202e it");
        assertThat(Observation.well("bus", "is there").lines()).containsExactly("ok       bus        is there");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, ok       clock      within 1 s of AWS's",
        "PT-9S, ok       clock      within 9 s of AWS's",
        "PT11S, FINDING  clock      11 s ahead of AWS's",
        "PT-5M, FINDING  clock      300 s behind AWS's"})
    void aClockThatIsOffIsAFinding(Duration ahead, String line) {
        assertThat(AwsExamination.clock(ahead).lines().get(0)).isEqualTo(line);
    }

    @Test
    void theStoreMustHaveRoomToGrow() {
        // Given
        DiskExamination disk = new DiskExamination(SettingsForTests.with());

        // Then
        assertThat(disk.room(5 << 20, 5 << 20).isFinding()).isFalse();
        assertThat(disk.room((5 << 20) - 1, 5 << 20).lines().get(0)).endsWith(
                "4 MB are free, and the store may grow by 5 MB");
    }

    @Test
    void theDataLakeIsReachedAndToldNothing() {
        try (DataLakeSimulator lake = new DataLakeSimulator()) {
            lake.start();
            int port = lake.endpoint().getPort();

            // When
            List<Observation> reached = look("http://127.0.0.1:" + port + "/a-secret-path");
            List<Observation> noTls = look("https://127.0.0.1:" + port + "/a-secret-path");
            int nobodys = FreePorts.choose(1)[0];
            List<Observation> gone = look("http://127.0.0.1:" + nobodys + "/a-secret-path");

            // Then
            assertThat(reached).containsExactly(Observation.well("data lake", "http://127.0.0.1:" + port
                    + " can be reached"));
            assertThat(noTls.get(0).what()).isEqualTo("https://127.0.0.1:" + port
                    + ": what answers there does not speak TLS");
            assertThat(gone.get(0).what()).isEqualTo("http://127.0.0.1:" + nobodys + ": the connection was refused");
            assertThat(gone.get(0).isFinding()).isTrue();
            assertThat(lake.requests()).isEmpty();
        }
    }

    private static List<Observation> look(String url) {
        return new DataLakeExamination(SettingsForTests.with("bridge.datalake.url", url), PATIENCE).look();
    }

    @Test
    void metricsWithoutLabelsAreRead() {
        assertThat(BridgeExamination.metrics("""
                # HELP bridge_outbox_depth events
                bridge_outbox_depth 3.0
                bridge_events_total{outcome="processed"} 7.0
                something else entirely
                odd word
                """)).containsEntry("bridge_outbox_depth", 3.0).hasSize(2);
    }
}
