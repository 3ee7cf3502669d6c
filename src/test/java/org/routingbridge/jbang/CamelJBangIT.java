package org.routingbridge.jbang;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.routingbridge.it.BridgeJvm;
import org.routingbridge.it.BridgeSite;
import org.routingbridge.routes.RouteFault;
import org.routingbridge.simulator.EventFactory;
import org.routingbridge.simulator.SampleEvent;

/**
 * The same routes and properties as in the packaged bridge, run by Camel JBang's own {@code camel run --dev}. All cases
 * share one run; each leaves the route files as they are shipped, and reloaded.
 */
class CamelJBangIT {

    private static final String ROUTE = "routes/receive-routing-events.camel.yaml";
    private static final String EDITED_PATH = "/webhook/edited";
    private static final int SCREENFUL = 24;
    private static final String RELOADED = "Routes reloaded summary";
    private static final Duration UNTIL_RELOADED = Duration.ofSeconds(10);
    private static final JsonMapper JSON = new JsonMapper();

    private static BridgeSite site;
    private static BridgeJvm camel;
    private static String saidBeforeTheFirstEvent;

    private final EventFactory events = new EventFactory();

    @BeforeAll
    static void start() {
        site = new BridgeSite();
        camel = site.startMain(CamelRun.class, "--download=false").awaitReady();
        saidBeforeTheFirstEvent = camel.output();
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @AfterEach
    void asShipped() throws IOException {
        site.bus().clear();
        String shipped = Files.readString(Path.of(ROUTE));
        if (!site.read(ROUTE).equals(shipped)) {
            reloading(() -> site.write(ROUTE, shipped));
        }
    }

    /** A reload may answer before Camel has told of it: until then the next one could be taken for this one. */
    private static void reloading(Runnable save) {
        int before = camel.output().length();
        save.run();
        await("the saved route").atMost(UNTIL_RELOADED).until(() ->
                camel.output().substring(before).contains(RELOADED));
    }

    private static void editPath() {
        reloading(() -> site.edit(ROUTE, text -> text.replace("path: " + BridgeSite.PATH, "path: " + EDITED_PATH)));
    }

    @Test
    void repliesAreThoseOfThePackagedBridge() throws Exception {
        // Given
        SampleEvent event = events.validEvent();

        // When
        HttpResponse<String> first = site.post(BridgeSite.PATH, event.json());
        HttpResponse<String> again = site.post(BridgeSite.PATH, event.json());
        HttpResponse<String> bad = site.post(BridgeSite.PATH, events.validEvent().without("/timestamp").json());

        // Then
        assertThat(outcome(first)).isEqualTo("200 processed");
        assertThat(json(first).path("eventId").asText()).isEqualTo(event.id());
        assertThat(json(first).path("idempotencyToken").asText()).hasSize(36);
        assertThat(outcome(again)).isEqualTo("200 duplicate_skipped");
        assertThat(json(again).path("idempotencyToken")).isEqualTo(json(first).path("idempotencyToken"));
        assertThat(outcome(bad)).isEqualTo("400 schema_violation");
        assertThat(json(bad).at("/violations/0/path").asText()).isEqualTo("/timestamp");
        assertThat(first.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(site.bus().timesDelivered()).containsOnlyKeys(event.id()).containsEntry(event.id(), 1);
        assertThat(camel.output()).contains("Apache Camel (JBang)");
        assertThat(site.everythingWritten()).doesNotContain(BridgeSite.WEBHOOK_SECRET, BridgeSite.CLIENT_SECRET);
    }

    @Test
    void itSaysNoMoreThanAScreenfulBeforeTheFirstEventAndServesNothingElse() throws Exception {
        // When
        HttpResponse<String> first = site.post(BridgeSite.PATH, events.validEvent().json());

        // Then
        assertThat(outcome(first)).isEqualTo("200 processed");
        assertThat(saidBeforeTheFirstEvent.lines()).as(saidBeforeTheFirstEvent)
                .hasSizeLessThanOrEqualTo(SCREENFUL);
        assertThat(saidBeforeTheFirstEvent).contains("Bridge ready port=" + site.port()).doesNotContain("8080");
    }

    @Test
    void aSavedRouteFileCountsAtOnce() throws Exception {
        // Given
        assertThat(site.post(EDITED_PATH, events.validEvent().json()).statusCode()).isEqualTo(404);

        // When
        editPath();

        // Then
        SampleEvent event = events.validEvent();
        await().atMost(UNTIL_RELOADED).untilAsserted(() ->
                assertThat(site.post(EDITED_PATH, event.json()).statusCode()).isEqualTo(200));
        assertThat(site.bus().timesDelivered(event.id())).isEqualTo(1);
        assertThat(site.post(BridgeSite.PATH, event.json()).statusCode()).isEqualTo(404);
    }

    @Test
    void aMistakeInASavedRouteFileLeavesTheOldRouteRunning() throws Exception {
        // Given
        SampleEvent event = events.validEvent();
        int before = camel.output().length();

        // When
        site.edit(ROUTE, text -> text.replace("- process:", "- proces:"));

        // Then
        await().atMost(UNTIL_RELOADED).untilAsserted(() -> assertThat(camel.output().substring(before))
                .contains("Error reloading routes from file", "there is no step proces; did you mean process?"));
        assertThat(outcome(site.post(BridgeSite.PATH, event.json()))).isEqualTo("200 processed");
    }

    @Test
    void whatIsWrongInASavedRouteFileIsToldAndTheOldRouteAnswers() throws Exception {
        for (RouteFault fault : RouteFault.values()) {
            // When
            int before = camel.output().length();
            String file = "routes/" + fault.file();
            String good = site.read(file);
            site.edit(file, text -> text.replaceFirst(Pattern.quote(fault.before()),
                    Matcher.quoteReplacement(fault.after())));

            // Then
            await(fault.name()).atMost(UNTIL_RELOADED).untilAsserted(() ->
                    assertThat(camel.output().substring(before))
                            .contains("Error reloading routes", fault.said())
                            .containsPattern(fault.file().replace(".", "\\.") + ":\\d+"));
            assertThat(outcome(site.post(BridgeSite.PATH, events.validEvent().json()))).as(fault.name())
                    .isEqualTo("200 processed");
            site.write(file, good);
            if (good.contains("- route:")) {
                // Camel says nothing of a file of policies alone
                await(fault.name()).atMost(UNTIL_RELOADED).untilAsserted(() ->
                        assertThat(camel.output().substring(before)).contains(RELOADED));
            }
        }
    }

    @Test
    void aSavedFileMakesNoneOfTheBeansAgain() throws Exception {
        // Given
        SampleEvent event = events.validEvent();
        double processed = counted("processed");
        double skipped = counted("duplicate_skipped");
        assertThat(outcome(site.post(BridgeSite.PATH, event.json()))).isEqualTo("200 processed");

        // When
        editPath();

        // Then
        await().atMost(UNTIL_RELOADED).untilAsserted(() ->
                assertThat(outcome(site.post(EDITED_PATH, event.json()))).isEqualTo("200 duplicate_skipped"));
        assertThat(counted("processed")).isEqualTo(processed + 1);
        assertThat(counted("duplicate_skipped")).isEqualTo(skipped + 1);
    }

    private static double counted(String outcome) throws Exception {
        String sample = "bridge_events_total{outcome=\"" + outcome + "\"} ";
        return site.manage("/observe/metrics").body().lines().filter(line -> line.startsWith(sample))
                .mapToDouble(line -> Double.parseDouble(line.substring(sample.length()))).findFirst().orElse(0);
    }

    private static String outcome(HttpResponse<String> reply) throws Exception {
        JsonNode body = json(reply);
        return reply.statusCode() + " " + body.path("status").asText(body.path("error").asText());
    }

    private static JsonNode json(HttpResponse<String> reply) throws Exception {
        return JSON.readTree(reply.body());
    }
}
