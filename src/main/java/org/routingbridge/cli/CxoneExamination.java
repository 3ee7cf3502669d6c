package org.routingbridge.cli;

import java.time.Duration;
import java.util.List;

import org.routingbridge.cxone.WebhookProbe;
import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.Settings;

/** Whether CXone gives a token, and has our webhook. */
record CxoneExamination(Settings settings, Duration patience) implements Examination {

    private static final String TOKEN = "token";
    private static final String WEBHOOK = "webhook";

    @Override
    public String subject() {
        return "cxone";
    }

    @Override
    public String mend() {
        return "see that this machine reaches CXone, and look at " + Settings.nameOf("bridge.cxone.base.url");
    }

    @Override
    public List<Observation> look() throws InterruptedException {
        if (!settings.registrationEnabled()) {
            return List.of(Observation.well(WEBHOOK, "not looked at: registration is off"));
        }
        WebhookProbe.Answer answer = new WebhookProbe(settings, patience).look();
        if (answer.tokenFailure() != null) {
            return List.of(Observation.finding(TOKEN, "CXone gives none: " + answer.tokenFailure(), "check "
                    + Settings.nameOf("bridge.cxone.client.id") + ", "
                    + Settings.nameOf("bridge.cxone.client.secret") + ", "
                    + Settings.nameOf("bridge.cxone.scopes") + " and " + Settings.nameOf("bridge.cxone.token.url")));
        }
        return List.of(Observation.well(TOKEN, "CXone gives one"), webhook(answer));
    }

    private Observation webhook(WebhookProbe.Answer answer) {
        if (answer.listingFailure() != null) {
            return Observation.finding(WEBHOOK, "CXone does not list its webhooks: " + answer.listingFailure(),
                    "check " + Settings.nameOf("bridge.cxone.base.url") + ", and that the application has the scopes"
                            + " of " + Settings.nameOf("bridge.cxone.scopes"));
        }
        if (answer.ids().isEmpty()) {
            return Observation.finding(WEBHOOK, "CXone does not have ours", "start the bridge, which registers it;"
                    + " where it runs, its log says why it could not");
        }
        if (answer.ids().size() > 1) {
            return Observation.finding(WEBHOOK, "CXone has " + answer.ids().size() + " of our name, so that each event"
                    + " is sent as often: " + FailureText.fit(String.join(", ", answer.ids())), "delete all but"
                    + " one in CXone");
        }
        if (!answer.differences().isEmpty()) {
            return Observation.finding(WEBHOOK, "CXone has ours with another "
                    + String.join(", ", answer.differences()), "the bridge mends it at its next look; where it stays"
                    + " so, its log says why");
        }
        return Observation.well(WEBHOOK, "CXone has ours as it should be");
    }
}
