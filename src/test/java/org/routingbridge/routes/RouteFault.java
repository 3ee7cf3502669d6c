package org.routingbridge.routes;

/**
 * Slips of those who edit the shipped routes, each of which would lose or hang up events, or would only show when one
 * comes: a start is refused, a reload leaves the old route answering, and {@code check} tells of each in a line.
 */
public enum RouteFault {

    MISSPELT_CONFIGURATION(Files.RECEIVE, "routeConfigurationId: answer-the-sender",
            "routeConfigurationId: answer-the-sendr", "route receive-routing-events: there is no route configuration"
                    + " answer-the-sendr; did you mean answer-the-sender?"),
    MISSPELT_DIRECT(Files.CHECK, "name: make-event-safe\n              - bean",
            "name: make-event-save\n              - bean",
            "step make-safe: no route consumes direct:make-event-save; did you mean make-event-safe?"),
    NOBODY_CONSUMES(Files.RECEIVE, "name: accept-routing-event", "name: somewhere-else",
            "step accept: no route consumes direct:somewhere-else"),
    UNKNOWN_BEAN(Files.CHECK, "ref: eventEntries", "ref: eventEntry",
            "step fit-entry-size: there is no bean eventEntry"),
    UNKNOWN_PROCESSOR(Files.RECEIVE, "ref: admissionLimit", "ref: admissionLimt",
            "step admit: there is no bean admissionLimt; did you mean admissionLimit?"),
    UNKNOWN_BEAN_OF_AN_OPTION(Files.RECEIVE, "\"#eventSchemaLoader\"", "\"#eventSchemaLoadr\"",
            "step validate: there is no bean eventSchemaLoadr; did you mean eventSchemaLoader?"),
    UNKNOWN_METHOD(Files.CHECK, "method: check\n", "method: chek\n",
            "step check-order: the bean watermarks has no method chek; did you mean check?"),
    UNKNOWN_PREDICATE(Files.CHECK, "expression: hasToQueue", "expression: hasToQueu",
            "step has-to-queue: there is no bean hasToQueu; did you mean hasToQueue?"),
    UNKNOWN_COMPONENT(Files.RECEIVE, "uri: json-validator", "uri: json-validater",
            "step validate: there is no component json-validater on the class path; did you mean json-validator?"),
    UNKNOWN_OPTION_OF_AN_ENDPOINT(Files.RECEIVE, "useBodyHandler: false", "useBodyHandlr: false",
            "step webhook: there is no option useBodyHandlr of platform-http; did you mean useBodyHandler?"),
    WRONG_VALUE_OF_AN_OPTION(Files.RECEIVE, "useBodyHandler: false", "useBodyHandler: never",
            "step webhook: the option useBodyHandler is never, and has to be true or false"),
    UNKNOWN_PROPERTY(Files.RECEIVE, "path: /webhook/routing-events", "path: \"{{bridge.webhook.path}}\"",
            "step webhook: there is no property bridge.webhook.path"),
    MISSPELT_STEP(Files.RECEIVE, "- removeHeaders:", "- removeHeadrs:",
            "step leave-caller-behind: there is no step removeHeadrs; did you mean removeHeaders?"),
    MISSPELT_OPTION_OF_A_STEP(Files.RECEIVE, "pattern: \"*\"", "patern: \"*\"",
            "step leave-caller-behind: there is no option patern; did you mean pattern?"),
    MISSPELT_LANGUAGE(Files.CHECK, "exchangeProperty:", "exchangeProprty:",
            "step was-seen-before: there is no option exchangeProprty; did you mean exchangeProperty?"),
    UNKNOWN_EXCEPTION(Files.ERRORS, "org.routingbridge.event.Unauthorized", "org.routingbridge.event.Unauthorised",
            "step turn-strangers-away: there is no exception org.routingbridge.event.Unauthorised"),
    NOT_IN_ITS_LANGUAGE(Files.TOKEN, "'{{bridge.cxone.auth}}' == 'access-key'",
            "'${boddy}' == 'access-key'", "not in the language simple: "),
    ID_OF_A_STEP_TWICE(Files.RECEIVE, "id: verify-secret", "id: enter-in-ledger",
            "step enter-in-ledger: the id is taken by another one, in "),
    ID_OF_A_ROUTE_TWICE(Files.RECEIVE, "id: receive-routing-events", "id: accept-routing-event",
            "route accept-routing-event: the id is taken by another one, in "),
    POLICY_THAT_IS_NOT_HEARD(Files.CHECK, "- route:\n    id: accept-routing-event", """
            - onException:
                id: own-policy
                exception:
                  - java.lang.Exception
                handled:
                  constant:
                    expression: "true"
                steps:
                  - log:
                      id: own-log
                      message: caught
            - route:
                id: accept-routing-event""", "step own-policy: an onException of a file's own is not heard"),
    NO_YAML(Files.RECEIVE, "      steps:", "      steps: [", "is no YAML: ");

    private final String file;
    private final String before;
    private final String after;
    private final String said;

    RouteFault(String file, String before, String after, String said) {
        this.file = file;
        this.before = before;
        this.after = after;
        this.said = said;
    }

    /** Which of the route files is edited. */
    public String file() {
        return file;
    }

    /** What stands in it. */
    public String before() {
        return before;
    }

    /** What it becomes. */
    public String after() {
        return after;
    }

    /** What is said of it, after file and line. */
    public String said() {
        return said;
    }

    private static final class Files {

        private static final String CHECK = "check-routing-events.camel.yaml";
        private static final String RECEIVE = "receive-routing-events.camel.yaml";
        private static final String ERRORS = "error-handling.camel.yaml";
        private static final String TOKEN = "get-access-token.camel.yaml";
    }
}
