package org.routingbridge.operations;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What bridges tell each other of their numbers. */
class BridgesAccountingTest {

    @Test
    void whatAnotherVersionTellsBesideIsNoFault() {
        assertThat(BridgesAccounting.read("{\"received\":7,\"processed\":7,\"of_another_version\":1}"))
                .satisfies(requests -> {
                    assertThat(requests.received()).isEqualTo(7);
                    assertThat(requests.isBalanced()).isTrue();
                });
    }

    @Test
    void whoHasToldNothingYetHasReceivedNothing() {
        assertThat(BridgesAccounting.read(null)).isEqualTo(Accounting.Requests.NONE);
    }
}
