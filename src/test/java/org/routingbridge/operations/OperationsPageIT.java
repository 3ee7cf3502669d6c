package org.routingbridge.operations;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.BridgeUnderTest;
import org.routingbridge.simulator.Fault;
import org.routingbridge.simulator.SampleEvent;

/** What an operator does on the operations page, in a browser (contract, section 9). */
@EnabledIf(value = "hasBrowser", disabledReason = "no Chromium on the path; -Dbrowser=<file> says where one is")
class OperationsPageIT {

    private static final String TOKEN = "the-token-of-the-operators";
    private static final int MANY = 1000;
    private static final int PAGE = 50;
    private static final int HEIGHT = 900;
    private static final List<String> VIEWS = List.of("overview", "events", "dead-letters", "rejected", "outbox",
            "explain");
    private static final String MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    private static final String REVERSED = "a\u202Egnp.exe";

    private static BridgeUnderTest bridge;
    private static OperatorsBrowser browser;

    static boolean hasBrowser() {
        return OperatorsBrowser.executable().isPresent();
    }

    @BeforeAll
    static void start() {
        bridge = new BridgeUnderTest().start();
        browser = new OperatorsBrowser();
    }

    @AfterAll
    static void close() {
        try {
            browser.close();
        } finally {
            bridge.close();
        }
    }

    @BeforeEach
    void calm() {
        bridge.calm();
        bridge.send(bridge.operation("/ops/dead-letters").DELETE());
    }

    @AfterEach
    void nothingForbiddenHappened() {
        List<String> misdeeds = browser.misdeeds();
        browser.closePages();
        assertThat(misdeeds).isEmpty();
    }

    private static String address(String view) {
        return "http://127.0.0.1:" + bridge.managementPort() + "/ops#" + view;
    }

    private static Page open(String view) {
        return browser.open(address(view));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator title(Page page, String name) {
        return page.getByRole(AriaRole.HEADING, new GetByRoleOptions().setName(name).setLevel(1));
    }

    /** A line of the list or table that is shown. */
    private static Locator line(Page page, String text) {
        return page.locator("tbody tr:visible", new Page.LocatorOptions().setHasText(text));
    }

    private static Locator caption(Page page) {
        return page.locator("caption:visible");
    }

    private static Locator field(Page page, String label) {
        return page.locator("label:visible", new Page.LocatorOptions().setHasText(Pattern.compile("^\\s*" + label)))
                .locator("input, select");
    }

    private static SampleEvent published() {
        SampleEvent event = bridge.newEvent();
        assertThat(bridge.post(event).outcome()).isEqualTo("200 processed");
        return event;
    }

    private static SampleEvent deadLetter(Fault fault) {
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, fault);
        assertThat(bridge.post(event).outcome()).isEqualTo("202 dead_lettered");
        return event;
    }

    private static SampleEvent rejected() {
        SampleEvent event = bridge.newEvent().without("/retryDirective");
        assertThat(bridge.post(event).outcome()).isEqualTo("400 schema_violation");
        return event;
    }

    @Test
    void theBooksAndTheStateOfEachPartAreSeenAtAGlance() {
        // Given
        published();

        // When
        Page page = open("");

        // Then
        assertThat(title(page, "Overview")).isVisible();
        assertThat(page.locator("#readiness")).containsText("Ready");
        assertThat(page.locator("#books-verdict")).containsText("every event is accounted for");
        assertThat(line(page, "received")).containsText(Long.toString(bridge.accounting().path("received").asLong()));
        assertThat(line(page, "together").first())
                .containsText(Long.toString(bridge.accounting().path("received").asLong()));
        assertThat(line(page, "EventBridge")).containsText("well");
        assertThat(line(page, "Outbox")).containsText("0 events wait; 0 % full");
        assertThat(line(page, "Data lake")).containsText("well");
        assertThat(line(page, "CXone token")).containsText("Registration is off");
        assertThat(line(page, "CXone registration")).containsText("off");
        assertThat(page.locator("[data-view=overview]")).containsText("the audit log, audit.jsonl, is what survives");
        OperatorsBrowser.picture(page, "overview-light");
    }

