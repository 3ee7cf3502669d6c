package org.routingbridge.cli;

import java.io.IOException;

/** No bridge answers at the management port, or none that answers this; the message says what to do, in one line. */
final class NoBridge extends IOException {

    private final String what;
    private final String mend;

    NoBridge(String what, String mend) {
        super(what + "; " + mend);
        this.what = what;
        this.mend = mend;
    }

    /** What is so. */
    String what() {
        return what;
    }

    /** What is to be done about it. */
    String mend() {
        return mend;
    }
}
