package org.routingbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A bridge that the tests of a class share: calm when each of them begins, with no dead letter, and a new one after a
 * test that has the tag {@link #LAST}.
 */
public final class SharedBridge implements BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    /** Of a test after which the bridge serves no other. */
    public static final String LAST = "last";

    private final Supplier<BridgeUnderTest> made;
    private BridgeUnderTest bridge;

    /** @param made a bridge with the settings that all of them want, not started yet */
    public SharedBridge(Supplier<BridgeUnderTest> made) {
        this.made = made;
    }

    /** The one that is running. */
    public BridgeUnderTest bridge() {
        return bridge;
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        if (bridge == null) {
            bridge = made.get().start();
        } else {
            bridge.calm();
            assertThat(bridge.send(bridge.operation("/ops/dead-letters").DELETE()).status()).isEqualTo(200);
        }
    }

    @Override
    public void afterEach(ExtensionContext test) {
        if (test.getTags().contains(LAST)) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext tests) {
        close();
    }

    private void close() {
        if (bridge != null) {
            bridge.close();
            bridge = null;
        }
    }
}
