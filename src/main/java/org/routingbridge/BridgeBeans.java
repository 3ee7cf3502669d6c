package org.routingbridge;

import java.time.Duration;

import org.apache.camel.util.concurrent.SynchronousExecutorService;
import org.routingbridge.audit.AuditLog;
import org.routingbridge.cluster.Claims;
import org.routingbridge.cluster.Cluster;
import org.routingbridge.cluster.Members;
import org.routingbridge.cluster.RegistrationLease;
import org.routingbridge.cluster.Undeduplicated;
import org.routingbridge.cxone.AccessToken;
import org.routingbridge.cxone.WebhookRegistration;
import org.routingbridge.datalake.BridgeIsStopping;
import org.routingbridge.datalake.DataLakeCalls;
import org.routingbridge.datalake.DataLakeNotifications;
import org.routingbridge.datalake.DataLakeThreads;
import org.routingbridge.deadletter.DeadLetterReasons;
import org.routingbridge.event.EventId;
import org.routingbridge.event.JsonReader;
import org.routingbridge.event.ParsedJson;
import org.routingbridge.event.RoutingEventReader;
import org.routingbridge.eventbridge.AttemptedEvent;
import org.routingbridge.eventbridge.BusCircuitBreaker;
import org.routingbridge.eventbridge.BusPublisher;
import org.routingbridge.eventbridge.BusWatch;
import org.routingbridge.eventbridge.EventEntries;
import org.routingbridge.eventbridge.MayBeTooLarge;
import org.routingbridge.eventbridge.PublishDeadline;
import org.routingbridge.eventbridge.PublishedAttempt;
import org.routingbridge.eventbridge.ReplyBudget;
import org.routingbridge.eventbridge.RetryPolicy;
import org.routingbridge.explain.Explainer;
import org.routingbridge.history.EventHistory;
import org.routingbridge.http.BoundedExchanges;
import org.routingbridge.idempotency.FirstOutcome;
import org.routingbridge.idempotency.IdClaim;
import org.routingbridge.idempotency.IdConfirmation;
import org.routingbridge.idempotency.SeenEvents;
import org.routingbridge.idempotency.SeenEventsLoaded;
import org.routingbridge.metrics.BridgeMetrics;
import org.routingbridge.operations.Accounting;
import org.routingbridge.operations.BridgeHealth;
import org.routingbridge.operations.ManagementServer;
import org.routingbridge.operations.RejectedEvents;
import org.routingbridge.operations.StateLog;
import org.routingbridge.ordering.ReorderWindow;
import org.routingbridge.ordering.Watermarks;
import org.routingbridge.outbox.DeadLetters;
import org.routingbridge.outbox.HasToQueue;
import org.routingbridge.outbox.LateAnswer;
import org.routingbridge.outbox.Outbox;
import org.routingbridge.outbox.StoredEvents;
import org.routingbridge.outbox.WaitingEvents;
import org.routingbridge.settings.HeadStart;
import org.routingbridge.settings.Settings;
import org.routingbridge.store.SteadyClock;
import org.routingbridge.store.Store;
import org.routingbridge.tracing.Tracing;
import org.routingbridge.webhook.AdmissionLimit;
import org.routingbridge.webhook.BodyReader;
import org.routingbridge.webhook.DeliveryVerifier;
import org.routingbridge.webhook.EventSchemaLoader;
import org.routingbridge.webhook.MediaTypes;
import org.routingbridge.webhook.Replies;
import org.routingbridge.webhook.RequestLedger;
import org.routingbridge.webhook.RequestTracing;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;

/**
 * The composition root: what the bridge consists of, each part made once and given what it needs. A route may use those
 * that are marked with {@link RouteBean}, by their names here; {@code --help routes} lists them.
 */
final class BridgeBeans {

    private static final int CXONE_ANSWER_BYTES = 1024 * 1024;
    private static final Duration CXONE_EXCHANGE = Duration.ofSeconds(30);

