package org.routingbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.routingbridge.event.RoutingEvent;
import org.routingbridge.history.EventHistory;

class PageRowsTest {

    private static final Path PAGE = Path.of("src/main/resources/operations-page");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Report report = new Report(new PrintStream(printed, true, StandardCharsets.UTF_8));

    private static Row row(double perSecond, double cpu, double allocated, double otherPercent, boolean settled) {
        return new Row("bridge", "load", 1, perSecond, 0, Map.of(), 1, 2, 3, 4, cpu, 300, 9, 100, otherPercent, 5, 5,
                0, 1, settled, allocated, 0);
    }

    private static Cost.Pair pair(double perSecond, double cpu, double otherPercent, boolean settled) {
        return new Cost.Pair(row(perSecond, cpu, 22, otherPercent, settled), row(1000, 0.1, 20, 0, true));
    }

    @Test
    void theCostIsTheMedianOfThePairs() {
        // Given
        Cost cost = new Cost("stories", List.of(pair(900, 0.13, 0, true), pair(990, 0.101, 0, true),
                pair(980, 0.102, 0, true)));

        // When, Then
        assertThat(cost.more(Row::cpuPer1000)).containsExactly(new double[] {1, 2, 30}, within(1e-6));
        assertThat(cost.less(Row::eventsPerSecond)).containsExactly(new double[] {1, 2, 10}, within(1e-6));
        report.add(cost);
        report.sumUp(1, List.of());
        assertThat(printed()).containsPattern("cost of stories: CPU an event +2.0 %  1.0 to 30.0 in 3 pairs\\R")
                .containsPattern("cost of stories: events/s +2.0 %")
                .containsPattern("cost of stories: allocation an event +10.0 %");
    }

    @Test
    void pairsThatOthersDisturbedDoNotCount() {
        // Given
        report.add(new Cost("stories", List.of(pair(100, 1, 50, true), pair(990, 0.101, 0, false))));
        report.add(new Cost("page open", List.of(pair(100, 1, 6, true))));

        // When
        report.sumUp(1, List.of());

        // Then
        assertThat(printed())
                .containsPattern("stories: CPU an event +1.0 %  1.0 to 1.0 in 1 pairs, of which 1 not settled\\R")
                .containsPattern("cost of page open: CPU an event +none:  others disturbed each pair of rows\\R");
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** Loads the stories' classes anew, with a history that is switched off. */
    private static final class SilentHistory extends ClassLoader {

        SilentHistory() {
            super(EventHistory.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(EventHistory.class.getPackageName() + ".")) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? define(name) : loaded;
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] code = name.equals(EventHistory.class.getName()) ? StoriesSwitch.silentCode()
                        : in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void aHistoryThatIsSwitchedOffDoesNothingWhenItIsTold() throws Exception {
        // Given
        Class<?> silent = new SilentHistory().loadClass(EventHistory.class.getName());
        Method duplicate = silent.getMethod("duplicate", RoutingEvent.class);
        Method story = silent.getMethod("story", String.class);
        Object history = silent.getConstructor().newInstance();

        // When
        duplicate.invoke(history, new Object[] {null});

        // Then: what it is asked is answered as ever
        assertThatThrownBy(() -> new EventHistory().duplicate(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> story.invoke(history, "an-id")).isInstanceOf(InvocationTargetException.class)
                .cause().hasMessageContaining("no recent event of this id");
    }

    @Test
    void whatThreadsHaveAllocatedIsAddedUp() {
        // When, Then
        assertThat(Jcmd.allocatedBytes(List.of(
                "\"main\" #1 prio=5 os_prio=0 cpu=85.61ms elapsed=1.36s allocated=3451K defined_classes=510 tid=0x1",
                "   java.lang.Thread.State: RUNNABLE",
                "\"a b\" #7 daemon prio=5 os_prio=0 cpu=0.02ms elapsed=1.30s allocated=2G defined_classes=0 tid=0x2",
                "\"VM Thread\" os_prio=0 cpu=1.22ms elapsed=1.31s tid=0x3 nid=0x4 runnable")))
                .isEqualTo((3451L << 10) + (2L << 30));
    }

    @Test
    void thePageIsReadAsABrowserReadsIt() throws Exception {
        // Given
        String main = Files.readString(PAGE.resolve("main.js"));
        String api = Files.readString(PAGE.resolve("api.js"));
        String events = Files.readString(PAGE.resolve("events.js"));

        // Then
        assertThat(main).contains("const EVERY_MS = " + PageReader.EVERY_MILLIS + ";")
                .contains("Promise.all([api.accounting(), api.health(), api.metrics(),\n    api.events({limit: 1})])");
        assertThat(api).contains("'ops/accounting'", "'observe/health'", "'observe/metrics'", "'ops/events'");
        assertThat(events).contains("const PAGE = 50;", "limit: PAGE + 1");
        assertThat(PageReader.OVERVIEW).containsExactly("ops/accounting", "observe/health", "observe/metrics",
                "ops/events?limit=1");
        assertThat(PageReader.VIEW).isEqualTo("ops/events?limit=51");
    }
}
