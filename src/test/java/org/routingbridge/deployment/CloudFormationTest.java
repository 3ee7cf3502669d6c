package org.routingbridge.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.routingbridge.InstalledPrograms;

/** The template in {@code cloudformation}: AWS's validator finds nothing in it; it allows what the documents say. */
class CloudFormationTest {

    private static final Path TEMPLATE = Path.of("cloudformation", "eventbridge.yaml");
    private static final Path LINT = Path.of(".ci", "cloudformation");
    private static final List<String> PARAMETERS = List.of("BridgeRole=bridge",
            "AlarmTopic=arn:aws:sns:eu-central-1:123456789012:alarms");
    private static final Pattern OF_EVENTBRIDGE = Pattern.compile("events:[A-Z]\\w+");

    /** The template, and what becomes of it with two mistakes, seen by one run: the validator starts for seconds. */
    private static final class Lint {

        private static final Path WRONG = Path.of("target", "programs", "wrong.yaml");
        private static final InstalledPrograms.Ended ENDED = run();

        private static InstalledPrograms.Ended run() {
            try {
                Files.createDirectories(WRONG.getParent());
                Files.writeString(WRONG, Files.readString(TEMPLATE).replace("RetentionDays", "RetentionDay")
                        .replace("!GetAtt RoutingEvents.Arn", "!GetAtt Nowhere.Arn"));
                List<String> command = new ArrayList<>(List.of("node", LINT.resolve("lint.mjs").toString(),
                        TEMPLATE.toString(), WRONG.toString()));
                command.addAll(PARAMETERS);
                return InstalledPrograms.run(null, command);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** What the validator says of one of the two. */
    private static List<String> found(Path template) {
        return Lint.ENDED.output().lines().filter(line -> line.startsWith(template + ":")).toList();
    }

    private static void assumeThereIsTheValidator() {
        InstalledPrograms.assumeThereIs("node", "nodejs");
        InstalledPrograms.assume(Files.isDirectory(LINT.resolve("node_modules")), "What npm ci in " + LINT
                + " brings");
    }

    private static Set<String> allowed(String text) {
        return OF_EVENTBRIDGE.matcher(text).results().map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void awsFindsNothingInTheTemplate() {
        // Given
        assumeThereIsTheValidator();

        // When
        List<String> found = found(TEMPLATE);

        // Then
        assertThat(found).containsExactly(TEMPLATE + ": OK 0");
    }

    @Test
    void awsFindsWhatIsWrong() {
        // Given
        assumeThereIsTheValidator();

        // When
        List<String> found = found(Lint.WRONG);

        // Then
        assertThat(String.join("\n", found)).contains("RetentionDay", "Nowhere");
        assertThat(Lint.ENDED.status()).as("templates with something wrong").isEqualTo(1);
    }

    @Test
    void theBridgeMayDoWhatTheDocumentsSay() throws IOException {
        // Given
        Set<String> documented = allowed(Files.readString(Path.of("docs", "operations.md")));

        // When
        Set<String> allowed = allowed(Files.readString(TEMPLATE));

        // Then
        assertThat(allowed).isEqualTo(documented).containsExactly("events:DescribeEventBus", "events:PutEvents");
    }
}
