package org.routingbridge.cxone;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What has to be done so that CXone has our webhook as it should be.
 *
 * @param action       what
 * @param id           CXone's id of the webhook that is to be updated or looked at, else null
 * @param registration the body to send; null where nothing is to be done
 */
public record RegistrationChange(Action action, String id, Map<String, Object> registration) {

    /** What can be needed; to look at a webhook is where we have made one that the list does not show. */
    public enum Action { NOTHING, CREATE, UPDATE, LOOK }

    static RegistrationChange nothing() {
        return new RegistrationChange(Action.NOTHING, null, null);
    }

    /** The webhook's path below the webhooks', whatever characters its id is made of. */
    public String path() {
        return "/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Without the registration, which holds the secret. */
    @Override
    public String toString() {
        return "RegistrationChange[" + action + "]";
    }
}
