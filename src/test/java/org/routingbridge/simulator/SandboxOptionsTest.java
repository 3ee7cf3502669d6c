package org.routingbridge.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

class SandboxOptionsTest {

    private static SandboxOptions parse(String... arguments) {
        return SandboxOptions.parse(Path.of(""), arguments);
    }

    @Test
    void nothingGoesWrongUnlessItIsAskedFor() {
        assertThat(parse("--events", "3").faults()).isEqualTo(FaultPlan.NONE);
    }

    @Test
    void faultsAreReadWithTheirTimes() {
        assertThat(parse("--outage", "20s", "--refuse", "2", "--throttle", "500ms").faults())
                .isEqualTo(new FaultPlan(2, Duration.ofMillis(500), Duration.ofSeconds(20)));
        assertThat(parse("--outage", "1m").faults().away()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void whatIsNoTimeIsSaidSo() {
        for (String wrong : List.of("", "20", "s", "0s", "-1s", "20 s", "1h30m")) {
            assertThatThrownBy(() -> parse("--outage", wrong)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("--outage needs a time such as 20s, not '" + wrong + "'");
        }
        assertThatThrownBy(() -> parse("--throttle")).hasMessageStartingWith("--throttle needs a time");
        assertThatThrownBy(() -> parse("--refuse", "0")).hasMessageStartingWith("--refuse needs a number");
    }

    @Test
    void everyOptionIsInTheUsage() {
        assertThat(SandboxOptions.USAGE).contains("--refuse N", "--throttle D", "--outage D", "--simulators-only");
    }
}
