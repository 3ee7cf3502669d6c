package org.routingbridge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.junit.jupiter.api.Test;

class ExplainCommandTest {

    @Test
    void anExplanationIsReadLineByLine() throws Exception {
        // When
        List<String> lines = ExplainCommand.lines(new JsonMapper().readTree("""
                {"outcome": "processed", "status": 200, "checks": [
                  {"check": "json", "result": "passed"},
                  {"check": "entry_size", "result": "passed", "detail": "Too large as it is; would be trimmed"}],
                 "entry": {"EventBusName": "bus", "Source": "nice", "DetailType": "routing:x", "Time": "2026-01-05",
                  "Detail": "{}", "bytes": 900}}"""));

        // Then
        assertThat(lines).containsExactly(
                "passed       json",
                "passed       entry_size  Too large as it is; would be trimmed",
                "The reply would be 200 processed",
                "The entry would be 900 bytes: EventBusName bus, Source nice, DetailType routing:x, Time 2026-01-05");
    }

    @Test
    void whatAnEventWritesIntoItsRefusalStaysOnItsLine() throws Exception {
        // When
        List<String> lines = ExplainCommand.lines(new JsonMapper().readTree("""
                {"outcome": "schema_violation", "status": 400, "checks": [
                  {"check": "schema", "result": "failed", "detail": "/x\\u001b[2J\\npassed  all"},
                  {"check": "ordering", "result": "not_reached"}]}"""));

        // Then
        assertThat(lines).containsExactly(
                "failed       schema      /x\\u001b[2J\\u000apassed  all",
                "not reached  ordering",
                "The reply would be 400 schema_violation");
    }
}
