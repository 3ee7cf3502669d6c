package org.routingbridge.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.routingbridge.failure.FailureText;
import org.routingbridge.settings.InvalidSettings;
import org.routingbridge.settings.Settings;

/**
 * {@code doctor}: whether the bridge has what it needs, with what mends each finding on the next line. It looks and
 * changes nothing (contract, section 9).
 */
final class DoctorCommand implements Command {

    /** For each look; they are taken side by side. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Override
    public int run(List<String> given, PrintStream out, PrintStream err) throws InterruptedException {
        new Arguments(given, Set.of(), Set.of()).rest(0, 0, "nothing");
        keepLibrariesQuiet();
        Settings.shown().forEach((name, value) -> out.println(name + " = " + TerminalText.line(value)));
        List<Observation> seen = new ArrayList<>();
        try {
            Settings settings = Settings.load();
            seen.add(tell(Observation.well("settings", "can be started with"), out));
            for (String warning : Settings.warnings()) {
                seen.add(tell(Observation.finding("settings", warning, "correct its name, or take it out where it is"
                        + " nobody's"), out));
            }
            examine(List.of(new AwsExamination(settings), new CxoneExamination(settings, PATIENCE),
                    new DataLakeExamination(settings, PATIENCE), new DiskExamination(settings),
                    new BridgeExamination(settings)), seen, out);
        } catch (InvalidSettings e) {
            for (String problem : e.problems()) {
                seen.add(tell(Observation.finding("settings", problem, "set it as in the example; nothing else is"
                        + " looked at before"), out));
            }
        }
        long findings = seen.stream().filter(Observation::isFinding).count();
        out.println(findings == 0 ? "All is well" : findings == 1 ? "1 finding" : findings + " findings");
        return findings == 0 ? WELL : FINDINGS;
    }

    /** What they would log is in what they throw, which is told. */
    private static void keepLibrariesQuiet() {
        System.setProperty("slf4j.internal.verbosity", "WARN");
        System.setProperty("slf4j.provider", "org.slf4j.helpers.NOP_FallbackServiceProvider");
    }

    private static Observation tell(Observation observation, PrintStream out) {
        observation.lines().forEach(out::println);
        return observation;
    }

    private static void examine(List<Examination> examinations, List<Observation> seen, PrintStream out)
            throws InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "doctor");
            thread.setDaemon(true);
            return thread;
        });
        long end = System.nanoTime() + PATIENCE.toNanos();
        Map<Examination, Future<List<Observation>>> looks = new LinkedHashMap<>();
        examinations.forEach(examination -> looks.put(examination, threads.submit(examination::look)));
        for (Map.Entry<Examination, Future<List<Observation>>> look : looks.entrySet()) {
            Examination examination = look.getKey();
            List<Observation> observations;
            try {
                observations = look.getValue().get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                observations = List.of(Observation.finding(examination.subject(), "no answer within "
                        + PATIENCE.toSeconds() + " s", examination.mend()));
            } catch (ExecutionException e) {
                observations = List.of(Observation.finding(examination.subject(), FailureText.of(e.getCause()),
                        examination.mend()));
            }
            observations.forEach(observation -> seen.add(tell(observation, out)));
        }
        threads.shutdownNow();
    }
}
