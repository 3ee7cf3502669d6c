package org.routingbridge.simulator;

import java.time.Duration;

/**
 * What the sandbox's EventBridge is to do wrong, in this order, each once.
 *
 * @param refused   so many events it will never take
 * @param throttled for so long it throttles every call; zero: not at all
 * @param away      for so long it takes nothing; zero: not at all
 */
public record FaultPlan(int refused, Duration throttled, Duration away) {

    static final FaultPlan NONE = new FaultPlan(0, Duration.ZERO, Duration.ZERO);

    FaultPlan withRefused(int events) {
        return new FaultPlan(events, throttled, away);
    }

    FaultPlan withThrottled(Duration howLong) {
        return new FaultPlan(refused, howLong, away);
    }

    FaultPlan withAway(Duration howLong) {
        return new FaultPlan(refused, throttled, howLong);
    }
}
