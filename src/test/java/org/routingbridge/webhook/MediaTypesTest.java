package org.routingbridge.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.routingbridge.event.Delivery;
import org.routingbridge.event.EventsForTests;
import org.routingbridge.event.Refusal;
import org.routingbridge.event.Refused;

class MediaTypesTest {

    private final MediaTypes mediaTypes = new MediaTypes();

    private void check(Map<String, String> headers) {
        mediaTypes.check(new Delivery(headers::get, null, EventsForTests.RECEIVED_AT));
    }

    private void assertRefused(Map<String, String> headers) {
        Refused refused = catchThrowableOfType(Refused.class, () -> check(headers));
        assertThat(refused).isNotNull();
        assertThat(refused.refusal()).isEqualTo(Refusal.UNSUPPORTED_MEDIA_TYPE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "Application/JSON", " application/json ",
            "application/json;charset=utf-8",
        "application/json; charset=UTF-8", "application/json;charset=\"utf-8\"", "application/json ; Charset = Utf-8",
        "application/cloudevents+json", "application/vnd.nice.cxone-v1+json; charset=utf-8", "application/json;v=1",
        "application/json;"})
    void jsonInUtf8Passes(String type) {
        // When, Then
        assertThatCode(() -> check(Map.of("Content-Type", type))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text/plain", "text/json", "application/jsonx", "application/xjson",
            "application/json+xml",
        "application/+json", "application/a/b+json", "application/x-www-form-urlencoded", "multipart/form-data",
        "application/json, text/plain", "application/json;charset=iso-8859-1", "application/json;charset=utf-16",
        "application/json;charset=", "application/json;v=1;charset=latin1", "application/json; charset=\"us-ascii\"",
        "application/json;charset=utf-8;charset=latin1", "json", "*/*"})
    void anythingElseIsRefused(String type) {
        // When, Then
        assertRefused(Map.of("Content-Type", type));
    }

    @Test
    void noTypeAtAllIsRefused() {
        // When, Then
        assertRefused(Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "deflate", "identity", ""})
    void aContentEncodingIsRefused(String encoding) {
        // When, Then
        assertRefused(Map.of("Content-Type", "application/json", "Content-Encoding", encoding));
    }
}
