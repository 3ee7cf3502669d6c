package org.routingbridge.simulator;

import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/** Cuts connections. Vert.x only offers an orderly close, so that this reaches for the channel beneath. */
final class Connections {

    private Connections() {
    }

    /** Closes with a zero linger time, which the kernel turns into RST instead of FIN. */
    static void reset(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            base.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            base.channel().close();
        } else {
            connection.close();
        }
    }
}