    final BridgeMetrics bridgeMetrics;
    final ManagementServer managementServer;
    @RouteBean(value = "Writes a line of the audit log",
            methods = {"attempted", "damaged", "deadLettered", "deletedAllByOperator", "deletedByOperator",
                "duplicate", "faulted", "queued", "rejected", "replayedByOperator"})
    final AuditLog auditLog;
    @RouteBean(value = "The story of each recent event", methods = {"list", "story"})
    final EventHistory eventHistory;
    @RouteBean("Enters a request with its outcome when its reply is written")
    final RequestLedger requestLedger;
    @RouteBean(value = "Lets in who holds the webhook's secret, and whose signature is right where one is asked for",
            methods = {"verifySecret", "verifySignature"})
    final DeliveryVerifier deliveryVerifier;
    @RouteBean("Takes up the trace that a request is part of")
    final RequestTracing requestTracing;
    @RouteBean("Lets in no more requests, and no more bytes of body, than are allowed at once")
    final AdmissionLimit admissionLimit;
    @RouteBean(value = "Refuses what is not sent as JSON", methods = "check")
    final MediaTypes mediaTypes;
    @RouteBean(value = "Reads a request's body up to its limit; refuses one that was read and is over it",
            methods = "check")
    final BodyReader bodyReader;
    @RouteBean("Holds events against schema v1, with violations as JSON Pointers")
    final EventSchemaLoader eventSchemaLoader;
    @RouteBean(value = "Writes the reply to the sender",
            methods = {"accepted", "duplicateSkipped", "failed", "notNow", "notSafe", "refused", "schemaViolation"})
    final Replies replies;
    @RouteBean(value = "Bytes become JSON, or are refused", methods = "read")
    final JsonReader jsonReader;
    @RouteBean("Spares the schema validator the parsing of what jsonReader has read")
    final ParsedJson parsedJson;
    @RouteBean(value = "JSON that has passed the schema becomes a routing event", methods = "read")
    final RoutingEventReader routingEventReader;
    @RouteBean("The event's id")
    final EventId eventId;
    final SteadyClock steadyClock;
    final Store store;
    @RouteBean(value = "The ids of events that were accepted or are in flight", methods = "settle")
    final SeenEvents seenEvents;
    @RouteBean("Lets an event wait after a start until the ids of earlier ones are known")
    final SeenEventsLoaded seenEventsLoaded;
    @RouteBean("Lets an event wait until it is known whether its id was accepted before, here or at another bridge")
    final IdClaim idClaim;
    @RouteBean("Lets a safe event wait until the bridges that share the store know of it")
    final IdConfirmation idConfirmation;
    final ReplyBudget replyBudget;
    final Undeduplicated undeduplicated;
    @RouteBean("Lets a duplicate wait for what becomes of the first one")
    final FirstOutcome firstOutcome;
    @RouteBean(value = "Refuses or marks what comes too late for its ordering key, or is from the future",
            methods = {"advance", "check"})
    final Watermarks watermarks;
    @RouteBean("Lets events of an ordering key wait for those that were before them")
    final ReorderWindow reorderWindow;
    @RouteBean("AWS's client, which never retries by itself")
    final HeadStart<EventBridgeClient> eventBridgeClient;
    @RouteBean(value = "Whether the event bus is there and takes events", methods = "trip")
    final BusCircuitBreaker busCircuitBreaker;
    @RouteBean(value = "Asks EventBridge whether the bus exists", methods = "look")
    final BusWatch busWatch;
    @RouteBean(value = "Makes an event fit into an entry of EventBridge", methods = "fit")
    final EventEntries eventEntries;
    @RouteBean("Whether an event may be over the limit of an entry")
    final MayBeTooLarge mayBeTooLarge;
    @RouteBean("Publishes an event together with others; the body becomes the attempt")
    final BusPublisher busPublisher;
    @RouteBean("The event of an exchange, also where the body is an attempt or an attempt has failed")
    final AttemptedEvent attemptedEvent;
    @RouteBean("Whether the body is an attempt that has succeeded")
    final PublishedAttempt publishedAttempt;
    @RouteBean("Starts the clock of how long a request may wait for attempts")
    final PublishDeadline publishDeadline;
    @RouteBean(value = "Whether a failed attempt is followed by another one, and when",
            methods = {"failUnlessPublished", "isRefused", "postpone", "shouldRetry"})
    final RetryPolicy retryPolicy;
    @RouteBean("Runs what it is given at once, on the thread that gives it")
    final SynchronousExecutorService callerRuns;
    @RouteBean(value = "Makes the data lake's notifications, and judges its answers",
            methods = {"isGivenUp", "isRefused", "lost", "make", "told"})
    final DataLakeNotifications dataLakeNotifications;
    @RouteBean(value = "Where the data lake is called, and the bounds of a call",
            methods = {"isUnwanted", "isWanted", "origin"})
    final DataLakeCalls dataLakeCalls;
    @RouteBean("The threads that call the data lake")
    final DataLakeThreads dataLakeThreads;
    @RouteBean("Whether there is no time left for a call that may take long")
    final BridgeIsStopping bridgeIsStopping;
    @RouteBean(value = "What waits for EventBridge", methods = "refuseTooOld")
    final Outbox outbox;
    @RouteBean("Whether an event has to go to the outbox without being tried first")
    final HasToQueue hasToQueue;
    @RouteBean("Waits for an attempt that was under way when its event came to the outbox")
    final LateAnswer lateAnswer;
    @RouteBean(value = "What cannot be delivered: listed, sent again, deleted",
            methods = {"delete", "deleteAll", "list", "replay", "replayAll"})
    final DeadLetters deadLetters;
    @RouteBean(value = "What would be answered to an event, and why",
            methods = {"deliver", "explain", "invalid", "refused"})
    final Explainer explainer;
    @RouteBean(value = "What waits in the outbox, listed", methods = "list")
    final WaitingEvents waitingEvents;
    @RouteBean(value = "Keeps an event that was refused; lists, finds and replays those that are kept",
            methods = {"find", "list", "mark", "replayed"})
    final RejectedEvents rejectedEvents;
    @RouteBean(value = "Counts a request in the books; balances them", methods = "balance")
    final Accounting accounting;
    @RouteBean(value = "A row of the outbox becomes an event again", methods = "unpack")
    final StoredEvents storedEvents;
    @RouteBean("The bounds of a call of CXone: 1 MB of answer, 30 seconds")
    final BoundedExchanges cxoneExchanges;
    @RouteBean(value = "CXone's token, until it is to be renewed; as a step, forgets it",
            methods = {"accessKeyRequest", "bearer", "clientCredentialsRequest", "failed", "isToBeRenewed", "keep"})
    final AccessToken accessToken;
    @RouteBean(value = "What has to be done so that CXone has our webhook, and how that stands",
            methods = {"addPage", "compare", "compareWithMade", "failed", "looked", "madeIsGone", "newListing",
                "seeWhatWasTaken", "suspectThatItWasInVain", "taken"})
    final WebhookRegistration webhookRegistration;
    @RouteBean("Whether it is this bridge that keeps the webhook registered")
    final RegistrationLease registrationLease;
    final BridgeHealth bridgeHealth;
    final StateLog stateLog;

