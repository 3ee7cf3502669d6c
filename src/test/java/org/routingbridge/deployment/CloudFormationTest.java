package org.routingbridge.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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

/** The template in {@code cloudformation}: AWS's validator finds nothing in it, and it allows what the documents say. */
class CloudFormationTest {

    private static final Path TEMPLATE = Path.of("cloudformation", "eventbridge.yaml");
    private static final Path LINT = Path.of(".ci", "cloudformation");
    private static final List<String> PARAMETERS = List.of("BridgeRole=bridge",
            "AlarmTopic=arn:aws:sns:eu-central-1:123456789012:alarms");
    private static final Pattern OF_EVENTBRIDGE = Pattern.compile("events:[A-Z]\\w+");

    private static InstalledPrograms.Ended lint(Path template) throws IOException, InterruptedException {
        InstalledPrograms.assumeThereIs("node", "nodejs");
        InstalledPrograms.assume(Files.isDirectory(LINT.resolve("node_modules")), "What npm ci in " + LINT
                + " brings");
        List<String> command = new ArrayList<>(List.of("node", LINT.resolve("lint.mjs").toString(),
                template.toString()));
        command.addAll(PARAMETERS);
        return InstalledPrograms.run(null, command);
    }

    private static Set<String> allowed(String text) {
        return OF_EVENTBRIDGE.matcher(text).results().map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void awsFindsNothingInTheTemplate() throws Exception {
        assertThat(lint(TEMPLATE)).isEqualTo(new InstalledPrograms.Ended(0, ""));
    }

    @Test
    void awsFindsWhatIsWrong() throws Exception {
        // Given
        Path wrong = Files.createDirectories(Path.of("target", "programs")).resolve("wrong.yaml");
        Files.writeString(wrong, Files.readString(TEMPLATE).replace("RetentionDays", "RetentionDay")
                .replace("!GetAtt RoutingEvents.Arn", "!GetAtt Nowhere.Arn"));

        // When
        InstalledPrograms.Ended found = lint(wrong);

        // Then
        assertThat(found.status()).isEqualTo(1);
        assertThat(found.output()).contains("RetentionDay", "Nowhere");
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