    @Test
    void thePaceShowsOnceEventsCome() {
        // Given
        Page page = open("overview");
        assertThat(page.locator("#readiness")).containsText("Ready");

        // When
        for (int i = 0; i < 20; i++) {
            published();
        }

        // Then
        Locator pace = page.locator("#pace");
        assertThat(pace.locator("div", new Locator.LocatorOptions().setHasText("reply p50")).locator("dd"))
                .hasText(Pattern.compile("(under|about) \\d+ ms"));
        assertThat(pace.locator("div", new Locator.LocatorOptions().setHasText("events a second")).locator("dd"))
                .not().hasText("0");
        assertThat(pace.locator("div", new Locator.LocatorOptions().setHasText("newest event")).locator("dd"))
                .hasText(Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d"));
    }

    @Test
    void whileEventBridgeIsAwayThePageSaysWhyAndWhatWaits() {
        // Given
        bridge.bus().goAway();
        SampleEvent event = bridge.newEvent();
        assertThat(bridge.post(event).outcome()).isEqualTo("202 queued");

        // When
        Page page = open("overview");

        // Then
        assertThat(line(page, "EventBridge").first()).containsText("away");
        assertThat(line(page, "Outbox")).containsText("1 event waits, the oldest for");
        OperatorsBrowser.picture(page, "overview-away");
        link(page, "Outbox 1").click();
        assertThat(title(page, "Outbox")).isFocused();
        assertThat(line(page, event.id()).locator("td").nth(1)).not().isEmpty();
        line(page, event.id()).getByText("Body").click();
        assertThat(line(page, event.id()).locator("pre")).containsText("\"queueId\": \"" + event.queueId() + "\"");
        bridge.bus().comeBack();
    }

    @Test
    void whileEventBridgeRefusesTheCredentialsThePageSaysThatTheBridgeIsNotReady() {
        // Given
        bridge.bus().faults().always(Fault.ACCESS_DENIED);
        bridge.post(bridge.newEvent());

        // When
        Page page = open("overview");

        // Then
        assertThat(page.locator("#readiness")).containsText("Not ready: EventBridge is misconfigured");
        assertThat(line(page, "EventBridge").first()).containsText("misconfigured");
    }

    @Test
    void whileTheDataLakeIsAwayThePageSaysWhy() {
        // Given
        bridge.dataLake().trouble().always(503);
        published();
        await().until(() -> bridge.metric("bridge_datalake_pending") == 1);

        // When
        Page page = open("overview");

        // Then
        assertThat(line(page, "Data lake")).containsText("503");
        assertThat(line(page, "Data lake")).containsText("1 notification waits");
    }

    @Test
    void theStoryOfAnEventIsFoundByItsId() {
        // Given
        SampleEvent event = bridge.newEvent();
        bridge.bus().faults().forEventId(event.id(), 1, Fault.THROTTLE_ENTRY);
        assertThat(bridge.post(event).outcome()).isEqualTo("200 processed");
        published();
        Page page = open("events");

        // When
        field(page, "Id, or how").fill(event.id().substring(0, 13));
        button(page, "Search").click();
        assertThat(caption(page)).hasText("The newest 1 that match");
        link(page, event.id()).click();

        // Then
        assertThat(title(page, "Event " + event.id())).isFocused();
        assertThat(page.locator("#story-facts")).containsText(event.queueId());
        assertThat(page.locator("#story-facts")).containsText("told");
        assertThat(line(page, "schema")).containsText("passed");
        assertThat(line(page, "attempt 1")).containsText("ThrottlingException");
        assertThat(line(page, "attempt 1")).containsText("ms");
        assertThat(line(page, "attempt 2")).containsText("success");
        OperatorsBrowser.picture(page, "story");
        link(page, "All events").click();
        assertThat(caption(page)).hasText("The newest 1 that match");
    }

    @Test
    void anEventThatNobodyKnowsIsSaidSo() {
        // When
        Page page = open("events/f0000000-0000-4000-8000-000000000000");

        // Then
        assertThat(page.getByRole(AriaRole.ALERT)).containsText("look in the audit log");
    }

    @Test
    void eventsAreFilteredByTypeQueueOutcomeAndTime() {
        // Given
        SampleEvent one = published();
        SampleEvent other = deadLetter(Fault.REFUSE_ENTRY);
        Page page = open("events");
        assertThat(line(page, one.id())).isVisible();

        // When
        field(page, "Outcome").selectOption("dead_lettered");
        field(page, "Queue").fill(other.queueId());
        field(page, "Type").fill(other.eventType());
        field(page, "Received from").fill("2026-01-01T00:00:01");
        button(page, "Search").click();

        // Then
        assertThat(line(page, other.id())).isVisible();
        assertThat(line(page, one.id())).isHidden();
        assertThat(page).hasURL(Pattern.compile(".*outcome=dead_lettered.*"));
        field(page, "before").fill("2026-01-01T00:00:02");
        button(page, "Search").click();
        assertThat(caption(page)).hasText("No events that match");
        button(page, "Clear").click();
        assertThat(line(page, one.id())).isVisible();
    }

    @Test
    void newEventsAppearByThemselvesUnlessUpdatesArePaused() {
        // Given
        SampleEvent first = published();
        Page page = open("events");
        assertThat(line(page, first.id())).isVisible();

        // When
        SampleEvent second = published();

        // Then
        assertThat(line(page, second.id())).isVisible();
        button(page, "Pause updates").click();
        assertThat(button(page, "Pause updates")).hasAttribute("aria-pressed", "true");
        SampleEvent third = published();
        button(page, "Search").click();
        assertThat(line(page, third.id())).isVisible();
    }

    @Test
    void nothingIsAskedWhileTheTabIsHidden() {
        // Given
        Page page = browser.newPage(OperatorsBrowser.WIDE, ColorScheme.LIGHT);
        page.addInitScript("Object.defineProperty(document, 'hidden', {get: () => window.isHiddenForTest === true})");
        page.clock().install();
        page.navigate(address("overview"));
        assertThat(page.locator("#as-of")).containsText("UTC");
        AtomicInteger asked = new AtomicInteger();
        page.onRequest(request -> asked.incrementAndGet());

        // When
        page.evaluate("window.isHiddenForTest = true; document.dispatchEvent(new Event('visibilitychange'))");
        page.clock().runFor(60_000);

        // Then
        assertThat(asked).hasValue(0);
        page.waitForResponse(response -> response.url().endsWith("/ops/accounting"), () -> page.evaluate(
                "window.isHiddenForTest = false; document.dispatchEvent(new Event('visibilitychange'))"));
    }

    @Test
    void oneDeadLetterIsReplayed() {
        // Given
        SampleEvent event = deadLetter(Fault.REFUSE_ENTRY);
        SampleEvent other = deadLetter(Fault.REFUSE_ENTRY);
        Page page = open("dead-letters");
        assertThat(caption(page)).hasText("1 to 2 of 2 dead letters, newest first");
        assertThat(line(page, event.id())).containsText("NotAuthorizedForSourceException");

        // When
        button(page, "Replay " + event.id()).click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText(event.id());
        assertThat(button(page, "Cancel")).isFocused();
        OperatorsBrowser.picture(page, "confirm");
        button(page, "Replay").click();

        // Then
        assertThat(page.locator("#done")).hasText("Replayed: " + event.id());
        assertThat(title(page, "Dead letters")).isFocused();
        assertThat(line(page, event.id())).isHidden();
        assertThat(line(page, other.id())).isVisible();
        await().until(() -> bridge.bus().timesDelivered(event.id()) == 1);
        assertThat(bridge.bus().timesDelivered(other.id())).isZero();
        assertThat(bridge.auditLines(event.id())).anyMatch(audit ->
                audit.path("action").asText().equals("OPERATOR_REPLAY"));
    }

    @Test
    void deadLettersAreReplayedByFilterOnceTheirNumberIsConfirmed() {
        // Given
        List<SampleEvent> meant = List.of(deadLetter(Fault.REFUSE_ENTRY), deadLetter(Fault.REFUSE_ENTRY));
        SampleEvent other = deadLetter(Fault.MALFORMED_ENTRY);
        Page page = open("dead-letters");
        assertThat(page.locator("[data-view=dead-letters] datalist option")).hasCount(2);
        field(page, "Reason").fill("NotAuthorizedForSourceException");
        button(page, "Show").click();
        assertThat(caption(page)).hasText("1 to 2 of 2 dead letters that match, newest first");

        // When
        button(page, "Replay all that match…").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Replay 2 dead letters?");
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("the reason NotAuthorizedForSourceException");
        button(page, "Cancel").click();
        assertThat(bridge.metric("bridge_dead_letters")).isEqualTo(3);
        button(page, "Replay all that match…").click();
        button(page, "Replay 2").click();

        // Then
        assertThat(page.locator("#done")).hasText("Replayed 2 dead letters");
        await().until(() -> meant.stream().allMatch(event -> bridge.bus().timesDelivered(event.id()) == 1));
        button(page, "Clear").click();
        assertThat(line(page, other.id())).isVisible();
        assertThat(caption(page)).hasText("1 to 1 of 1 dead letters, newest first");
    }

    @Test
    void deadLettersAreDeletedOneByOneAndAllTogether() {
        // Given
        SampleEvent event = deadLetter(Fault.REFUSE_ENTRY);
        deadLetter(Fault.REFUSE_ENTRY);
        deadLetter(Fault.MALFORMED_ENTRY);
        Page page = open("dead-letters");

        // When
        button(page, "Delete " + event.id()).click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("cannot be undone");
        page.keyboard().press("Escape");
        assertThat(button(page, "Delete " + event.id())).isFocused();
        assertThat(bridge.deadLetters(event.id())).hasSize(1);
        button(page, "Delete " + event.id()).click();
        button(page, "Delete").click();

        // Then
        assertThat(page.locator("#done")).hasText("Deleted: " + event.id());
        assertThat(bridge.deadLetters(event.id())).isEmpty();
        button(page, "Delete all that match…").click();
        button(page, "Delete 2").click();
        assertThat(page.locator("#done")).hasText("Deleted 2 dead letters");
        assertThat(caption(page)).hasText("No dead letters");
        assertThat(button(page, "Delete all that match…")).isDisabled();
    }

    @Test
    void whatWentAwayMeanwhileIsSaidSo() {
        // Given
        SampleEvent event = deadLetter(Fault.REFUSE_ENTRY);
        Page page = open("dead-letters");
        button(page, "Delete " + event.id()).click();

        // When
        bridge.send(bridge.operation("/ops/dead-letters/" + event.id()).DELETE());
        button(page, "Delete").click();

        // Then
        assertThat(page.getByRole(AriaRole.ALERT).first()).hasText("There is no dead letter of this id");
        assertThat(line(page, event.id())).isHidden();
    }

    @Test
    void aRejectedEventShowsWhyAndItsReplayIsRefusedForTheSameReason() {
        // Given
        SampleEvent event = rejected();
        Page page = open("rejected");
        assertThat(line(page, event.id())).containsText("schema_violation: /retryDirective");

        // When
        button(page, "Replay " + event.id()).click();
        button(page, "Replay").click();

        // Then
        assertThat(page.getByRole(AriaRole.ALERT).first()).not().isEmpty();
        assertThat(line(page, event.id())).isVisible();
    }

    @Test
    void aThousandDeadLettersAreReadPageByPage() {
        // Given
        bridge.bus().faults().always(Fault.REFUSE_ENTRY);
        List<CompletableFuture<BridgeUnderTest.Reply>> posts = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            posts.add(bridge.postAsync(bridge.newEvent().json()));
        }
        posts.forEach(post -> assertThat(post.join().outcome()).isEqualTo("202 dead_lettered"));

        // When
        Page page = open("dead-letters");

        // Then
        assertThat(caption(page)).hasText("1 to 50 of 1,000 dead letters, newest first");
        assertThat(page.locator("tbody tr:visible")).hasCount(PAGE);
        assertThat(link(page, "Dead letters 1,000")).isVisible();
        OperatorsBrowser.picture(page, "dead-letters-1000");
        assertThat(button(page, "Newer")).isDisabled();
        button(page, "Older").click();
        assertThat(caption(page)).hasText("51 to 100 of 1,000 dead letters, newest first");
        page.navigate(address("dead-letters?offset=950"));
        assertThat(caption(page)).hasText("951 to 1,000 of 1,000 dead letters, newest first");
        assertThat(button(page, "Older")).isDisabled();
        button(page, "Replay all that match…").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).containsText("Replay 1,000 dead letters?");
        bridge.bus().faults().none();
        button(page, "Replay 1,000").click();
        assertThat(page.locator("#done")).hasText("Replayed 1,000 dead letters");
    }

    @ParameterizedTest
    @ValueSource(ints = {OperatorsBrowser.WIDE, OperatorsBrowser.NARROW})
    void hostileTextIsShownAsTextAndHidesNothing(int width) {
        // Given
        String id = MARKUP + REVERSED + "\u0000\r\n" + bridge.newEvent().id();
        SampleEvent hostile = bridge.newEvent().with("id", id).with("eventType", "routing:" + MARKUP)
                .with("/routingContext/queueId", "\"><svg onload=alert(3)>" + "W".repeat(100))
                .with("__proto__", MARKUP).with("<img src=x onerror=alert(4)>", REVERSED);
        assertThat(bridge.post(hostile).outcome()).isEqualTo("400 schema_violation");
        SampleEvent valid = bridge.newEvent().with("eventType", "routing:" + MARKUP)
                .with("/routingContext/queueId", "\"><svg onload=alert(3)>" + "W".repeat(300))
                .with("/routingContext/" + "w".repeat(200), REVERSED + MARKUP).with("number", 12345678901234567000.0);
        bridge.bus().faults().forEventId(valid.id(), 1, Fault.MALFORMED_ENTRY);
        assertThat(bridge.post(valid).outcome()).isEqualTo("202 dead_lettered");

        // When
        Page page = browser.open(address("events"), width, ColorScheme.LIGHT);

        // Then
        assertThat(line(page, valid.id())).containsText("routing:" + MARKUP);
        assertThat(line(page, id.substring(id.length() - 36))).containsText("a\\u{202e}gnp.exe\\u{0}\\u{d}\\n");
        OperatorsBrowser.picture(page, "hostile-events-" + width);
        OperatorsBrowser.assertNoSidewaysScrolling(page);
        line(page, id.substring(id.length() - 36)).getByRole(AriaRole.LINK).click();
        assertThat(line(page, "schema").first()).containsText("failed");
        OperatorsBrowser.assertNoSidewaysScrolling(page);
        page.navigate(address("rejected"));
        line(page, "gnp.exe").first().getByText("Body").click();
        assertThat(line(page, "gnp.exe").first().locator("pre")).containsText("\"__proto__\": \"" + MARKUP);
        OperatorsBrowser.picture(page, "hostile-rejected-" + width);
        OperatorsBrowser.assertNoSidewaysScrolling(page);
        page.navigate(address("dead-letters"));
        line(page, valid.id()).getByText("Body").click();
        assertThat(line(page, valid.id()).locator("pre")).containsText("\\u202egnp.exe");
        // what is shown is still the same event
        button(page, "Explain " + valid.id()).click();
        button(page, "Explain").click();
        assertThat(answer(page)).containsText("200");
        OperatorsBrowser.assertNoSidewaysScrolling(page);
        assertThat(page.locator("main img, main svg, main script")).hasCount(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dead-letters/replay", "events?outcome=%zz&from=never", "events/%zz", "nothing",
        "__proto__", "constructor", "explain/<b>", "dead-letters?limit=x&offset=-1"})
    void anAddressThatIsMadeUpDoesNoHarm(String view) {
        // When
        Page page = open(view);

        // Then
        assertThat(page.locator("h1:visible")).hasCount(1);
        assertThat(page.locator("#readiness")).containsText("Ready");
    }

    @ParameterizedTest
    @EnumSource(value = ColorScheme.class, names = {"LIGHT", "DARK"})
    void eachViewIsAccessibleAndFitsANarrowScreen(ColorScheme scheme) {
        // Given
        SampleEvent event = deadLetter(Fault.REFUSE_ENTRY);
        rejected();
        bridge.bus().goAway();
        assertThat(bridge.post(bridge.newEvent()).outcome()).isEqualTo("202 queued");
        Page page = browser.open(address("overview"), OperatorsBrowser.WIDE, scheme);
        String suffix = scheme.name().toLowerCase(Locale.ROOT);

        for (String view : Stream.concat(VIEWS.stream(), Stream.of("events/" + event.id())).toList()) {
            // When
            page.navigate(address(view));
            assertThat(page.locator("h1:visible")).hasCount(1);
            if (!view.equals("explain")) {
                assertThat(page.locator("tbody tr:visible").first()).isVisible();
            }

            // Then
            String name = view.replaceAll("/.*", "-story") + "-" + suffix;
            for (int width : List.of(OperatorsBrowser.WIDE, OperatorsBrowser.NARROW)) {
                page.setViewportSize(width, HEIGHT);
                OperatorsBrowser.picture(page, name + "-" + width);
                OperatorsBrowser.assertNoSidewaysScrolling(page);
            }
            // what differs by colour and what differs by width are different rules: each is tried once
            page.setViewportSize(scheme == ColorScheme.LIGHT ? OperatorsBrowser.WIDE : OperatorsBrowser.NARROW, HEIGHT);
            OperatorsBrowser.assertAccessible(page);
        }
        bridge.bus().comeBack();
    }

    @Test
    void everythingCanBeDoneWithTheKeyboardAlone() {
        // Given
        SampleEvent event = deadLetter(Fault.REFUSE_ENTRY);
        Page page = open("overview");
        assertThat(page.locator("#readiness")).containsText("Ready");

        // When
        page.keyboard().press("Tab");
        assertThat(link(page, "Skip to the content")).isFocused();
        tabTo(page, "Dead letters 1");
        page.keyboard().press("Enter");
        assertThat(title(page, "Dead letters")).isFocused();
        assertThat(line(page, event.id())).isVisible();
        tabTo(page, "Body of " + event.id());
        page.keyboard().press("Enter");
        assertThat(page.locator("pre:visible")).containsText(event.queueId());
        tabTo(page, "Replay " + event.id());
        page.keyboard().press("Enter");
        assertThat(button(page, "Cancel")).isFocused();
        page.keyboard().press("Tab");
        page.keyboard().press("Enter");

        // Then
        assertThat(page.locator("#done")).hasText("Replayed: " + event.id());
        await().until(() -> bridge.bus().timesDelivered(event.id()) == 1);
    }

    private static void tabTo(Page page, String name) {
        for (int i = 0; i < 40; i++) {
            page.keyboard().press("Tab");
            Object focused = page.evaluate("document.activeElement.textContent.trim().replace(/\\s+/g, ' ')");
            if (name.equals(focused)) {
                return;
            }
        }
        throw new AssertionError("the focus never came to " + name);
    }

    @Test
    void theTokenIsAskedForKeptForTheTabAndForgotten() {
        // Given
        bridge.stop();
        bridge.with("bridge.ops.token", TOKEN).start();
        try {
            Page page = open("dead-letters");
            Locator dialog = page.getByRole(AriaRole.DIALOG);
            assertThat(dialog).containsText("The operators' token");
            assertThat(field(page, "Token")).isFocused();
            OperatorsBrowser.assertAccessible(page);

            // When
            field(page, "Token").fill("wrong");
            page.keyboard().press("Enter");
            assertThat(dialog).containsText("That is not the token");
            field(page, "Token").fill("\u00fcml\u00e4ut");
            page.keyboard().press("Enter");
            assertThat(dialog).containsText("That is not the token");
            OperatorsBrowser.picture(page, "token");
            field(page, "Token").fill(TOKEN);
            page.keyboard().press("Enter");

            // Then
            assertThat(dialog).isHidden();
            assertThat(page.locator("#readiness")).containsText("Ready");
            assertThat(caption(page)).containsText("No dead letters");
            assertThat(page.url()).doesNotContain(TOKEN);
            assertThat(page.content()).doesNotContain(TOKEN);
            page.reload();
            assertThat(caption(page)).containsText("No dead letters");
            assertThat(page.context().cookies()).isEmpty();
            button(page, "Forget the token").click();
            assertThat(dialog).containsText("The operators' token");
            Page other = open("overview");
            assertThat(other.getByRole(AriaRole.DIALOG)).containsText("The operators' token");
        } finally {
            bridge.stop();
            bridge.without("bridge.ops.token").start();
        }
    }

    @Test
    void aBridgeThatDoesNotAnswerIsSaidSoAndSeenAgain() {
        // Given
        Page page = open("overview");
        assertThat(page.locator("#readiness")).containsText("Ready");
        page.onConsoleMessage(message -> browser.misdeeds());

        // When
        bridge.stop();

        // Then
        assertThat(page.locator("#readiness")).containsText("The bridge does not answer");
        bridge.start();
        assertThat(page.locator("#readiness")).containsText("Ready");
        browser.misdeeds();
    }

    @Test
    void explainSaysWhyAnEventIsRefused() {
        // Given
        SampleEvent event = rejected();
        Page page = open("rejected");

        // When
        button(page, "Explain " + event.id()).click();
        assertThat(title(page, "Explain")).isFocused();
        button(page, "Explain").click();

        // Then
        assertThat(answer(page)).isFocused();
        assertThat(answer(page)).containsText("400 ✕ schema_violation");
        assertThat(line(page, "/retryDirective")).containsText("failed");
        assertThat(line(page, "ordering")).containsText("not reached");
        assertThat(page.locator("#explained-entry")).hasText("None");
        OperatorsBrowser.picture(page, "explained");
        OperatorsBrowser.assertAccessible(page);
    }

    @Test
    void explainShowsTheEntryThatWouldBeSentAndSendsNothing() {
        // Given
        SampleEvent event = bridge.newEvent();
        Page page = open("explain");

        // When
        page.getByLabel("Event, as JSON").fill(event.json());
        button(page, "Explain").click();

        // Then
        assertThat(answer(page)).containsText("200 ✓ processed");
        assertThat(page.locator("#explained-entry")).containsText("\"EventBusName\": \"" + BridgeUnderTest.BUS);
        assertThat(page.locator("#explained-entry")).containsText("\"queueId\": \"" + event.queueId());
        assertThat(page.locator("#explained-entry")).containsText("\"idempotencyToken\"");
        assertThat(bridge.bus().timesDelivered(event.id())).isZero();
        page.getByLabel("Event, as JSON").fill("{\"id\":");
        button(page, "Explain").click();
        assertThat(answer(page)).containsText("400 ✕ malformed_json");
    }

    private static Locator answer(Page page) {
        return page.getByRole(AriaRole.HEADING, new GetByRoleOptions().setLevel(2).setName("It would be answered"));
    }
}