    /**
     * Makes them, and starts what others find open when they are made. What a request can come to does not listen yet.
     *
     * @param ending is told what has to be ended, also where this throws
     */
    BridgeBeans(Groundwork groundwork, Ending ending) {
        Settings settings = groundwork.settings();
        ending.with("data directory", groundwork.dataDirectory());
        bridgeMetrics = new BridgeMetrics();
        ending.with("metrics", bridgeMetrics);
        managementServer = new ManagementServer(settings, bridgeMetrics);
        ending.with("management port", managementServer::stop);
        eventBridgeClient = groundwork.eventBridge();
        ending.with("EventBridge client", () -> eventBridgeClient.get().close());
        DeadLetterReasons deadLetterReasons = new DeadLetterReasons(bridgeMetrics);
        eventHistory = new EventHistory();
        undeduplicated = new Undeduplicated();
        auditLog = new AuditLog(settings, bridgeMetrics, eventHistory, undeduplicated);
        ending.with("audit log", auditLog);
        auditLog.start();
        requestLedger = new RequestLedger(bridgeMetrics);
        deliveryVerifier = new DeliveryVerifier(settings);
        Tracing tracing = new Tracing(settings.eventBus());
        ending.with("tracing", tracing);
        requestTracing = new RequestTracing(tracing);
        admissionLimit = new AdmissionLimit(settings, bridgeMetrics);
        mediaTypes = new MediaTypes();
        bodyReader = new BodyReader(settings);
        eventSchemaLoader = new EventSchemaLoader();
        replies = new Replies();
        jsonReader = new JsonReader();
        parsedJson = new ParsedJson();
        routingEventReader = new RoutingEventReader(settings);
        eventId = new EventId();
        steadyClock = new SteadyClock();
        Cluster cluster = Cluster.of(settings, steadyClock);
        ending.with("membership", cluster);
        cluster.join();
        Members members = cluster.members();
        store = members == null ? new Store(groundwork.dataDirectory(), steadyClock)
                : new Store(cluster.address(), members, steadyClock);
        ending.with("store", store);
        store.start();
        Claims claims = cluster.claims();
        bridgeMetrics.counter("bridge.undeduplicated",
                "Events about whose ids the bridges on the same store could not be asked", undeduplicated::count);
        watermarks = new Watermarks(settings);
        seenEvents = new SeenEvents(settings, store, claims, watermarks, undeduplicated);
        ending.with("ids of events", seenEvents);
        seenEventsLoaded = new SeenEventsLoaded(seenEvents);
        replyBudget = new ReplyBudget(settings);
        publishDeadline = new PublishDeadline(settings);
        idClaim = new IdClaim(seenEvents, seenEventsLoaded, watermarks, replyBudget, publishDeadline);
        idConfirmation = new IdConfirmation(seenEvents);
        firstOutcome = new FirstOutcome(replyBudget);
        reorderWindow = new ReorderWindow(settings);
        busCircuitBreaker = new BusCircuitBreaker(settings);
        cluster.publishing(busCircuitBreaker::isWell);
        busWatch = new BusWatch(eventBridgeClient, busCircuitBreaker, settings);
        eventEntries = new EventEntries(settings);
        mayBeTooLarge = new MayBeTooLarge(eventEntries);
        busPublisher = new BusPublisher(settings, eventEntries, busCircuitBreaker, bridgeMetrics, tracing);
        attemptedEvent = new AttemptedEvent();
        publishedAttempt = new PublishedAttempt();
        retryPolicy = new RetryPolicy(settings, busCircuitBreaker);
        callerRuns = new SynchronousExecutorService();
        dataLakeNotifications = new DataLakeNotifications(settings, store, bridgeMetrics, eventHistory,
                deadLetterReasons);
        dataLakeCalls = new DataLakeCalls(settings);
        dataLakeThreads = new DataLakeThreads();
        ending.with("calls of the data lake", dataLakeThreads::shutdown);
        bridgeIsStopping = new BridgeIsStopping();
        outbox = new Outbox(settings, busCircuitBreaker, store, seenEvents, bridgeMetrics, deadLetterReasons);
        hasToQueue = new HasToQueue(outbox);
        lateAnswer = new LateAnswer(busPublisher, outbox);
        deadLetters = new DeadLetters(store, outbox, seenEvents, bridgeMetrics);
        explainer = new Explainer(seenEvents, eventEntries, watermarks, outbox);
        waitingEvents = new WaitingEvents(store);
        rejectedEvents = new RejectedEvents(store);
        ending.with("rejected events", rejectedEvents::endThreads);
        accounting = new Accounting(outbox, bridgeMetrics, members);
        storedEvents = new StoredEvents(jsonReader, routingEventReader, eventEntries, retryPolicy, steadyClock);
        cxoneExchanges = new BoundedExchanges(CXONE_ANSWER_BYTES, CXONE_EXCHANGE);
        accessToken = new AccessToken(settings, bridgeMetrics);
        registrationLease = new RegistrationLease(members);
        webhookRegistration = new WebhookRegistration(settings, bridgeMetrics, registrationLease::isOurs);
        bridgeHealth = new BridgeHealth(busCircuitBreaker, webhookRegistration, outbox, accounting, auditLog,
                dataLakeNotifications, accessToken, groundwork.stopOrder(), cluster);
        stateLog = new StateLog(settings, busCircuitBreaker, busPublisher, dataLakeNotifications, outbox);
    }
}
