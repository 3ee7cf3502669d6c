package org.routingbridge.cli;

import java.io.IOException;

/** No bridge answers at the management port, or none that answers this; the message says what to do, in one line. */
final class NoBridge extends IOException {

    NoBridge(String message) {
        super(message);
    }
}
