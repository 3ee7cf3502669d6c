package org.routingbridge.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.routingbridge.eventbridge.BusProbe;
import org.routingbridge.settings.Settings;

/** Credentials, the bus, and this machine's clock against AWS's. */
record AwsExamination(Settings settings) implements Examination {

    /** AWS refuses what is signed five minutes off; an event counts as of the future sooner. */
    private static final Duration MOST_OFF = Duration.ofSeconds(10);
    private static final String POLICY = "see that the credentials are right and have not expired, and that"
            + " their policy allows events:PutEvents and events:DescribeEventBus on the bus, as in docs/operations.md";

    @Override
    public String subject() {
        return "aws";
    }

    @Override
    public String mend() {
        return "see that this machine reaches EventBridge in " + settings.awsRegion() + ", and where the credentials"
                + " come from";
    }

    @Override
    public List<Observation> look() {
        List<Observation> seen = new ArrayList<>();
        BusProbe.Identity identity = BusProbe.identity();
        if (identity.failure() != null) {
            return List.of(Observation.finding("identity", identity.failure(), "set AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY, a profile, or the role of the container or machine"));
        }
        seen.add(Observation.well("identity", "AWS credentials by " + identity.source() + ", access key ..."
                + identity.keyEnd()));
        BusProbe.Answer answer = BusProbe.ask(settings);
        seen.add(bus(answer));
        if (answer.clockAhead() != null) {
            seen.add(clock(answer.clockAhead()));
        }
        return seen;
    }

    private Observation bus(BusProbe.Answer answer) {
        String bus = settings.eventBus();
        return switch (answer.verdict()) {
            case THERE -> Observation.well("bus", bus + " is there");
            case MISSING -> Observation.finding("bus", "The event bus " + bus + " does not exist in this account and"
                    + " region " + settings.awsRegion(), "create it, or correct "
                    + Settings.nameOf("bridge.eventbridge.bus") + " or " + Settings.nameOf("bridge.aws.region"));
            case MISCONFIGURED -> Observation.finding("bus", "EventBridge refuses: " + answer.reason(), POLICY);
            case AWAY -> Observation.finding("bus", "EventBridge cannot be asked: " + answer.reason(),
                    settings.eventBridgeEndpoint() == null ? mend()
                            : "look at " + Settings.nameOf("bridge.eventbridge.endpoint")
                            + " and at what stands between");
        };
    }

    static Observation clock(Duration ahead) {
        if (ahead.abs().compareTo(MOST_OFF) <= 0) {
            return Observation.well("clock", "within " + Math.max(1, ahead.abs().toSeconds()) + " s of AWS's");
        }
        return Observation.finding("clock", ahead.abs().toSeconds() + " s "
                + (ahead.isNegative() ? "behind" : "ahead of") + " AWS's", "let a time service such as"
                + " chrony keep this machine's clock; AWS refuses what is 5 minutes off");
    }
}
