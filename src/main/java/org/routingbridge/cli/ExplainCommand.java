package org.routingbridge.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.routingbridge.cli.ManagementPort.Answer;
import org.routingbridge.settings.ManagementAccess;

/**
 * {@code explain FILE}: what the bridge that runs would answer to an event, and by which check. Nothing is published,
 * kept or counted (contract, section 9).
 */
final class ExplainCommand implements Command {

    /** More than the largest body that any bridge may take, which is refused for its size all the same. */
    private static final int LARGEST = 16 * 1024 * 1024 + 1;
    private static final String STANDARD_INPUT = "-";
    private static final String AS_JSON = "--json";
    private static final int OK = 200;
    private static final int TOO_LARGE = 413;

    @Override
    public int run(List<String> given, PrintStream out, PrintStream err) throws Exception {
        Arguments arguments = new Arguments(given, Set.of(AS_JSON), Set.of());
        String file = arguments.rest(1, 1, "one file with an event, or - for standard input").get(0);
        byte[] event = read(file);
        ManagementPort bridge = new ManagementPort(ManagementAccess.load());
        Answer answer = bridge.post("/ops/explain", event);
        JsonNode explanation = answer.json();
        if (answer.status() == TOO_LARGE) {
            // the port reads no further than the webhook does, and its answer is the webhook's
            explanation = tooLarge(explanation);
        } else if (answer.status() != OK || !explanation.path("checks").isArray()) {
            throw bridge.refusal(answer);
        }
        if (arguments.has(AS_JSON)) {
            out.println(TerminalText.json(answer.status() == OK ? answer.body() : explanation.toString()));
        } else {
            lines(explanation).forEach(out::println);
        }
        return explanation.path("status").asInt() / 100 == 2 ? WELL : FINDINGS;
    }

    private static byte[] read(String file) {
        // standard input is left open, since it is not ours
        try (InputStream in = file.equals(STANDARD_INPUT) ? null : Files.newInputStream(Arguments.path(file))) {
            return (in == null ? System.in : in).readNBytes(LARGEST);
        } catch (NoSuchFileException e) {
            throw new WrongUse(file + ": there is no such file");
        } catch (IOException e) {
            throw new WrongUse(file + " cannot be read; name a file with one event in it");
        }
    }

    /** What a refusal of the port says, in an explanation's form. */
    private static JsonNode tooLarge(JsonNode refusal) {
        ObjectNode explanation = JsonNodeFactory.instance.objectNode()
                .put("outcome", refusal.path("error").asText("payload_too_large")).put("status", TOO_LARGE);
        explanation.putArray("checks").addObject().put("check", "body_size").put("result", "failed")
                .put("detail", refusal.path("message").asText("The body is too large"));
        return explanation;
    }

    /** The explanation in words: each check, then the reply, then the entry where there would be one. */
    static List<String> lines(JsonNode explanation) {
        List<String> lines = new ArrayList<>();
        for (JsonNode check : explanation.path("checks")) {
            String result = check.path("result").asText().replace('_', ' ');
            String detail = check.path("detail").asText("");
            lines.add(TerminalText.line(String.format(Locale.ROOT, "%-11s  %s", result,
                    detail.isEmpty() ? check.path("check").asText()
                            : String.format(Locale.ROOT, "%-10s  %s", check.path("check").asText(), detail))));
        }
        lines.add(TerminalText.line("The reply would be " + explanation.path("status").asInt() + " "
                + explanation.path("outcome").asText()));
        JsonNode entry = explanation.path("entry");
        if (entry.isObject()) {
            int chunks = entry.path("chunks").asInt(1);
            lines.add(TerminalText.line((chunks == 1 ? "The entry" : "The first of " + chunks + " entries")
                    + " would be " + entry.path("bytes").asInt() + " bytes: EventBusName "
                    + entry.path("EventBusName").asText() + ", Source " + entry.path("Source").asText()
                    + ", DetailType " + entry.path("DetailType").asText() + ", Time " + entry.path("Time").asText()));
        }
        return lines;
    }
}
